import {
  isAvailable,
  isInWindow,
  isOnLeave,
  isOpen,
  type LocalTime,
} from '../../../src/domains/network/doctors/doctors.availability.js';
import type { Hours, SlotRules } from '../../../src/domains/network/doctors/doctors.slots.js';

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
