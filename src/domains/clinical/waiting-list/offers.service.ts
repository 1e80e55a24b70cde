import type { NewNotification } from '../../../contracts/notifications.js';
import { onClock } from '../../../lib/time.js';
import type { Clock } from '../../../lib/clock.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { FreedSlot, Hold } from '../appointments/index.js';
import type { Doctor } from '../../network/doctors/index.js';
import type { HospitalsService } from '../../network/hospitals/index.js';
import { dayOf, periodOf } from './waiting-list.day.js';
import type { WaitingListRepository } from './waiting-list.repository.js';
import type { WaitingEntry, WaitingStatus } from './waiting-list.types.js';

export interface OffersDeps {
  readonly entries: WaitingListRepository;
  readonly doctors: { find(doctor_id: string, tx: MongoTransaction): Promise<Doctor | null> };
  readonly patients: {
    find(patient_id: string, tx: MongoTransaction): Promise<{ readonly deceased_date: Date | null } | null>;
  };
  readonly hospitals: Pick<HospitalsService, 'find'>;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  /** null when the slot can't be taken any more. */
  holdFor(wanted: Omit<Hold, 'hold_id'>, tx: MongoTransaction): Promise<Hold | null>;
  /** Without offering the slot to anybody. */
  releaseHold(hold_id: string, tx: MongoTransaction): Promise<void>;
  /** Whether the patient is to see the doctor in that half-open period. */
  isBooked(
    parties: { doctor_id: string; patient_id: string },
    period: { from: Date; to: Date },
    tx: MongoTransaction,
  ): Promise<boolean>;
  /** Whether the patient has a visit at that time. */
  isBusy(
    patient_id: string,
    slot: Pick<FreedSlot, 'date' | 'slot_end'>,
    tx: MongoTransaction,
  ): Promise<boolean>;
  notify(message: NewNotification, tx: MongoTransaction): Promise<void>;
  readonly transact: Transact;
  readonly clock: Clock;
  /** How long a slot is kept for whom it is offered to. */
  readonly offerMinutes: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Offers of freed slots: each to the first in the queue, until it is booked, left or runs out. */
export function createOffersService(deps: OffersDeps) {
  const { entries, doctors, patients, hospitals, transact, clock } = deps;

  const end = (entry: WaitingEntry, status: WaitingStatus, tx: MongoTransaction): Promise<unknown> =>
    entries.update(entry.waiting_id, { status, updated_at: clock.now() }, tx);

  /**
   * A transaction that frees a slot and one that finds none free, and begins to wait, must not pass each other by: both
   * take this lock, with one key, so that the store refuses one of them, which is run again.
   */
  const lockDay = (doctor_id: string, day: Date, tx: MongoTransaction): Promise<void> =>
    deps.locks.share(`waiting:${doctor_id}:${day.toISOString().slice(0, 10)}`, 'all', tx);

  /** The first who still needs it; those who do not any more are taken off the list. */
  async function firstInQueue(
    slot: FreedSlot,
    day: Date,
    zone: string,
    tx: MongoTransaction,
  ): Promise<WaitingEntry | null> {
    for (const entry of await entries.listQueue(slot.doctor_id, day, tx)) {
      const patient = await patients.find(entry.patient_id, tx);
      if (!patient || patient.deceased_date) await end(entry, 'left', tx);
      else if (await deps.isBooked(entry, periodOf(day, zone), tx)) await end(entry, 'booked', tx);
      // Elsewhere at that time: waits on for another.
      else if (!(await deps.isBusy(entry.patient_id, slot, tx))) return entry;
    }
    return null;
  }

  /**
   * BOOK-7: the one who waits first for that doctor and day gets the slot held and is told, in the transaction that frees it
   * (after its claims are gone). When nobody waits, or the slot is no slot any more, it is left as it is. A patient
   * without an account is offered it too: the hospital's desk sees it in the list.
   */
  async function offer(slot: FreedSlot, tx: MongoTransaction): Promise<void> {
    const { doctor_id, hospital_id, date, slot_end } = slot;
    const now = clock.now();
    const doctor = await doctors.find(doctor_id, tx);
    const hospital = await hospitals.find(hospital_id, tx);
    if (date <= now || !doctor || !hospital) return;
    const zone = hospital.time_zone;
    const day = dayOf(date, zone);
    await lockDay(doctor_id, day, tx);
    const entry = await firstInQueue(slot, day, zone, tx);
    if (!entry) return;
    const { waiting_id, patient_id } = entry;
    const expires_at = new Date(Math.min(now.getTime() + deps.offerMinutes * minuteMs, date.getTime()));
    const hold = await deps.holdFor({ doctor_id, patient_id, date, slot_end, expires_at }, tx);
    if (!hold) return;
    const offered = { hold_id: hold.hold_id, date, slot_end: hold.slot_end, expires_at };
    await entries.update(waiting_id, { status: 'offered', offer: offered, updated_at: now }, tx);
    const facts = { doctor: doctor.name, date: onClock(date, zone), until: onClock(expires_at, zone) };
    await deps.notify({ kind: 'waiting_list.offered', to: { patient_id }, appointment_id: null, facts }, tx);
  }

  /** Gives the slot of the offer, if there is one, to the next. */
  async function passOn({ doctor_id, hospital_id, offer: last }: WaitingEntry, tx: MongoTransaction) {
    if (!last) return;
    const { hold_id, date, slot_end } = last;
    await deps.releaseHold(hold_id, tx);
    await offer({ doctor_id, hospital_id, date, slot_end }, tx);
  }

  async function expire(waiting_id: string, now: Date, tx: MongoTransaction): Promise<void> {
    const entry = await entries.find(waiting_id, tx);
    // Another process was first.
    if (entry?.status !== 'offered' || !entry.offer || entry.offer.expires_at > now) return;
    await end(entry, 'expired', tx);
    const { doctor_id, hospital_id, patient_id } = entry;
    const doctor = await doctors.find(doctor_id, tx);
    const hospital = await hospitals.find(hospital_id, tx);
    if (doctor && hospital) {
      const facts = { doctor: doctor.name, date: onClock(entry.offer.date, hospital.time_zone) };
      await deps.notify(
        { kind: 'waiting_list.offer_expired', to: { patient_id }, appointment_id: null, facts },
        tx,
      );
    }
    await passOn(entry, tx);
  }

  return {
    offer,
    passOn,
    lockDay,

    /** The hold of an offer, if it is one, was booked, or given back by whom it was kept for. */
    async answered(hold_id: string, answer: 'booked' | 'left', tx: MongoTransaction): Promise<void> {
      const entry = await entries.findOffered(hold_id, tx);
      if (entry) await end(entry, answer, tx);
    },

    /**
     * Ends the offers that ran out, each with the offer to the next in one transaction, and the waiting for days that are
     * over. Several processes may do so at once: of two that end one offer, the store refuses the later.
     */
    async sweep(): Promise<void> {
      const now = clock.now();
      for (const { waiting_id } of await entries.listRunOut(now))
        await transact((tx) => expire(waiting_id, now, tx));
      // Two days ago is over in all zones.
      const yesterday = new Date(Math.floor(now.getTime() / dayMs) * dayMs - dayMs);
      if (await entries.isWaitingBefore(yesterday))
        await transact((tx) => entries.expireBefore(yesterday, now, tx));
    },
  };
}

export type OffersService = ReturnType<typeof createOffersService>;
