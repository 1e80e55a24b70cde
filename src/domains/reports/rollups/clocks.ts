import { DateTime } from 'luxon';

/* What the clocks of a zone show. A build asks this for millions of instants, and Intl takes microseconds to tell. */

export const dayMs = 86_400_000;
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
