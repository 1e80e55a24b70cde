import { DateTime } from 'luxon';
import { Problem } from '../../../lib/errors.js';
import { iso } from '../../../lib/time.js';

/** ISO 8601 with its offset, `dd/mm/yyyy hh:mm:ss` on the hospital's clock, or a day alone in either form. */
export const bookingTimePattern = new RegExp(
  String.raw`^(${iso.dayOrInstant}|\d{2}/\d{2}/\d{4}( \d{2}:\d{2}:\d{2})?)$`,
);

const localFormat = 'dd/MM/yyyy HH:mm:ss';
const dayMs = 86_400_000;

/** A refusal that names the field. */
const refused = (
  code: 'no_such_time' | 'outside_booking_window',
  pointer: string,
  message: string,
): Problem => new Problem(code, `${pointer} ${message}`, { errors: [{ pointer, message }] });

/**
 * Reads a time that matches `bookingTimePattern`; `zone` is the hospital's. A wall-clock time that a change to
 * daylight-saving time skips does not exist and is refused; of one that occurs twice the first is meant.
 * Throws `no_such_time`, naming `pointer`.
 */
export function parseBookingTime(text: string, zone: string, pointer: string): Date {
  if (text.includes('T')) {
    const instant = DateTime.fromISO(text, { zone: 'utc' });
    if (!instant.isValid) throw refused('no_such_time', pointer, 'is not a time of the calendar');
    return instant.toJSDate();
  }
  const local = DateTime.fromFormat(text, localFormat, { zone });
  if (!local.isValid) throw refused('no_such_time', pointer, 'is not a time of the calendar');
  // luxon moves a skipped time forward without a word; it then reads differently.
  if (local.toFormat(localFormat) !== text) {
    throw refused('no_such_time', pointer, `is skipped by the clocks of ${zone} on that day`);
  }
  return new Date(Math.min(...local.getPossibleOffsets().map((possible) => possible.toMillis())));
}

const isDay = (text: string): boolean => text.length === 10;

/**
 * The half-open period of a day without a time, from midnight to midnight on the clock of `zone`; undefined for a text with
 * a time. Throws `no_such_time`, naming `pointer`.
 */
export function parseBookingDay(
  text: string,
  zone: string,
  pointer: string,
): { from: Date; to: Date } | undefined {
  if (!isDay(text)) return undefined;
  const day = DateTime.fromFormat(text, text.includes('/') ? 'dd/MM/yyyy' : 'yyyy-MM-dd', { zone });
  if (!day.isValid) throw refused('no_such_time', pointer, 'is not a day of the calendar');
  const [from, to] = [day.startOf('day'), day.plus({ days: 1 }).startOf('day')];
  return { from: from.toJSDate(), to: to.toJSDate() };
}

/** BOOK-2: after now, and at most `days` times 24 hours ahead. Throws `outside_booking_window`, naming `pointer`. */
export function checkBookingWindow(date: Date, now: Date, days: number, pointer: string): void {
  const ahead = date.getTime() - now.getTime();
  if (ahead > 0 && ahead <= days * dayMs) return;
  const message = ahead <= 0 ? 'is not in the future' : `is more than ${days} days ahead`;
  throw refused('outside_booking_window', pointer, message);
}

/** The same of a day: some of it must be left, and its beginning no further ahead. */
export function checkBookingDay(
  { from, to }: { from: Date; to: Date },
  now: Date,
  days: number,
  pointer: string,
): void {
  checkBookingWindow(new Date(Math.max(from.getTime(), now.getTime() + 1)), now, days, pointer);
  if (to <= now) throw refused('outside_booking_window', pointer, 'is a day that is over');
}
