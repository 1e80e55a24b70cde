import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page } from '../../../lib/page.js';
import { checkVersion, refuseTaken } from '../../../lib/records.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import { patientOf, type FreeSlot } from '../appointments/index.js';
import type { AuditService } from '../../identity/audit/index.js';
import type { DoctorsService } from '../../network/doctors/index.js';
import type { OffersService } from './offers.service.js';
import { periodOf, refusalOfDay } from './waiting-list.day.js';
import { canLeave, visibleTo } from './waiting-list.policy.js';
import type { WaitingListRepository } from './waiting-list.repository.js';
import type { joinBody, waitingQuery } from './waiting-list.schema.js';
import type { WaitingEntry } from './waiting-list.types.js';

export interface WaitingListDeps {
  readonly entries: WaitingListRepository;
  readonly offers: OffersService;
  readonly doctors: Pick<DoctorsService, 'duty'>;
  readonly patients: { living(patient_id: string, tx: MongoTransaction): Promise<unknown> };
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  /** What can be booked in a half-open period. */
  freeSlots(doctor_id: string, period: { from: Date; to: Date }, tx: MongoTransaction): Promise<FreeSlot[]>;
  readonly audit: Pick<AuditService, 'done'>;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  /** How many days ahead an appointment may be booked. */
  readonly bookingDays: number;
}

/** How many free slots a refusal names. */
const namedCount = 5;

/** BOOK-7: who waits for a slot of a doctor on a day. */
export function createWaitingListService(deps: WaitingListDeps) {
  const { entries, offers, doctors, patients, audit, transact, clock, newId } = deps;

  /** Throws why there is nothing to wait for: no slot that day, or a free one. */
  async function checkDay(doctor_id: string, day: Date, now: Date, tx: MongoTransaction) {
    const duty = await doctors.duty(doctor_id, tx);
    const refusal = refusalOfDay(duty, day, now, deps.bookingDays);
    if (refusal) throw new Problem(refusal);
    await offers.lockDay(doctor_id, day, tx);
    const free = await deps.freeSlots(doctor_id, periodOf(day, duty.zone), tx);
    if (free.length > 0) {
      const nearest_slots = free
        .slice(0, namedCount)
        .map(({ date, slot_end, free: places }) => ({ start: date, end: slot_end, free: places }));
      throw new Problem('slots_are_free', undefined, { more: { nearest_slots } });
    }
    return duty.doctor;
  }

  /** With one key: joining, and a death that ends all waiting, do not pass each other by. */
  const lockWaiting = (patient_id: string, tx: MongoTransaction): Promise<void> =>
    deps.locks.share(`waits:${patient_id}`, 'all', tx);

  const forActors = publicDoor({
    list(actor: Actor, query: Infer<typeof waitingQuery>): Promise<Page<WaitingEntry>> {
      const { limit, cursor, ...filter } = query;
      return entries.listPage(visibleTo(actor), filter, { limit, cursor });
    },

    /**
     * Throws `forbidden`, `not_found`, `outside_booking_window`, why the doctor has no slot that day, `slots_are_free`,
     * `already_waiting`.
     */
    join(actor: Actor, body: Infer<typeof joinBody>): Promise<WaitingEntry> {
      const patient_id = patientOf(actor, body.patient_id);
      const { doctor_id, day } = body;
      const now = clock.now();
      const waiting_id = newId('W');
      return refuseTaken(
        'waiting entry',
        () =>
          transact(async (tx) => {
            const { hospital_id } = await checkDay(doctor_id, day, now, tx);
            await patients.living(patient_id, tx);
            await lockWaiting(patient_id, tx);
            await audit.done(actor, [patient_id], tx);
            return entries.insert(
              {
                ...{ waiting_id, doctor_id, hospital_id, patient_id, day },
                status: 'waiting',
                offer: null,
                version: 1,
                created_at: now,
                updated_at: now,
              },
              tx,
            );
          }),
        'already_waiting',
      );
    },

    /** Throws `not_found`, `stale_version`, `step_not_allowed`. */
    leave(actor: Actor, waiting_id: string, ifMatch?: number): Promise<void> {
      const now = clock.now();
      return transact(async (tx) => {
        const entry = await entries.find(waiting_id, tx);
        if (!entry || !canLeave(actor, entry)) throw notFound('waiting entry');
        checkVersion(entry, ifMatch);
        if (entry.status !== 'waiting' && entry.status !== 'offered')
          throw new Problem('step_not_allowed', `The entry is ${entry.status}, and stays as it is.`);
        await entries.update(waiting_id, { status: 'left', updated_at: now }, tx);
        if (entry.status === 'offered') await offers.passOn(entry, tx);
        await audit.done(actor, [entry.patient_id], tx);
      });
    },
  });

  return {
    forActors,

    /** Ends all waiting of a patient; what was offered goes to the next. */
    async leaveAll(patient_id: string, tx: MongoTransaction): Promise<void> {
      const now = clock.now();
      await lockWaiting(patient_id, tx);
      const open = await entries.listOpen(patient_id, tx);
      for (const { waiting_id } of open)
        await entries.update(waiting_id, { status: 'left', updated_at: now }, tx);
      for (const entry of open) if (entry.status === 'offered') await offers.passOn(entry, tx);
    },
  };
}

export type WaitingListService = ReturnType<typeof createWaitingListService>;
