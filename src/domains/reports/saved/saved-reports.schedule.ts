import { DateTime } from 'luxon';
import type { Schedule } from './saved-reports.types.js';

/**
 * The moment on the clocks of `zone` that day. What the clocks skip in spring is as much later as they skip; of a time that comes
 * twice in autumn the first counts.
 */
function momentOf(day: DateTime, time: string, zone: string): Date {
  const [hour, minute] = time.split(':').map(Number) as [number, number];
  const date = { year: day.year, month: day.month, day: day.day };
  const local = DateTime.fromObject({ ...date, hour, minute }, { zone });
  return new Date(Math.min(...local.getPossibleOffsets().map((one) => one.toMillis())));
}

function isOn({ every, weekday, day }: Schedule, date: DateTime): boolean {
  if (every === 'week') return date.weekday === weekday;
  return every === 'day' || date.day === Math.min(day!, date.daysInMonth!);
}

/** Two months hold every day of a month, and the day before the first of them. */
const searchedDays = 64;

/** The first moment after `after` at which the schedule comes due: it has one on each of its days. */
export function nextDue(schedule: Schedule, after: Date): Date {
  const zone = schedule.time_zone;
  const today = DateTime.fromJSDate(after, { zone }).toFormat('yyyy-MM-dd');
  // Apart from the zone, in which a day may begin at one o'clock or be left out.
  const first = DateTime.fromISO(today, { zone: 'utc' }).minus({ days: 1 });
  for (let days = 0; days < searchedDays; days++) {
    const date = first.plus({ days });
    if (!isOn(schedule, date)) continue;
    const at = momentOf(date, schedule.time, zone);
    if (at > after) return at;
  }
  throw new RangeError('a schedule that never comes due');
}
