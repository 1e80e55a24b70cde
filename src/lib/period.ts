import { DateTime } from 'luxon';

/** Half-open: `from` is in it, `to` is not. Either end may be open. */
export interface Period {
  readonly from: Date | null;
  readonly to: Date | null;
}

/** The months, `YYYY-MM`, that the half-open period touches, in `zone`, in order. */
export function monthsOf(from: Date, to: Date, zone: string): string[] {
  const months: string[] = [];
  let month = DateTime.fromJSDate(from, { zone }).startOf('month');
  for (; month.toMillis() < to.getTime(); month = month.plus({ months: 1 }))
    months.push(month.toFormat('yyyy-MM'));
  return months;
}

/** The calendar month `YYYY-MM` in `zone`. */
export function monthPeriod(month: string, zone: string): Period & { from: Date; to: Date } {
  const from = DateTime.fromISO(`${month}-01`, { zone });
  return { from: from.toJSDate(), to: from.plus({ months: 1 }).toJSDate() };
}

/** A calendar date as the stores hold it: midnight UTC. */
export function utcDay(instant: Date): Date {
  return new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth(), instant.getUTCDate()));
}
