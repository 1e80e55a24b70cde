import { randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import type { FreeSlot } from '../../domains/clinical/appointments/index.js';
import { dayOf } from '../format.js';
import type { Actor } from '../../lib/actor.js';
import type { Problem } from '../../lib/errors.js';
import type { CalendarView } from './calendar.page.js';
import { sentenceOf } from '../problem.page.js';
import type { WebDeps } from '../web.deps.js';

const dayMs = 86_400_000;

/** How far to look for the first free time, a few days first. */
const horizons = [7, 31] as const;

export const newKey = (): string => randomUUID();

const plusDays = (day: string, days: number): string =>
  DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toFormat('yyyy-MM-dd');

const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / dayMs;

/** The instant at which a day begins on the clocks of `zone`. */
const startOf = (day: string, zone: string): Date => DateTime.fromISO(day, { zone }).toJSDate();

const byTime = (a: Date, b: Date): number => a.getTime() - b.getTime();

/** The free times that the refusal of a time names, in order. */
function nearestOf({ options }: Problem): Date[] {
  const slots = (options.more?.['nearest_slots'] ?? []) as readonly { readonly start: Date }[];
  return slots.map(({ start }) => start).sort(byTime);
}

/** A time that can't be taken, as the calendar shows it. */
export const refusalBy = (problem: Problem): CalendarView['refusal'] => ({
  sentence: sentenceOf(problem),
  nearest: nearestOf(problem),
});

export function createCalendars({ appointments, clock, bookingDays }: WebDeps) {
  const free = (actor: Actor | null, doctor_id: string, from: Date, to: Date): Promise<FreeSlot[]> =>
    appointments.freeSlots(actor, doctor_id, { from, to });

  /** The next free time of the doctor; null when there is none to be booked. */
  async function firstFree(actor: Actor | null, doctor_id: string): Promise<Date | null> {
    const now = clock.now();
    for (const days of [...horizons.filter((horizon) => horizon < bookingDays), bookingDays]) {
      const [first] = await free(actor, doctor_id, now, new Date(now.getTime() + days * dayMs + 1));
      if (first) return first.date;
    }
    return null;
  }

  return {
    firstFree,

    /**
     * The week around `day` (without one, the first day on which a time is free), counted from today, and the free times of
     * that day. A day before today or beyond what can be booked becomes the nearest that is not.
     */
    async weekOf(
      actor: Actor | null,
      doctor_id: string,
      zone: string,
      wanted: string | undefined,
    ): Promise<Pick<CalendarView, 'zone' | 'week' | 'previous' | 'next' | 'day' | 'times' | 'form_key'>> {
      const now = clock.now();
      const today = dayOf(now, zone);
      const last = dayOf(new Date(now.getTime() + bookingDays * dayMs), zone);
      const asked = wanted ?? dayOf((await firstFree(actor, doctor_id)) ?? now, zone);
      const day = asked < today ? today : asked > last ? last : asked;
      const first = plusDays(today, Math.floor(daysBetween(today, day) / 7) * 7);
      const days = Array.from({ length: 7 }, (_, n) => plusDays(first, n)).filter((one) => one <= last);
      const slots = await free(actor, doctor_id, startOf(first, zone), startOf(plusDays(first, 7), zone));
      const on = (one: string): FreeSlot[] => slots.filter(({ date }) => dayOf(date, zone) === one);
      const next = plusDays(first, 7);
      return {
        zone,
        week: days.map((one) => ({ day: one, free: on(one).length })),
        previous: first > today ? plusDays(first, -7) : undefined,
        next: next <= last ? next : undefined,
        day,
        times: on(day).map(({ date, free: places }) => ({ start: date, free: places })),
        form_key: newKey(),
      };
    },
  };
}
