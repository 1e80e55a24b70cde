import type { Entry } from '../../../contracts/hand-overs.js';
import type { Actor } from '../../../lib/actor.js';
import type { BulkResult } from '../../../lib/bulk.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { Page } from '../../../lib/page.js';
import { referred } from '../../../lib/records.js';
import { importChecked } from '../../../lib/references.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import type { BreakGlass } from '../emergency-access/index.js';
import { createNews } from './appointments.news.js';
import { canRead } from './appointments.policy.js';
import type { AppointmentFilter, Visible } from './appointments.repository.js';
import type { appointmentQuery, ownAppointmentQuery, slotQuery } from './appointments.schema.js';
import { createKeepRecent } from './appointments.summaries.js';
import type { Appointment, FreeSlot, ImportedAppointment } from './appointments.types.js';
import { createBookingService } from './booking.service.js';
import { createCalendarService } from './calendar.service.js';
import { createDeathsService } from './deaths.service.js';
import { createChangingService, createGiveBack } from './changing.service.js';
import { createHoldsService } from './holds.service.js';
import { createReconcilingService } from './reconciling.service.js';

export function createAppointmentsService(deps: AppointmentsDeps) {
  const { appointments, doctors, patients, hospitals, inbox, transact, clock, reach } = deps;
  const news = createNews(deps);
  const keepRecent = createKeepRecent(deps);
  const calendar = createCalendarService(deps);
  const holds = createHoldsService({ ...deps, calendar });
  const booking = createBookingService({ ...deps, calendar, holds, news });
  const changing = createChangingService({ ...deps, calendar, news, keepRecent, readable });
  const deaths = createDeathsService({ ...deps, holds, news, keepRecent, giveBack: createGiveBack(deps) });
  const reconciling = createReconcilingService({ ...deps, news });

  /** What the actor may see; for everybody else it does not exist. */
  async function readable(actor: Actor, appointment_id: string, tx?: MongoTransaction): Promise<Appointment> {
    const appointment = await appointments.find(appointment_id, tx);
    if (appointment) {
      if (canRead(actor, appointment)) return appointment;
      if (actor.role === 'doctor' && (await patients.isReadable(actor, appointment.patient_id)))
        return appointment;
    }
    throw notFound('appointment');
  }

  /** Whose a list may show; null is nobody's. PAT-8: a doctor's own, and those of patients in their care or opened to them. */
  async function visibleTo(
    actor: Actor,
    asked: Pick<AppointmentFilter, 'doctor_id' | 'patient_id'>,
    glass?: BreakGlass,
  ): Promise<Visible> {
    const { role, patient_id, doctor_id, hospital_id } = actor;
    if (role === 'admin') return 'all';
    if (role === 'receptionist') return { hospital_id: hospital_id ?? null };
    if (role !== 'doctor') return { patient_id: role === 'patient' ? patient_id : null };
    // The two lists that doctors ask for need no look at all their patients.
    if (doctor_id === null || asked.doctor_id === doctor_id) return { doctor_id };
    if (asked.patient_id)
      return (await patients.isReadable(actor, asked.patient_id, glass)) ? 'all' : { doctor_id };
    return { doctor_id, patient_ids: await patients.idsInCareOf(doctor_id) };
  }

  const forActors = publicDoor({
    get: (actor: Actor, appointment_id: string): Promise<Appointment> => readable(actor, appointment_id),

    async list(
      actor: Actor,
      query: Infer<typeof appointmentQuery>,
      glass?: BreakGlass,
    ): Promise<Page<Appointment>> {
      const { limit, cursor, sort, hospital_id, region, ...rest } = query;
      const filter: AppointmentFilter = {
        ...rest,
        hospital_ids: await hospitals.idsOf({ hospital_id, region }),
      };
      return appointments.listPage(await visibleTo(actor, filter, glass), filter, sort, { limit, cursor });
    },

    /** The actor's own: those that a patient comes to, or a doctor holds. Anybody else has none. */
    listOwn(actor: Actor, query: Infer<typeof ownAppointmentQuery>): Promise<Page<Appointment>> {
      const { limit, cursor, sort, ...rest } = query;
      const { role, doctor_id, patient_id } = actor;
      const own = role === 'doctor' ? { doctor_id } : { patient_id: role === 'patient' ? patient_id : null };
      return appointments.listPage('all', { ...rest, ...own }, sort, { limit, cursor });
    },

    // When a doctor is free is everybody's to know.
    listFree: (_actor: Actor | null, doctor_id: string, query: Infer<typeof slotQuery>) =>
      calendar.listFree(doctor_id, query),
    freeSlots: (
      _actor: Actor | null,
      doctor_id: string,
      period: { from: Date; to: Date },
    ): Promise<FreeSlot[]> => calendar.freeSlots(doctor_id, period),

    book: booking.book,
    hold: holds.hold,
    getHold: holds.get,
    listHolds: holds.list,
    release: holds.release,
    ...changing,
  });

  return {
    forActors,

    find: (appointment_id: string, tx?: MongoTransaction): Promise<Appointment | null> =>
      appointments.find(appointment_id, tx),
    findMany: (appointment_ids: readonly string[]): Promise<Appointment[]> =>
      appointments.findMany(appointment_ids),
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => appointments.existing(ids),
    isBooked: appointments.isBooked,
    isBusy: deps.claims.isBusy,
    hasAnyOf: appointments.hasAnyOf,
    keepRecent,
    busiest: (by: 'doctor_id' | 'patient_id'): Promise<string | null> => appointments.busiest(by),
    /** Scheduled and still to come, or checked in. */
    countOpenForDoctor: (doctor_id: string, tx: MongoTransaction): Promise<number> =>
      appointments.countOpenForDoctor(doctor_id, clock.now(), tx),
    listScheduledOfDoctor: appointments.listScheduledOfDoctor,
    countOpenForPatient: (patient_id: string, tx: MongoTransaction): Promise<number> =>
      appointments.countOpenForPatient(patient_id, clock.now(), tx),

    freeSlots: calendar.freeSlots,
    claimMissing: booking.claimMissing,
    holdFor: holds.holdFor,
    releaseHold: holds.releaseHold,
    sweepHolds: holds.sweep,
    ...reconciling,
    callOff: deaths.callOff,
    /** After the commit: the books follow at once, if they can. */
    calledOff: () => deps.outbox.drain(),

    /** For a record that is about to refer to the appointment: see `hospitals.reference`. Throws `unknown_reference`. */
    async reference(appointment_id: string, tx: MongoTransaction): Promise<Appointment> {
      return referred('appointment', appointment_id, await appointments.lockForReference(appointment_id, tx));
    },

    /**
     * BILL-5: Postgres has decided about the money of a visit; the mark in the appointment
     * follows, and the patient is notified. News may come late, twice and in any order: an older one leaves the mark as it is.
     */
    consumePayment({ entry_id, payload: change }: Entry<'payment.changed'>): Promise<void> {
      const { appointment_id, transaction_id, status, total_fee, refunded, as_of } = change;
      return transact(async (tx) => {
        if (!(await inbox.take(entry_id, tx))) return;
        const appointment = await appointments.find(appointment_id, tx);
        // Removed while it was being paid: the ledger has given the money back by itself.
        if (!appointment) return;
        if (as_of > (appointment.payment?.as_of ?? -1)) {
          const payment = { transaction_id, status, total_fee, refunded, as_of };
          await appointments.update(appointment_id, { payment, updated_at: clock.now() }, tx);
        }
        await news.paid(appointment, change, tx);
        reach('payment.changed', 'applying');
      });
    },

    /** History as it was, overlapping visits included: the rules of booking are for what is still to come. */
    importMany: (records: readonly ImportedAppointment[]): Promise<BulkResult> =>
      importChecked(records, {
        idOf: ({ appointment_id }) => appointment_id,
        fault: ({ date, ended_at }) => (ended_at && ended_at < date ? 'it ends before it starts' : undefined),
        references: [
          { field: 'patient_id', existing: patients.existing },
          { field: 'doctor_id', existing: doctors.existing },
        ],
        store: (good) => appointments.importMany(good as readonly Appointment[]),
      }),
  };
}

export type AppointmentsService = ReturnType<typeof createAppointmentsService>;
