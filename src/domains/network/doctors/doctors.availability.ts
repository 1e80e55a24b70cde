import { DateTime } from 'luxon';
import type { Department } from '../departments/departments.types.js';
import type { AvailabilityWindow, Doctor } from './doctors.types.js';

export type Hours = Pick<Department, 'operating_start_hour' | 'operating_end_hour'>;

/** What the clocks on the wall of a hospital say at an instant. */
export interface LocalTime {
  /** The calendar day there, as midnight UTC. */
  readonly day: Date;
  /** ISO 8601: Monday is 1. */
  readonly weekday: number;
  /** `HH:MM` */
  readonly time: string;
}

export function localTime(at: Date, zone: string): LocalTime {
  const local = DateTime.fromJSDate(at, { zone });
  return {
    day: new Date(Date.UTC(local.year, local.month - 1, local.day)),
    weekday: local.weekday,
    time: local.toFormat('HH:mm'),
  };
}

/** `HH:MM` twice; an end before the start is a night's, over on the day after. */
export interface ClockSpan {
  readonly start: string;
  readonly end: string;
}

// HH:MM compares as text.
export const isNight = ({ start, end }: ClockSpan): boolean => end < start;

export const eveningOf = ({ start }: ClockSpan): ClockSpan => ({ start, end: '24:00' });
export const morningOf = ({ end }: ClockSpan): ClockSpan => ({ start: '00:00', end });

const hoursOf = ({ operating_start_hour: start, operating_end_hour: end }: Hours): ClockSpan => ({
  start,
  end,
});

/** When a department is open on any day: a night twice, the morning that ends one and the evening that begins the next. */
export function openSpans(hours: Hours): readonly ClockSpan[] {
  const span = hoursOf(hours);
  return isNight(span) ? [morningOf(span), eveningOf(span)] : [span];
}

/** The windows as they lie within days: a night is an evening, and the morning of the day after. */
export const withinDays = (windows: readonly AvailabilityWindow[]): AvailabilityWindow[] =>
  windows.flatMap((window) => {
    if (!isNight(window)) return [window];
    const { weekday } = window;
    return [
      { weekday, ...eveningOf(window) },
      { weekday: (weekday % 7) + 1, ...morningOf(window) },
    ];
  });

// Slots are claimed in grains of five minutes.
const isOnGrain = (time: string): boolean => Number(time.at(-1)) % 5 === 0;

const overlap = (one: AvailabilityWindow, other: AvailabilityWindow): boolean =>
  withinDays([one]).some((a) =>
    withinDays([other]).some((b) => a.weekday === b.weekday && a.start < b.end && b.start < a.end),
  );

/**
 * The first window that can't be: its times are not multiples of five minutes, it ends when it starts, or it overlaps another.
 * Undefined when all are well.
 */
export function findWindowFault(
  windows: readonly AvailabilityWindow[],
): { readonly index: number; readonly message: string } | undefined {
  for (const [index, window] of windows.entries()) {
    const { start, end } = window;
    if (!isOnGrain(start) || !isOnGrain(end))
      return { index, message: 'must start and end at a multiple of five minutes' };
    if (end === start)
      return { index, message: 'must not end when it starts: a whole day is 00:00 to 24:00' };
    const before = windows.slice(0, index).findIndex((other) => overlap(window, other));
    if (before >= 0) return { index, message: `overlaps window ${before}` };
  }
  return undefined;
}

/** DOC-2: registered on that day (the last day counts) and taking new appointments. */
export function isAvailable(doctor: Pick<Doctor, 'accepting' | 'registration_expiry'>, day: Date): boolean {
  return doctor.accepting && doctor.registration_expiry >= day;
}

export const isOnLeave = ({ leave_days }: Pick<Doctor, 'leave_days'>, day: Date): boolean =>
  leave_days.some((leave) => leave.getTime() === day.getTime());

/**
 * Starts are in, ends are out, here and in the hours of a department. Both compare local wall time, so that a window of
 * 8:00 begins at 8:00 on the days on which the clocks change too; an hour that occurs twice is available twice.
 */
export const isInWindow = (
  { availability }: Pick<Doctor, 'availability'>,
  { weekday, time }: LocalTime,
): boolean =>
  withinDays(availability).some(
    (window) => window.weekday === weekday && window.start <= time && time < window.end,
  );

export const isOpen = (hours: Hours, { time }: LocalTime): boolean =>
  openSpans(hours).some(({ start, end }) => start <= time && time < end);
