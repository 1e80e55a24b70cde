import { DateTime } from 'luxon';
import type { ProblemCode } from '../../../lib/errors.js';
import { slotAt, slotsOf, withinDays, type Duty } from '../../network/doctors/index.js';

const dayMs = 86_400_000;

/** The day of the calendar on which it is `at` in `zone`, as midnight UTC. */
export function dayOf(at: Date, zone: string): Date {
  const { year, month, day } = DateTime.fromJSDate(at, { zone });
  return new Date(Date.UTC(year, month - 1, day));
}

/** When that day is in `zone`, half-open: 23 or 25 hours where the clocks change. */
export function periodOf(day: Date, zone: string): { from: Date; to: Date } {
  const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()];
  const start = DateTime.fromObject({ year, month, day: date }, { zone }).startOf('day');
  return { from: start.toJSDate(), to: start.plus({ days: 1 }).startOf('day').toJSDate() };
}

/** Asked of a day on which the doctor has no slot at all. */
function whyNoSlot({ doctor, hours, zone }: Duty, day: Date): ProblemCode {
  const weekday = day.getUTCDay() || 7;
  const window = withinDays(doctor.availability).find((one) => one.weekday === weekday);
  const [hour, minute] = (window?.start ?? '12:00').split(':').map(Number);
  const { from } = periodOf(day, zone);
  const at = DateTime.fromJSDate(from, { zone }).set({ hour: hour!, minute: minute! }).toJSDate();
  const refusal = slotAt(doctor, hours, zone, at);
  return typeof refusal === 'string' && refusal !== 'off_slot_grid' ? refusal : 'outside_availability';
}

/** Why nobody can wait for a slot of that day; undefined when there are slots that can be booked at `now`, free or not. */
export function refusalOfDay(duty: Duty, day: Date, now: Date, bookingDays: number): ProblemCode | undefined {
  const { from, to } = periodOf(day, duty.zone);
  const last = new Date(now.getTime() + bookingDays * dayMs);
  if (to <= now || from > last) return 'outside_booking_window';
  const slots = slotsOf(duty.doctor, duty.hours, duty.zone, { from, to });
  if (slots.length === 0) return whyNoSlot(duty, day);
  return slots.some(({ date }) => now < date && date <= last) ? undefined : 'outside_booking_window';
}
