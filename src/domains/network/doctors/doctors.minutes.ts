import { localTime, openSpans, withinDays, type Hours } from './doctors.availability.js';
import { dayMs, isOrdinary, millisOf, minuteMs, stretchesAround, type Stretch } from './doctors.slots.js';
import type { Doctor } from './doctors.types.js';

/** What a doctor's time follows from: not `accepting`, which says what is true now and nothing of any other day. */
export type Presence = Pick<Doctor, 'availability' | 'leave_days' | 'registration_expiry'>;

interface TimeSpan {
  readonly from: Date;
  readonly to: Date;
}

/** Times of day that clocks show, half-open, in milliseconds after midnight. */
interface Shown {
  readonly from: number;
  readonly to: number;
}

const clockChanges = new Map<string, ReadonlyMap<number, readonly Stretch[]>>();

/** The days of a year (midnight UTC, in milliseconds) around which the clocks of the zone are changed. */
function changesIn(year: number, zone: string): ReadonlyMap<number, readonly Stretch[]> {
  const key = `${zone} ${year}`;
  const known = clockChanges.get(key);
  if (known) return known;
  const days = new Map<number, readonly Stretch[]>();
  for (let day = Date.UTC(year, 0); day < Date.UTC(year + 1, 0); day += dayMs)
    if (!isOrdinary(new Date(day), zone)) days.set(day, stretchesAround(new Date(day), zone));
  clockChanges.set(key, days);
  return days;
}

/** ISO 8601: Monday is 1. The first day of the epoch was a Thursday. */
const weekdayOf = (day: number): number => ((((day / dayMs + 3) % 7) + 7) % 7) + 1;

/** How many of the days from `first` to `last`, both in, are of that weekday. */
function countWeekday(weekday: number, first: number, last: number): number {
  const begin = first + ((weekday - weekdayOf(first) + 7) % 7) * dayMs;
  return begin > last ? 0 : Math.floor((last - begin) / (7 * dayMs)) + 1;
}

/** What of a day the clocks show within the period: an hour that comes twice is in two of them, a skipped one in none. */
const shownOn = (day: number, stretches: readonly Stretch[], { from, to }: TimeSpan): Shown[] =>
  stretches
    .map((stretch) => {
      const midnight = day - stretch.offsetMs;
      return {
        from: Math.max(0, Math.max(stretch.from, from.getTime()) - midnight),
        to: Math.min(dayMs, Math.min(stretch.to, to.getTime()) - midnight),
      };
    })
    .filter((shown) => shown.from < shown.to);

const isWhole = ([first, ...others]: readonly Shown[]): boolean =>
  first?.from === 0 && first.to === dayMs && others.length === 0;

/** Days from `first` to `end`, both in; `apart` are those of which the period has more or less than each time of day once. */
interface Calendar {
  readonly first: number;
  readonly end: number;
  readonly apart: ReadonlyMap<number, readonly Shown[]>;
}

function calendarOf(zone: string, period: TimeSpan): Calendar {
  const first = localTime(period.from, zone).day.getTime();
  const end = localTime(new Date(period.to.getTime() - 1), zone).day.getTime();
  const suspects = new Map(
    [first, end].map((day) => [day, stretchesAround(new Date(day), zone) as readonly Stretch[]]),
  );
  for (let year = new Date(first).getUTCFullYear(); year <= new Date(end).getUTCFullYear(); year++)
    for (const [day, stretches] of changesIn(year, zone)) suspects.set(day, stretches);
  const apart = [...suspects]
    .filter(([day]) => first <= day && day <= end)
    .map(([day, stretches]) => [day, shownOn(day, stretches, period)] as const)
    .filter(([, shown]) => !isWhole(shown));
  return { first, end, apart: new Map(apart) };
}

type Window = Shown & { readonly weekday: number };

/** The milliseconds of a day of that weekday on which clocks show these times. */
function millisOn(weekday: number, windows: readonly Window[], shown: readonly Shown[]): number {
  let millis = 0;
  for (const window of windows)
    if (window.weekday === weekday)
      for (const { from, to } of shown)
        millis += Math.max(0, Math.min(window.to, to) - Math.max(window.from, from));
  return millis;
}

const wholeDay: readonly Shown[] = [{ from: 0, to: dayMs }];
const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

/**
 * Tells how many minutes of the half-open period a doctor is there: in a weekly window, within the hours of the department,
 * registered, not on leave. In elapsed time: an hour that comes twice is there twice, a skipped one not at all. Days are counted by
 * weekday, so that a year costs as much as a week; apart from them are those on which the clocks are changed and those that the
 * period cuts, which are the same for all doctors of a zone.
 */
export function minutesWithin(period: TimeSpan, zone: string): (presence: Presence, hours: Hours) => number {
  if (period.from >= period.to) return () => 0;
  const { first, end, apart } = calendarOf(zone, period);
  return ({ availability, leave_days, registration_expiry }, hours) => {
    const last = Math.min(end, registration_expiry.getTime());
    const open = openSpans(hours);
    const windows = withinDays(availability).flatMap(({ weekday, start, end }) =>
      open.map((span): Window => ({
        weekday,
        from: Math.max(millisOf(start), millisOf(span.start)),
        to: Math.min(millisOf(end), millisOf(span.end)),
      })),
    );
    const weekly = [0, ...weekdays.map((weekday) => millisOn(weekday, windows, wholeDay))];
    const ordinary = (day: number): number => weekly[weekdayOf(day)]!;
    const actual = (day: number): number => {
      const shown = apart.get(day);
      return shown ? millisOn(weekdayOf(day), windows, shown) : ordinary(day);
    };
    let millis = 0;
    for (const weekday of weekdays) millis += weekly[weekday]! * countWeekday(weekday, first, last);
    for (const day of apart.keys()) if (day <= last) millis += actual(day) - ordinary(day);
    for (const day of new Set(leave_days.map((leave) => leave.getTime())))
      if (first <= day && day <= last) millis -= actual(day);
    return Math.floor(millis / minuteMs);
  };
}
