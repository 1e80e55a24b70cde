import { DateTime } from 'luxon';
import {
  isAvailable,
  isInWindow,
  isOnLeave,
  isOpen,
  type Hours,
  type LocalTime,
} from '../../../src/domains/network/doctors/doctors.availability.js';
import type { SlotRules } from '../../../src/domains/network/doctors/doctors.slots.js';

/**
 * The definition that slots and lists are held against: the doctor is on duty at that moment when available, in a weekly
 * window, within the hours of the department and not on leave. Bookings that exist are not looked at.
 */
export const isAvailableAt = (
  doctor: Omit<SlotRules, 'slot_minutes'>,
  hours: Hours,
  local: LocalTime,
): boolean =>
  isAvailable(doctor, local.day) &&
  isOpen(hours, local) &&
  !isOnLeave(doctor, local.day) &&
  isInWindow(doctor, local);

export const dayMs = 86_400_000;
export const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
export const daily = (...windows: [start: string, end: string][]) =>
  [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) => windows.map(([start, end]) => ({ weekday, start, end })));
export const hours = (operating_start_hour: string, operating_end_hour: string): Hours => ({
  operating_start_hour,
  operating_end_hour,
});
export const allDay = hours('00:00', '24:00');

export const rules = (fields: Partial<SlotRules> = {}): SlotRules => ({
  accepting: true,
  registration_expiry: day('2090-01-01'),
  availability: daily(['08:00', '12:00']),
  leave_days: [],
  slot_minutes: 30,
  ...fields,
});

/** From the beginning of that civil day to the beginning of the next. */
export function periodOf(date: Date, zone: string): { from: Date; to: Date } {
  const local = DateTime.fromISO(date.toISOString().slice(0, 10), { zone });
  return { from: local.toJSDate(), to: local.plus({ days: 1 }).startOf('day').toJSDate() };
}
