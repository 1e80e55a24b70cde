import { addsUp, type AnyReport, type Column, type Value } from '../../domains/reports/engine/index.js';
import {
  dayText,
  directionWords,
  isMet,
  daysOfTarget,
  type Target,
} from '../../domains/reports/targets/index.js';
import type { Chart } from '../../lib/chart.types.js';
import type { TargetView } from './report-headlines.page.js';
import { figureText } from './report-format.js';
import type { Days } from './report-periods.js';

/* What figures are to be, beside them and in their chart. */

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

const monthAfter = (month: string): string => {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
};

/** The number that it says of a month; null where it says none: a sum of a year is none of its months'. */
function goalIn(target: Target, month: string, column: Column): number | null {
  const { period, from, to, goal } = target;
  if (period !== null)
    return !addsUp(column) || period === 'this_month' || period === 'last_month' ? goal : null;
  const [first, next] = [`${month}-01`, `${monthAfter(month)}-01`];
  const [begin, end] = [dayText(from!), dayText(to!)];
  const isOf = addsUp(column) ? begin === first && end === next : begin < next && end > first;
  return isOf ? goal : null;
}

/** The same with a line for each target that says something of its months. */
export function withTargets(chart: Chart, { all }: TargetsOf, { columns }: AnyReport): Chart {
  if (chart.kind === 'heat-map' || !chart.categories.every((category) => /^\d{4}-\d\d$/.test(category)))
    return chart;
  const targets = (chart.figures ?? []).flatMap((figure) => {
    const column = columns.find(({ name }) => name === figure)!;
    return all
      .filter((target) => target.figure === figure)
      .map((target) => ({
        name: `${column.title}, ${directionWords[target.direction]}`,
        values: chart.categories.map((month) => goalIn(target, month, column)),
      }))
      .filter(({ values }) => values.some((value) => value !== null));
  });
  return targets.length === 0 ? chart : { ...chart, targets };
}
