import { DateTime } from 'luxon';

/* What the clocks of a zone show. A build asks this for millions of instants, and Intl takes microseconds to tell. */

const dayMs = 86_400_000;
const quarterMs = 900_000;

/** Of a zone: its offset at quarters of an hour and at the midnights of UTC, in milliseconds. */
const offsets = new Map<string, Map<number, number>>();

function offsetAt(time: number, zone: string): number {
  let known = offsets.get(zone);
  if (!known || known.size > 500_000) offsets.set(zone, (known = new Map<number, number>()));
  let offset = known.get(time);
  if (offset === undefined) {
    offset = Math.round(DateTime.fromMillis(time, { zone }).offset * 60_000);
    known.set(time, offset);
  }
  return offset;
}

/**
 * The milliseconds from 1970-01-01 00:00 to the time that the clocks show. No zone changes its offset twice in a day, nor
 * within a quarter of an hour.
 */
export function localMillis(instant: Date, zone: string): number {
  const time = instant.getTime();
  const midnight = Math.floor(time / dayMs) * dayMs;
  const offset = offsetAt(midnight, zone);
  return offset === offsetAt(midnight + dayMs, zone)
    ? time + offset
    : time + offsetAt(Math.floor(time / quarterMs) * quarterMs, zone);
}

/** Days since 1970-01-01 of the calendar day in `zone`: their differences are numbers of midnights. */
export const dayNumber = (instant: Date, zone: string): number =>
  Math.floor(localMillis(instant, zone) / dayMs);

const hourMs = 3_600_000;

/** The hour 0 to 23 that the clocks show. */
export function hourOf(instant: Date, zone: string): number {
  const local = localMillis(instant, zone);
  return Math.floor((local - Math.floor(local / dayMs) * dayMs) / hourMs);
}

/** ISO 8601: Monday is 1. The first day of the epoch was a Thursday. */
export const weekdayOf = (instant: Date, zone: string): number =>
  ((((dayNumber(instant, zone) + 3) % 7) + 7) % 7) + 1;
