import { invalidField, Problem, type ProblemCode } from '../../../lib/errors.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import {
  grainsOf,
  isOnLeave,
  localTime,
  slotAt,
  slotsOf,
  withinDays,
  type Duty,
  type Slot,
} from '../../network/doctors/index.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import {
  freeAmong,
  grainsBetween,
  isTaken,
  nearestTo,
  placesIn,
  placeToTake,
} from './appointments.places.js';
import {
  checkBookingDay,
  checkBookingWindow,
  parseBookingDay,
  parseBookingTime,
} from './appointments.time.js';
import type { FreeSlot } from './appointments.types.js';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** GET /doctors/{doctor_id}/slots: without an end, and at the most. */
const usualPeriodDays = 7;
const longestPeriodDays = 31;

/** How many slots a refusal offers instead, and how many days around the wish are looked at, further out each time. */
const nearestCount = 5;
const nearestDays = [1, 7, 31];

/** Why a slot can't be taken. Anyone who asked for it is told the nearest that can: see `withNearest`. */
export class SlotRefused extends Error {
  override readonly name = 'SlotRefused';

  constructor(
    readonly code: ProblemCode,
    readonly duty: Duty,
    readonly date: Date,
  ) {
    super(code);
  }
}

/** Who takes a slot: an appointment for good, a hold until it expires. */
interface Holder {
  readonly holder_id: string;
  readonly patient_id: string;
  readonly expires_at: Date | null;
  /**
   * Whether it is a visit: then the store lets the patient have no other one at that time. A hold waits for that until it is
   * booked. Neither is taken over a visit; undefined: whatever else the patient has.
   */
  readonly is_visit?: boolean;
}

export interface Claiming {
  readonly now: Date;
  /** Takes a place beyond the capacity, if it must. */
  readonly overbooks?: boolean;
}

interface Claimed {
  readonly overbooked: boolean;
}

/** A time as somebody asks for it; `pointer` names its field in a refusal. */
interface Wish {
  readonly doctor_id: string;
  readonly date: string;
  readonly pointer: string;
  /** Of a day alone: who has no other visit then; the slot that is held, if it is one of that day; whether a full one is overbooked. */
  readonly patient_id?: string | undefined;
  readonly held?: Slot | undefined;
  readonly overbooks?: boolean | undefined;
}

/** Why a day has no slots at all, as `slotAt` says it of a time. */
function noSlotOn({ doctor, zone }: Duty, from: Date): ProblemCode {
  const { day, weekday } = localTime(from, zone);
  if (doctor.registration_expiry < day) return 'doctor_registration_expired';
  if (!doctor.accepting) return 'doctor_not_accepting';
  if (isOnLeave(doctor, day)) return 'doctor_on_leave';
  return withinDays(doctor.availability).some((window) => window.weekday === weekday)
    ? 'department_closed'
    : 'outside_availability';
}

/** Which slots a doctor has, who has them, and which are free. */
export function createCalendarService(
  deps: Pick<AppointmentsDeps, 'claims' | 'doctors' | 'locks' | 'clock' | 'bookingDays'>,
) {
  const { claims, doctors, locks, clock, bookingDays } = deps;

  /** What can be booked at `now` of a half-open period: `checkBookingWindow` says the same of one time. */
  const bookable = ({ from, to }: { from: Date; to: Date }, now: Date): { from: Date; to: Date } => ({
    from: new Date(Math.max(from.getTime(), now.getTime() + 1)),
    to: new Date(Math.min(to.getTime(), now.getTime() + bookingDays * dayMs + 1)),
  });

  async function freeIn(
    { doctor, hours, zone }: Duty,
    period: { from: Date; to: Date },
    tx?: MongoTransaction,
  ): Promise<FreeSlot[]> {
    const now = clock.now();
    const { from, to } = bookable(period, now);
    const slots = from < to ? slotsOf(doctor, hours, zone, { from, to }) : [];
    if (slots.length === 0) return [];
    const grains = grainsBetween(slots[0]!, slots.at(-1)!);
    const claimed = await claims.claimed(doctor.doctor_id, grains.from, grains.to, tx);
    const taken = claimed.filter((place) => isTaken(place, now));
    return freeAmong(slots, taken, doctor.slot_capacity);
  }

  /**
   * Of a day without a time: the slot that is held, else the first free one at which the patient is free too, else (where it may
   * be overbooked) the first. Throws `patient_busy`, and (for `withNearest`) why the day has none.
   */
  async function slotOfDay(
    duty: Duty,
    day: { from: Date; to: Date },
    { pointer, held, overbooks, patient_id }: Omit<Wish, 'doctor_id' | 'date'>,
    now: Date,
    tx: MongoTransaction,
  ): Promise<Slot> {
    checkBookingDay(day, now, bookingDays, pointer);
    if (held && day.from <= held.date && held.date < day.to) return held;
    const { doctor, hours, zone } = duty;
    const all = slotsOf(doctor, hours, zone, day);
    const left = slotsOf(doctor, hours, zone, bookable(day, now));
    const free = await freeIn(duty, day, tx);
    for (const { date, slot_end } of free)
      if (!patient_id || !(await claims.isBusy(patient_id, { date, slot_end }, tx)))
        return { date, slot_end };
    if (free.length > 0) throw new Problem('patient_busy');
    if (overbooks && left[0]) return left[0];
    throw new SlotRefused(
      left.length > 0 ? 'slot_taken' : all.length > 0 ? 'outside_booking_window' : noSlotOn(duty, day.from),
      duty,
      day.from,
    );
  }

  /** A few days around the wish first, for most doctors have a free slot there; at the most a month. */
  async function nearest({ duty, date }: SlotRefused): Promise<FreeSlot[]> {
    let free: FreeSlot[] = [];
    for (const days of nearestDays) {
      const [from, to] = [-days, days].map((n) => new Date(date.getTime() + n * dayMs)) as [Date, Date];
      // Refused, and free again a moment later, it would be the nearest to itself.
      const others = (await freeIn(duty, { from, to })).filter(
        (slot) => slot.date.getTime() !== date.getTime(),
      );
      free = nearestTo(others, date, nearestCount);
      if (free.length === nearestCount) break;
    }
    return free;
  }

  /**
   * Takes a place of the slot; null when there is none. Throws `patient_busy`. Of those that read it before one of them commits, the store
   * refuses all others, and they are run again; they, and anyone who comes later, see here that it is taken, from a read and
   * before any write.
   */
  async function tryClaim(
    { doctor: { doctor_id, slot_capacity } }: Duty,
    slot: Slot,
    holder: Holder,
    { now, overbooks = false }: Claiming,
    tx: MongoTransaction,
  ): Promise<Claimed | null> {
    const { is_visit, patient_id, holder_id } = holder;
    const who = { doctor_id, patient_id, except: holder_id };
    const { claimed, isBusy } = await claims.around(who, slot, grainsBetween(slot, slot), tx);
    const taken = placesIn(claimed.filter((each) => isTaken(each, now)));
    const choice = placeToTake(taken, slot_capacity, overbooks);
    if (!choice) return null;
    const { place, overbooked } = choice;
    if (is_visit !== undefined && isBusy) throw new Problem('patient_busy');
    await meet(doctor_id, slot, tx);
    if (placesIn(claimed).has(place)) await claims.clear({ doctor_id, place }, grainsOf(slot), now, tx);
    await claims.claim({ doctor_id, place, ...holder, ...slot }, grainsOf(slot), tx);
    return { overbooked };
  }

  /** A removal of the doctor excludes all who share this, and those who come for one slot meet here first. */
  const meet = (doctor_id: string, { date }: Slot, tx: MongoTransaction): Promise<void> =>
    locks.share(`doctor:${doctor_id}`, date.toISOString(), tx);

  const shown = ({ date, slot_end, free }: FreeSlot) => ({ start: date, end: slot_end, free });

  return {
    /** Runs what may throw that a slot can't be taken, and tells the nearest that can with the refusal. */
    async withNearest<T>(work: () => Promise<T>): Promise<T> {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof SlotRefused)) throw error;
        const nearest_slots = (await nearest(error)).map(shown);
        throw new Problem(error.code, undefined, { more: { nearest_slots } });
      }
    },

    /**
     * The slot of the doctor that begins at the time that was asked for. Throws `not_found`, `no_such_time`,
     * `outside_booking_window`, and (for `withNearest`) why there is no such slot.
     */
    async slotFor(
      { doctor_id, date, pointer, ...how }: Wish,
      now: Date,
      tx: MongoTransaction,
    ): Promise<{ duty: Duty; slot: Slot }> {
      const duty = await doctors.duty(doctor_id, tx);
      const { doctor, hours, zone } = duty;
      const wholeDay = parseBookingDay(date, zone, pointer);
      if (wholeDay) return { duty, slot: await slotOfDay(duty, wholeDay, { pointer, ...how }, now, tx) };
      const at = parseBookingTime(date, zone, pointer);
      checkBookingWindow(at, now, bookingDays, pointer);
      const slot = slotAt(doctor, hours, zone, at);
      if (typeof slot === 'string') throw new SlotRefused(slot, duty, at);
      return { duty, slot };
    },

    tryClaim,
    meet,

    /** As `tryClaim`. Throws (for `withNearest`) `slot_taken`. */
    async claim(
      duty: Duty,
      slot: Slot,
      holder: Holder,
      how: Claiming,
      tx: MongoTransaction,
    ): Promise<Claimed> {
      const claimed = await tryClaim(duty, slot, holder, how, tx);
      if (!claimed) throw new SlotRefused('slot_taken', duty, slot.date);
      return claimed;
    },

    /** Free slots of a half-open period, in order: nothing of the past, nor beyond what can be booked. Throws `not_found`. */
    async freeSlots(
      doctor_id: string,
      period: { from: Date; to: Date },
      tx?: MongoTransaction,
    ): Promise<FreeSlot[]> {
      return freeIn(await doctors.duty(doctor_id, tx), period, tx);
    },

    /** DOC-3. Throws `not_found`, and `invalid_request` for a period that is none, or too long. */
    async listFree(doctor_id: string, query: { from?: Date | undefined; to?: Date | undefined }) {
      const from = query.from ?? clock.now();
      const to = query.to ?? new Date(from.getTime() + usualPeriodDays * dayMs);
      if (to <= from) throw invalidField('/query/to', 'must be after from');
      if (to.getTime() - from.getTime() > longestPeriodDays * dayMs)
        throw invalidField('/query/to', `must be within ${longestPeriodDays} days of from`);
      const duty = await doctors.duty(doctor_id);
      const items = (await freeIn(duty, { from, to })).map(shown);
      return { doctor_id, time_zone: duty.zone, items };
    },

    /** The end of a visit that was booked without a slot. */
    endOf: ({ doctor, hours, zone }: Duty, date: Date): Date => {
      const slot = slotAt(doctor, hours, zone, date);
      if (typeof slot !== 'string') return slot.slot_end;
      return new Date(date.getTime() + doctor.slot_minutes * minuteMs);
    },
  };
}

export type CalendarService = ReturnType<typeof createCalendarService>;
