import { localTime } from './doctors.availability.js';
import {
  dayMs,
  isOrdinary,
  millisOf,
  minuteMs,
  openTimes,
  spansOf,
  stretchesAround,
  type Hours,
} from './doctors.slots.js';
import type { Doctor } from './doctors.types.js';

/** What a doctor's time follows from: not `accepting`, which says what is true now and nothing of any other day. */
export type Presence = Pick<Doctor, 'availability' | 'leave_days' | 'registration_expiry'>;

interface TimeSpan {
  readonly from: Date;
  readonly to: Date;
}

const clockChanges = new Map<string, readonly number[]>();

/** The days of a year (midnight UTC, in milliseconds) around which the clocks of the zone are changed. */
function changesIn(year: number, zone: string): readonly number[] {
  const key = `${zone} ${year}`;
  const known = clockChanges.get(key);
  if (known) return known;
  const days: number[] = [];
  for (let day = Date.UTC(year, 0); day < Date.UTC(year + 1, 0); day += dayMs)
    if (!isOrdinary(new Date(day), zone)) days.push(day);
  clockChanges.set(key, days);
  return days;
}

const weekdayOf = (day: number): number => new Date(day).getUTCDay() || 7;

/** How many of the days from `first` to `last`, both in, are of that weekday. */
function countWeekday(weekday: number, first: number, last: number): number {
  const begin = first + ((weekday - weekdayOf(first) + 7) % 7) * dayMs;
  return begin > last ? 0 : Math.floor((last - begin) / (7 * dayMs)) + 1;
}

/** The milliseconds of one day that are inside of the weekly windows, the department's hours and the period. */
function millisOfDay(
  day: number,
  { availability }: Presence,
  hours: Hours,
  zone: string,
  { from, to }: TimeSpan,
): number {
  const weekday = weekdayOf(day);
  const stretches = stretchesAround(new Date(day), zone);
  return availability
    .filter((window) => window.weekday === weekday)
    .flatMap((window) => spansOf(new Date(day), ...openTimes(window, hours), stretches))
    .map((span) => Math.min(span.to, to.getTime()) - Math.max(span.from, from.getTime()))
    .reduce((sum, length) => sum + Math.max(0, length), 0);
}

/**
 * How many minutes of the half-open period a doctor is there: in a weekly window, within the hours of the department,
 * registered, not on leave. In elapsed time: an hour that comes twice is there twice, a skipped one not at all. Ordinary days are
 * counted by weekday, so that a year costs as much as a week; the first and the last day and those around a change of the clocks
 * are looked at one by one.
 */
export function availableMinutes(presence: Presence, hours: Hours, zone: string, period: TimeSpan): number {
  if (period.from >= period.to) return 0;
  const first = localTime(period.from, zone).day.getTime();
  const end = localTime(new Date(period.to.getTime() - 1), zone).day.getTime();
  const last = Math.min(end, presence.registration_expiry.getTime());
  const apart = new Set([first, end]);
  for (let year = new Date(first).getUTCFullYear(); year <= new Date(end).getUTCFullYear(); year++)
    for (const day of changesIn(year, zone)) apart.add(day);
  const leave = new Set(presence.leave_days.map((day) => day.getTime()));
  const left = [...new Set([...apart, ...leave])].filter((day) => first <= day && day <= last);
  let millis = 0;
  for (const window of presence.availability) {
    const [opens, closes] = openTimes(window, hours);
    const days =
      countWeekday(window.weekday, first, last) -
      left.filter((day) => weekdayOf(day) === window.weekday).length;
    millis += days * Math.max(0, millisOf(closes) - millisOf(opens));
  }
  for (const day of left) if (!leave.has(day)) millis += millisOfDay(day, presence, hours, zone, period);
  return Math.floor(millis / minuteMs);
}
