import { DateTime } from 'luxon';

/* Periods that move on with the calendar, so that a question that is kept stays one worth asking. */

export const relativePeriods = [
  ...(['today', 'yesterday', 'last_7_days', 'last_30_days'] as const),
  ...(['this_week', 'last_week', 'this_month', 'last_month', 'this_quarter', 'last_quarter'] as const),
  ...(['last_12_months', 'this_year', 'last_year'] as const),
] as const;
export type RelativePeriod = (typeof relativePeriods)[number];

/** Half-open, as the reports take it: days as `YYYY-MM-DD`. */
interface Days {
  readonly from: string;
  readonly to: string;
}

type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** How many units it is long, and how many lie between its end and the end of the unit that is running. */
const spans: Readonly<Record<RelativePeriod, readonly [unit: Unit, length: number, before: number]>> = {
  today: ['day', 1, 0],
  yesterday: ['day', 1, 1],
  last_7_days: ['day', 7, 1],
  last_30_days: ['day', 30, 1],
  this_week: ['week', 1, 0],
  last_week: ['week', 1, 1],
  this_month: ['month', 1, 0],
  last_month: ['month', 1, 1],
  this_quarter: ['quarter', 1, 0],
  last_quarter: ['quarter', 1, 1],
  last_12_months: ['month', 12, 0],
  this_year: ['year', 1, 0],
  last_year: ['year', 1, 1],
};

/** The days that a period is at the moment `now` on the calendar of `zone`. Weeks begin on Monday. */
export function daysOfPeriod(period: RelativePeriod, now: Date, zone: string): Days {
  const [unit, length, before] = spans[period];
  const today = DateTime.fromJSDate(now, { zone }).toFormat('yyyy-MM-dd');
  const to = DateTime.fromISO(today, { zone: 'utc' })
    .startOf(unit)
    .plus({ [unit]: 1 - before });
  const dayOf = (at: DateTime): string => at.toFormat('yyyy-MM-dd');
  return { from: dayOf(to.minus({ [unit]: length })), to: dayOf(to) };
}
