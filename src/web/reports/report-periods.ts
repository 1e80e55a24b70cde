import { DateTime } from 'luxon';
import { daysOfPeriod, type RelativePeriod } from '../../domains/reports/engine/index.js';

/* The period of a report as a page asks for it: by name or by its first and its last day, both of them in it. */

export const periodNames = {
  today: 'Today',
  'last-7-days': 'Last 7 days',
  'last-30-days': 'Last 30 days',
  'this-month': 'This month',
  'last-month': 'Last month',
  'this-quarter': 'This quarter',
  'last-12-months': 'Last 12 months',
  'this-year': 'This year',
  'last-year': 'Last year',
  all: 'All time',
  custom: 'Other dates',
} as const;
export type PeriodName = keyof typeof periodNames;
export const usualPeriod: PeriodName = 'last-12-months';

/** Those that move on with the calendar, as the reports name them. */
export const movingPeriods: Readonly<Partial<Record<PeriodName, RelativePeriod>>> = {
  today: 'today',
  'last-7-days': 'last_7_days',
  'last-30-days': 'last_30_days',
  'this-month': 'this_month',
  'last-month': 'last_month',
  'this-quarter': 'this_quarter',
  'last-12-months': 'last_12_months',
  'this-year': 'this_year',
  'last-year': 'last_year',
};

/** What the pages call a period of the reports; undefined for one that they do not offer. */
export const nameOfPeriod = (period: RelativePeriod | null): PeriodName | undefined =>
  (Object.keys(movingPeriods) as PeriodName[]).find((name) => movingPeriods[name] === period);

/** Half-open, as the reports take it; days as `YYYY-MM-DD`. */
export interface Days {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const dayOf = (at: DateTime): string => at.toFormat('yyyy-MM-dd');
const read = (day: string): DateTime => DateTime.fromISO(day, { zone: 'utc' });

export interface PeriodQuery {
  readonly period?: PeriodName | undefined;
  readonly from?: string | undefined;
  /** The last day. */
  readonly through?: string | undefined;
}

/** Dates count when no period is named, or other dates are. */
export const periodOf = ({ period, from, through }: PeriodQuery): PeriodName =>
  period ?? (from !== undefined || through !== undefined ? 'custom' : usualPeriod);

/** The days that a query means on the day `today`. */
export function daysOf(query: PeriodQuery, today: string): Days {
  const period = periodOf(query);
  const moving = movingPeriods[period];
  if (moving) return daysOfPeriod(moving, read(today).toJSDate(), 'UTC');
  if (period === 'all') return {};
  const { from, through } = query;
  return { from, to: through === undefined ? undefined : dayOf(read(through).plus({ days: 1 })) };
}

/**
 * As many whole months before, or as many days; undefined when an end is open. Of a period that is not over, as many days of the one
 * before as have passed of it on the day `today`: like is compared with like.
 */
export function daysBefore({ from, to }: Days, today: string): Days | undefined {
  if (from === undefined || to === undefined || from >= to) return undefined;
  const [start, end] = [read(from), read(to)];
  const months = end.diff(start, 'months').months;
  const isMonths = start.day === 1 && Number.isInteger(months);
  const first = start.minus(isMonths ? { months } : { days: end.diff(start, 'days').days });
  const passed = read(today).plus({ days: 1 }).diff(start, 'days').days;
  const isOver = passed <= 0 || read(today) >= end;
  const last = isOver ? start : DateTime.min(start, first.plus({ days: passed }));
  return { from: dayOf(first), to: dayOf(last) };
}

const words = (at: DateTime, format: string): string => at.setLocale('en-GB').toFormat(format);

/** `2025`, `March 2025`, `1 January to 31 March 2025`, `since 1 March 2025`, `all time`. */
export function periodWords({ from, to }: Days): string {
  const start = from === undefined ? undefined : read(from);
  const last = to === undefined ? undefined : read(to).minus({ days: 1 });
  const long = 'd MMMM yyyy';
  if (!start && !last) return 'all time';
  if (!last) return `since ${words(start!, long)}`;
  if (!start) return `until ${words(last, long)}`;
  const isWholeOf = (unit: 'year' | 'month'): boolean =>
    start.equals(start.startOf(unit)) && dayOf(last) === dayOf(start.endOf(unit));
  if (isWholeOf('year')) return words(start, 'yyyy');
  if (isWholeOf('month')) return words(start, 'MMMM yyyy');
  if (dayOf(start) === dayOf(last)) return words(start, long);
  const isSameYear = start.year === last.year;
  const isMonths = start.day === 1 && dayOf(last) === dayOf(last.endOf('month'));
  if (isMonths) return `${words(start, isSameYear ? 'MMMM' : 'MMMM yyyy')} to ${words(last, 'MMMM yyyy')}`;
  return `${words(start, isSameYear ? 'd MMMM' : long)} to ${words(last, long)}`;
}
