import type { Column, Value } from '../../domains/reports/engine/index.js';
import { directionWords, isMet, daysOfTarget, type Target } from '../../domains/reports/targets/index.js';
import type { TargetView } from './report-headlines.page.js';
import { figureText } from './report-format.js';
import type { Days } from './report-periods.js';

/* What figures are to be, beside them. */

export interface TargetsOf {
  /** Those of the report and the places that were asked about, whatever their period. */
  readonly all: readonly Target[];
  /** What was asked about. */
  readonly days: Days;
  readonly now: Date;
  readonly timeZone: string;
}

interface Units {
  readonly currency: string;
  readonly timeZone: string;
}

/** `at most 8.00%` */
export function goalText({ direction, goal }: Target, column: Column, { currency, timeZone }: Units): string {
  const value = column.type === 'money' ? goal.toFixed(2) : goal;
  return `${directionWords[direction]} ${figureText(value, column, currency, timeZone)}`;
}

/** The one of just the days that were asked about. */
export function targetFor(
  { all, days, now, timeZone }: TargetsOf,
  column: Column,
  value: Value,
  units: Units,
): TargetView | undefined {
  const target = all.find((one) => {
    const { from, to } = daysOfTarget(one, now, timeZone);
    return one.figure === column.name && from === days.from && to === days.to;
  });
  if (!target) return undefined;
  const figure = value === null ? NaN : Number(value);
  return {
    text: goalText(target, column, units),
    isMet: Number.isFinite(figure) ? isMet(figure, target.direction, target.goal) : null,
  };
}
