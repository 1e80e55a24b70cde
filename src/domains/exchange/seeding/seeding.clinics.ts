import { createRandom } from './seeding.random.js';
import type { SeedOptions } from './seeding.types.js';

/* When doctors see patients. Times are milliseconds on the hospital's clock, as if it were UTC. */

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;

export interface Clinic {
  readonly windows: readonly { readonly weekday: number; readonly start: string; readonly end: string }[];
  readonly slot_minutes: number;
}

export const opening = { start: '08:00', end: '18:00' } as const;

/** In a network of any size: all day, from Monday to Friday. */
export const wholeDays: Clinic = {
  windows: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, ...opening })),
  slot_minutes: 15,
};

/** Doctors of a busy hospital, one for each department. */
export const busyDoctors = 8;

/**
 * In a busy network: three hours a week, spread over weekdays, mornings and afternoons; general practice, the first of a hospital,
 * on Monday and on a day of the weekend, so that something happens every day.
 */
export function busyClinic(doctor: number): Clinic {
  const hospital = Math.floor(doctor / busyDoctors);
  const index = doctor % busyDoctors;
  const isMorning = (hospital + index) % 2 === 0;
  const hours = isMorning ? { start: '09:00', end: '12:00' } : { start: '13:00', end: '16:00' };
  const weekdays = index === 0 ? [1, 6 + (hospital % 2)] : [1 + ((index + 2 * hospital) % 5)];
  return { windows: weekdays.map((weekday) => ({ weekday, ...hours })), slot_minutes: 30 };
}

const msOf = (clock: string): number => {
  const [hours, minutes] = clock.split(':').map(Number) as [number, number];
  return hours * hourMs + minutes * minuteMs;
};

/** When the slots begin of the days from `start` until before `end`. */
export function slotsOf({ windows, slot_minutes }: Clinic, start: Date, end: Date): number[] {
  const slots: number[] = [];
  for (let day = start.getTime(); day < end.getTime(); day += dayMs) {
    const weekday = new Date(day).getUTCDay() || 7;
    for (const window of windows)
      if (window.weekday === weekday)
        for (let at = msOf(window.start); at < msOf(window.end); at += slot_minutes * minuteMs)
          slots.push(day + at);
  }
  return slots;
}

/** Mornings are busy, lunch and the edges of the day are not; winter is. */
export function busynessOf(slot: number): number {
  const at = new Date(slot);
  const [hour, month] = [at.getUTCHours(), at.getUTCMonth()];
  const byHour = hour === 12 ? 0.4 : hour === 8 || hour === 17 ? 0.6 : hour < 12 ? 1.3 : 1;
  const byMonth = month === 11 || month < 2 ? 1.15 : month > 5 && month < 8 ? 0.9 : 1;
  return byHour * byMonth;
}

/** Exponential with mean 1: most come seldom, a few all the time. */
export const often = (throwOf: number): number => -Math.log(1 - throwOf);

/** A patient of a doctor's, and how much of the doctor's time is theirs: from when on, compared with others. */
interface Regular {
  readonly patient: number;
  readonly since: number;
  readonly weight: number;
}

/** A third of the patients are there from the beginning; the others come to it over the years. */
export function regularOf(
  { seed }: SeedOptions,
  patient: number,
  { from, to, share }: { from: Date; to: Date; share: number },
): Regular {
  const random = createRandom(`${seed} regular ${patient}`);
  const weight = share * often(random.next());
  const since = random.chance(0.35) ? 0 : random.next();
  return { patient, since: from.getTime() + since * (to.getTime() - from.getTime()), weight };
}

/** So much of a doctor's time is booked, cancelled bookings too; the further ahead, the less. */
const filled = { least: 0.62, most: 0.92, lostADay: 0.045 } as const;

/** Deals the slots of one doctor to the regulars: whose each is, by patient; nobody has two of a day. */
export function deal(
  { seed, until }: SeedOptions,
  doctor: number,
  slots: readonly number[],
  regulars: readonly Regular[],
): ReadonlyMap<number, readonly number[]> {
  const random = createRandom(`${seed} clinic ${doctor}`);
  const share = filled.least + random.next() * (filled.most - filled.least);
  const usual = slots.reduce((sum, slot) => sum + busynessOf(slot), 0) / slots.length;
  const dealt = new Map<number, number[]>();
  for (const slot of slots) {
    const daysAhead = Math.max(0, (slot - until.getTime()) / dayMs);
    const chance = Math.min(0.97, (share * busynessOf(slot)) / usual) - daysAhead * filled.lostADay;
    if (!random.chance(chance)) continue;
    const day = Math.floor(slot / dayMs);
    const coming = regulars.filter(
      ({ patient, since }) => since <= slot && Math.floor((dealt.get(patient)?.at(-1) ?? 0) / dayMs) !== day,
    );
    let left = random.next() * coming.reduce((sum, { weight }) => sum + weight, 0);
    const chosen = coming.find(({ weight }) => (left -= weight) < 0);
    if (chosen) dealt.set(chosen.patient, [...(dealt.get(chosen.patient) ?? []), slot]);
  }
  return dealt;
}
