import type { Actor } from '../../../lib/actor.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Once } from '../../../lib/idempotency.js';
import type { Infer } from '../../../lib/fields.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { grainsOf, slotAt, type Slot } from '../../network/doctors/index.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import { isOwner, patientOf } from './appointments.policy.js';
import type { holdBody } from './appointments.schema.js';
import type { Hold } from './appointments.types.js';
import type { CalendarService } from './calendar.service.js';

const minuteMs = 60_000;

type HoldsDeps = Pick<
  AppointmentsDeps,
  | 'audit'
  | 'claims'
  | 'doctors'
  | 'patients'
  | 'locks'
  | 'transact'
  | 'clock'
  | 'newId'
  | 'holdMinutes'
  | 'maxHolds'
  | 'offerFreed'
  | 'offerAnswered'
> & { readonly calendar: CalendarService };

/** BOOK-9: slots that are kept for a few minutes for somebody who is about to book them. */
export function createHoldsService(deps: HoldsDeps) {
  const { audit, claims, doctors, patients, locks, calendar, transact, clock, newId } = deps;

  /** The patient's own, or any as an admin; run out or not, as long as nobody else has its slot. Throws `not_found`. */
  async function get(actor: Actor, hold_id: string, tx?: MongoTransaction): Promise<Hold> {
    const hold = await claims.findHold(hold_id, tx);
    if (!hold || !(actor.role === 'admin' || isOwner(actor, hold))) throw notFound('hold');
    return hold;
  }

  /** What it held is free for anyone who waits. */
  async function giveBack({ hold_id, doctor_id, date, slot_end }: Hold, now: Date, tx: MongoTransaction) {
    await claims.releaseHold(hold_id, tx);
    const doctor = await doctors.find(doctor_id, tx);
    if (doctor && date > now)
      await deps.offerFreed({ doctor_id, hospital_id: doctor.hospital_id, date, slot_end }, tx);
  }

  /**
   * With one key for all, so that the holds of one patient are counted, and given back, one after the other, and nobody else
   * waits.
   */
  const lockHolds = (patient_id: string, tx: MongoTransaction): Promise<void> =>
    locks.share(`holds:${patient_id}`, 'all', tx);

  return {
    get: (actor: Actor, hold_id: string): Promise<Hold> => get(actor, hold_id),

    /**
     * Throws `forbidden`, `not_found`, `no_such_time`, `outside_booking_window`, `too_many_holds`, `slot_taken` and the
     * refusals of a time, with the nearest free slots.
     */
    hold(actor: Actor, body: Infer<typeof holdBody>, once?: Once): Promise<Hold> {
      const patient_id = patientOf(actor, body.patient_id);
      const now = clock.now();
      const hold_id = newId('HO');
      return calendar.withNearest(() =>
        transact(async (tx) => {
          const { duty, slot } = await calendar.slotFor({ ...body, pointer: '/body/date' }, now, tx);
          await patients.living(patient_id, tx);
          if ((await claims.countHolds(patient_id, now, tx)) >= deps.maxHolds)
            throw new Problem('too_many_holds', `At most ${deps.maxHolds} at a time.`);
          await lockHolds(patient_id, tx);
          const expires_at = new Date(now.getTime() + deps.holdMinutes * minuteMs);
          const holder = { holder_id: hold_id, patient_id, expires_at, is_visit: false };
          await calendar.claim(duty, slot, holder, { now }, tx);
          await audit.done(actor, [patient_id], tx);
          return { hold_id, doctor_id: body.doctor_id, patient_id, ...slot, expires_at };
        }, once),
      );
    },

    /** What the patient holds just now. */
    list: async (actor: Actor): Promise<Hold[]> =>
      actor.patient_id === null ? [] : claims.listHolds(actor.patient_id, clock.now()),

    /** Throws `not_found`. */
    release(actor: Actor, hold_id: string): Promise<void> {
      const now = clock.now();
      return transact(async (tx) => {
        const hold = await get(actor, hold_id, tx);
        await deps.offerAnswered(hold_id, 'left', tx);
        await giveBack(hold, now, tx);
        await audit.done(actor, [hold.patient_id], tx);
      });
    },

    /**
     * Gives back what ran out and nobody has taken since: it needs no sweep to be booked, but anyone who began to wait while
     * it was held hears of it by no other way.
     */
    async sweep(): Promise<void> {
      const now = clock.now();
      for (const hold_id of await claims.listRunOut(now))
        await transact(async (tx) => {
          const hold = await claims.findHold(hold_id, tx);
          if (hold && hold.expires_at <= now) await giveBack(hold, now, tx);
        });
    },

    /** Which slot it is; undefined when there is no such hold. Whose it is, `use` asks. */
    async slotOf(hold_id: string, tx: MongoTransaction): Promise<Slot | undefined> {
      const hold = await claims.findHold(hold_id, tx);
      return hold ? { date: hold.date, slot_end: hold.slot_end } : undefined;
    },

    /** Books what was held, for the patient whose hold it is. Throws `not_found`, `hold_expired`, `patient_busy`, `invalid_request`. */
    async use(
      hold_id: string,
      booking: { appointment_id: string; patient_id: string; doctor_id: string; slot: Slot },
      now: Date,
      tx: MongoTransaction,
    ): Promise<Slot> {
      const { appointment_id, patient_id, doctor_id, slot } = booking;
      const hold = await claims.findHold(hold_id, tx);
      if (hold && hold.patient_id !== patient_id) throw notFound('hold');
      if (!hold || hold.expires_at <= now) throw new Problem('hold_expired');
      if (hold.doctor_id !== doctor_id || hold.date.getTime() !== slot.date.getTime())
        throw invalidField('/body/hold_id', 'holds another slot');
      if (await claims.isBusy(patient_id, hold, tx)) throw new Problem('patient_busy');
      await calendar.meet(doctor_id, slot, tx);
      const grains = await claims.book(hold_id, appointment_id, tx);
      // A server whose clock is ahead of this one's may have given a part of it away.
      if (grains !== grainsOf(hold).length) throw new Problem('hold_expired');
      await deps.offerAnswered(hold_id, 'booked', tx);
      return { date: hold.date, slot_end: hold.slot_end };
    },

    /**
     * For somebody who waits: keeps a freed slot until `expires_at`, whatever else they hold. null when it is taken
     * meanwhile, past, or no slot of the doctor any more.
     */
    async holdFor(wanted: Omit<Hold, 'hold_id'>, tx: MongoTransaction): Promise<Hold | null> {
      const { doctor_id, patient_id, date, expires_at } = wanted;
      const now = clock.now();
      if (!(await doctors.find(doctor_id, tx))) return null;
      const duty = await doctors.duty(doctor_id, tx);
      const slot = slotAt(duty.doctor, duty.hours, duty.zone, date);
      if (date <= now || typeof slot === 'string') return null;
      const hold_id = newId('HO');
      const holder = { holder_id: hold_id, patient_id, expires_at };
      const claimed = await calendar.tryClaim(duty, slot, holder, { now }, tx);
      return claimed && { hold_id, doctor_id, patient_id, ...slot, expires_at };
    },

    /** All that the patient holds, for anyone who waits. */
    async releaseAll(patient_id: string, tx: MongoTransaction): Promise<void> {
      const now = clock.now();
      await lockHolds(patient_id, tx);
      for (const hold of await claims.listHolds(patient_id, now, tx)) {
        await deps.offerAnswered(hold.hold_id, 'left', tx);
        await giveBack(hold, now, tx);
      }
    },

    /** Without offering it to anybody. */
    async releaseHold(hold_id: string, tx: MongoTransaction): Promise<void> {
      await claims.releaseHold(hold_id, tx);
    },
  };
}

export type HoldsService = ReturnType<typeof createHoldsService>;
