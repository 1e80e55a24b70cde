import { invalidField } from '../../../lib/errors.js';
import { daysOfPeriod, hasTotal, type AnyReport, type Column, type Row } from '../engine/index.js';
import type { Target, TargetDays, TargetDirection, TargetStanding } from './targets.types.js';

/** Rates are told to four decimals, amounts to two. */
const scaled = (value: number): number => Math.round(value * 10_000);

/** Whether a figure is where it is to be. */
export function isMet(figure: number, direction: TargetDirection, goal: number): boolean {
  return direction === 'at_least' ? scaled(figure) >= scaled(goal) : scaled(figure) <= scaled(goal);
}

/** The figure of all rows; null where there is none, or it is hidden. */
export function figureOf({ figure }: Pick<Target, 'figure'>, totals: Row | undefined): number | null {
  const value = Number(totals?.[figure] ?? NaN);
  return Number.isFinite(value) ? value : null;
}

const takesTarget = (column: Column, { key }: AnyReport): boolean =>
  !key.includes(column.name) && column.type !== 'text' && column.type !== 'month' && hasTotal(column);

/** The columns of a report that a target can be of. */
export const targetColumns = (report: AnyReport): readonly Column[] =>
  report.columns.filter((column) => takesTarget(column, report));

/** Throws `invalid_request` that names what such a figure cannot be. */
export function checkFigure(report: AnyReport, figure: string, goal: number): void {
  const columns = targetColumns(report);
  const column = columns.find(({ name }) => name === figure);
  if (!column) {
    const names = columns.map(({ name }) => name).join(', ');
    throw invalidField('/body/figure', `must be one of ${names}`);
  }
  if (column.type === 'count' && !Number.isInteger(goal))
    throw invalidField('/body/goal', 'must be a whole number: the figure is a count');
  if (column.type === 'rate' && goal > 1)
    throw invalidField('/body/goal', 'must be from 0 to 1: the figure is a rate, and 0.08 is 8 %');
  if (scaled(goal) / 10_000 !== goal) throw invalidField('/body/goal', 'has more than four decimals');
}

/** Throws `invalid_request` unless there is one of the two, and days in their order. */
export function checkPeriod({ period, from, to }: Pick<Target, 'period' | 'from' | 'to'>): void {
  if (period !== null) {
    if (from !== null) throw invalidField('/body/from', 'does not go together with period');
    if (to !== null) throw invalidField('/body/to', 'does not go together with period');
    return;
  }
  if (from === null) throw invalidField('/body/from', 'is needed where there is no period');
  if (to === null) throw invalidField('/body/to', 'is needed beside from');
  if (from >= to) throw invalidField('/body/to', 'must be after from');
}

/** `YYYY-MM-DD` */
export const dayText = (day: Date): string => day.toISOString().slice(0, 10);

/** The days that it is about at the moment `now`. */
export const daysOfTarget = ({ period, from, to }: Target, now: Date, timeZone: string): TargetDays =>
  period === null ? { from: dayText(from!), to: dayText(to!) } : daysOfPeriod(period, now, timeZone);

/**
 * Whether somebody is to be told: the figure was on one side and is on the other. A period that begins anew, as a month does, begins
 * without a figure before it; one that moves on day by day goes on.
 */
export function isCrossing(before: TargetStanding | null, is_met: boolean, days: TargetDays): boolean {
  return before !== null && before.is_met !== is_met && days.from < before.days.to;
}

/** Versions of rows rise in each store: what was seen in older rows than is known already counts for nothing. */
export function isNewer(seen: string | null, known: string | null): boolean {
  if (seen === null || known === null) return true;
  const before = known.split('-').map(BigInt);
  return seen.split('-').every((part, at) => BigInt(part) >= (before[at] ?? 0n));
}
