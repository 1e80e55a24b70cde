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

/**
 * For names of files: the first and the last day in `zone`, `2026-10-01--2026-10-31`, one day alone, `from-…`, `until-…`, or
 * `all-time`. Two days stand as ISO 8601 has them where a slash may not.
 */
export function periodName({ from, to }: Period, zone: string): string {
  const dayOf = (instant: number): string => DateTime.fromMillis(instant, { zone }).toISODate()!;
  const first = from && dayOf(from.getTime());
  const last = to && dayOf(Math.max(to.getTime() - 1, from?.getTime() ?? -Infinity));
  if (first && last) return first === last ? first : `${first}--${last}`;
  if (first) return `from-${first}`;
  return last ? `until-${last}` : 'all-time';
}
