import { DateTime } from 'luxon';
import type { Department } from '../departments/departments.types.js';
import type { AvailabilityWindow, Doctor } from './doctors.types.js';

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

// Slots are claimed in grains of five minutes.
const isOnGrain = (time: string): boolean => Number(time.at(-1)) % 5 === 0;

/**
 * The first window that can't be: its times are not multiples of five minutes, its end is not after its start, or it
 * overlaps another of the same weekday. Undefined when all are well.
 */
export function findWindowFault(
  windows: readonly AvailabilityWindow[],
): { readonly index: number; readonly message: string } | undefined {
  for (const [index, { weekday, start, end }] of windows.entries()) {
    if (!isOnGrain(start) || !isOnGrain(end))
      return { index, message: 'must start and end at a multiple of five minutes' };
    // HH:MM compares as text.
    if (end <= start) return { index, message: 'must end after it starts' };
    const before = windows
      .slice(0, index)
      .findIndex((other) => other.weekday === weekday && other.start < end && start < other.end);
    if (before >= 0) return { index, message: `overlaps window ${before} of the same weekday` };
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
  availability.some((window) => window.weekday === weekday && window.start <= time && time < window.end);

export const isOpen = (
  {
    operating_start_hour,
    operating_end_hour,
  }: Pick<Department, 'operating_start_hour' | 'operating_end_hour'>,
  { time }: LocalTime,
): boolean => operating_start_hour <= time && time < operating_end_hour;
