import { DateTime } from 'luxon';
import type { Period } from '../../../lib/period.js';
import { remembered } from '../../../lib/remembered.js';
import { years } from '../../../lib/time.js';
import { dayMs, localMillis } from './clocks.js';

/*
 * The periods that figures are kept by: everything, each calendar year, month and day, named `all`, `2025`, `2025-03` and
 * `2025-03-15`. Figures of parts add up, so any run of whole days is the sum of a few of them.
 */

const named = new Map<string, readonly [string, string, string, string]>();

/** All the periods that an instant is in, in `zone`. */
export function periodsOf(instant: Date, zone: string): readonly [string, string, string, string] {
  const day = dayOf(instant, zone);
  let periods = named.get(day);
  if (!periods) named.set(day, (periods = ['all', day.slice(0, 4), day.slice(0, 7), day]));
  return periods;
}

const days = new Map<number, string>();

/** `YYYY-MM-DD`. */
export function dayOf(instant: Date, zone: string): string {
  const number = dayNumber(instant, zone);
  let day = days.get(number);
  if (day === undefined) {
    day = DateTime.fromMillis(number * dayMs, { zone: 'UTC' }).toFormat('yyyy-MM-dd');
    days.set(number, day);
  }
  return day;
}

/** Where the one after begins, which is not midnight where clocks are put forward then. */
const next = (at: DateTime, unit: 'year' | 'month' | 'day'): DateTime => at.plus({ [unit]: 1 }).startOf(unit);

/**
 * The fewest periods that make up a half-open one, in order; undefined when an end is not midnight in `zone`. What lies before
 * or after the years that we take does not exist.
 */
export function coveringPeriods({ from, to }: Period, zone: string): string[] | undefined {
  if (!from && !to) return ['all'];
  const start = from
    ? DateTime.fromJSDate(from, { zone })
    : DateTime.fromObject({ year: years.first }, { zone });
  const end = to
    ? DateTime.fromJSDate(to, { zone })
    : DateTime.fromObject({ year: years.last + 1 }, { zone });
  if (!start.equals(start.startOf('day')) || !end.equals(end.startOf('day'))) return undefined;
  const periods: string[] = [];
  for (let at: DateTime = start; at < end;) {
    const unit = (['year', 'month', 'day'] as const).find(
      (one) => at.equals(at.startOf(one)) && next(at, one) <= end,
    )!;
    periods.push(at.toFormat(unit === 'year' ? 'yyyy' : unit === 'month' ? 'yyyy-MM' : 'yyyy-MM-dd'));
    at = next(at, unit);
  }
  return periods;
}

/** Of a calendar month, the days that are in a period; null: all of them. */
export interface MonthPart {
  /** `YYYY-MM`. */
  readonly month: string;
  /** `01` to `31`. */
  readonly days: readonly string[] | null;
}

/** The months that a half-open period of whole days touches, in order; undefined when an end is not midnight in `zone`. */
export function monthParts(from: Date, to: Date, zone: string): MonthPart[] | undefined {
  const periods = coveringPeriods({ from, to }, zone);
  if (!periods) return undefined;
  const parts: MonthPart[] = [];
  for (const period of periods) {
    const [year, month, day] = period.split('-');
    if (day !== undefined) {
      const last = parts.at(-1);
      if (last?.days && last.month === `${year}-${month}`)
        parts[parts.length - 1] = { ...last, days: [...last.days, day] };
      else parts.push({ month: `${year}-${month}`, days: [day] });
    } else if (month !== undefined) parts.push({ month: period, days: null });
    else
      for (let n = 1; n <= 12; n++)
        parts.push({ month: `${year}-${String(n).padStart(2, '0')}`, days: null });
  }
  return parts;
}

/** The kinds of period that figures are kept by. */
export const spans = ['all', 'year', 'month'] as const;

/** A run of whole calendar months. */
export interface MonthRun {
  /** The first month; null when it has no beginning. */
  readonly from: string | null;
  /** The month after the last one; null when it has no end. */
  readonly to: string | null;
  /** The period that it is as a whole, where there is one. */
  readonly single: { readonly span: (typeof spans)[number]; readonly period: string } | null;
}

function monthRunOf({ from, to }: Period, zone: string): MonthRun | undefined {
  const [start, end] = [from, to].map((at) => at && DateTime.fromJSDate(at, { zone }));
  for (const at of [start, end]) if (at && !at.equals(at.startOf('month'))) return undefined;
  const names = { from: start?.toFormat('yyyy-MM') ?? null, to: end?.toFormat('yyyy-MM') ?? null };
  return { ...names, single: single() };

  function single(): MonthRun['single'] {
    if (!start || !end) return start || end ? null : { span: 'all', period: 'all' };
    if (next(start, 'month').equals(end)) return { span: 'month', period: names.from! };
    const isYear = start.equals(start.startOf('year')) && next(start, 'year').equals(end);
    return isYear ? { span: 'year', period: String(start.year).padStart(4, '0') } : null;
  }
}

/** Undefined when an end is not midnight of the first of a month in `zone`. */
export const monthRun = remembered(
  monthRunOf,
  ({ from, to }, zone) => `${zone} ${from?.getTime()} ${to?.getTime()}`,
);

/** The condition of a `$match` on documents that are kept by `span` and `period`. */
export function inRun({ from, to, single }: MonthRun): Readonly<Record<string, unknown>> {
  if (single) return { span: single.span, period: single.period };
  return { span: 'month', period: { ...(from ? { $gte: from } : {}), ...(to ? { $lt: to } : {}) } };
}

/** Days since 1970-01-01 of the calendar day in `zone`: their differences are numbers of midnights. */
export const dayNumber = (instant: Date, zone: string): number =>
  Math.floor(localMillis(instant, zone) / dayMs);
