import { dayMs, localMillis } from './clocks.js';
import { dayNumber } from './periods.js';

const hourMs = 3_600_000;

/** The hour 0 to 23 that the clocks show. */
export function hourOf(instant: Date, zone: string): number {
  const local = localMillis(instant, zone);
  return Math.floor((local - Math.floor(local / dayMs) * dayMs) / hourMs);
}

/** ISO 8601: Monday is 1. The first day of the epoch was a Thursday. */
export const weekdayOf = (instant: Date, zone: string): number =>
  ((((dayNumber(instant, zone) + 3) % 7) + 7) % 7) + 1;
