import { DateTime } from 'luxon';

/** Half-open: `from` is in it, `to` is not. Either end may be open. */
export interface Period {
  readonly from: Date | null;
  readonly to: Date | null;
}

/** `2025-02-03T00:00Z` → `2025-02`, in `zone`. */
export function monthOf(instant: Date, zone: string): string {
  return DateTime.fromJSDate(instant, { zone }).toFormat('yyyy-MM');
}

/** The months, `YYYY-MM`, that the half-open period touches, in `zone`, in order. */
export function monthsOf(from: Date, to: Date, zone: string): string[] {
  const months: string[] = [];
  let month = DateTime.fromJSDate(from, { zone }).startOf('month');
  for (; month.toMillis() < to.getTime(); month = month.plus({ months: 1 }))
    months.push(month.toFormat('yyyy-MM'));
  return months;
}

/** The calendar year as a half-open period, in `zone`. */
export function yearPeriod(year: number, zone: string): { from: Date; to: Date } {
  const start = DateTime.fromObject({ year }, { zone });
  return { from: start.toJSDate(), to: start.plus({ years: 1 }).toJSDate() };
}

/** A calendar date as the stores hold it: midnight UTC. */
export function utcDay(instant: Date): Date {
  return new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth(), instant.getUTCDate()));
}
