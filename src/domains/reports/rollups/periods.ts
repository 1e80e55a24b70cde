import { DateTime } from 'luxon';
import type { Period } from '../../../lib/period.js';
import { years } from '../../../lib/time.js';

/*
 * The periods that figures are kept by: everything, each calendar year, month and day, named `all`, `2025`, `2025-03` and
 * `2025-03-15`. Figures of parts add up, so any run of whole days is the sum of a few of them.
 */

/** All the periods that an instant is in, in `zone`. */
export function periodsOf(instant: Date, zone: string): readonly [string, string, string, string] {
  const day = dayOf(instant, zone);
  return ['all', day.slice(0, 4), day.slice(0, 7), day];
}

const quarterMs = 900_000;
const days = new Map<string, Map<number, string>>();

/** `YYYY-MM-DD`. No zone changes its day or its offset within a quarter of an hour. */
export function dayOf(instant: Date, zone: string): string {
  const quarter = Math.floor(instant.getTime() / quarterMs);
  let known = days.get(zone);
  if (!known || known.size > 500_000) days.set(zone, (known = new Map<number, string>()));
  let day = known.get(quarter);
  if (day === undefined) {
    day = DateTime.fromMillis(quarter * quarterMs, { zone }).toFormat('yyyy-MM-dd');
    known.set(quarter, day);
  }
  return day;
}

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
  for (let at = start; at < end;) {
    const unit = (['year', 'month', 'day'] as const).find(
      (one) => at.equals(at.startOf(one)) && at.plus({ [one]: 1 }) <= end,
    )!;
    periods.push(at.toFormat(unit === 'year' ? 'yyyy' : unit === 'month' ? 'yyyy-MM' : 'yyyy-MM-dd'));
    at = at.plus({ [unit]: 1 });
  }
  return periods;
}
