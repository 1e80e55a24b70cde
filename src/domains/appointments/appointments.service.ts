import type { Actor } from '../../lib/actor.js';
import type { BulkResult } from '../../lib/bulk.js';
import type { Clock } from '../../lib/clock.js';
import { invalidField, notFound, Problem } from '../../lib/errors.js';
import type { Infer } from '../../lib/fields.js';
import type { NewId } from '../../lib/ids.js';
import type { Page } from '../../lib/page.js';
import { checkVersion, refuseTaken, referred } from '../../lib/records.js';
import { importChecked, type Existing } from '../../lib/references.js';
import type { MongoTransaction, Transact } from '../../lib/transaction.js';
import type { Doctor } from '../doctors/index.js';
import type { HospitalsService } from '../hospitals/index.js';
import type { AppointmentSummary } from '../patients/index.js';
import { recentCount } from '../patients/patients.types.js';
import { canRead, canRemove, canUpdate } from './appointments.policy.js';
import type { AppointmentFilter, AppointmentRepository, Visible } from './appointments.repository.js';
import type {
  appointmentQuery,
  createAppointmentBody,
  ownAppointmentQuery,
  updateAppointmentBody,
} from './appointments.schema.js';
import { checkStep, isFinal } from './appointments.status.js';
import { checkBookingWindow, parseBookingTime } from './appointments.time.js';
import {
  appointmentCompleted,
  notBooked,
  type Appointment,
  type AppointmentCompleted,
  type ImportedAppointment,
} from './appointments.types.js';

export interface AppointmentsDeps {
  readonly appointments: AppointmentRepository;
  readonly doctors: {
    find(doctor_id: string, tx?: MongoTransaction): Promise<Doctor | null>;
    /** Reads the doctor so that a removal at the same moment conflicts. */
    hold(doctor_id: string, tx: MongoTransaction): Promise<Doctor | null>;
    readonly existing: Existing;
  };
  readonly patients: {
    find(patient_id: string, tx?: MongoTransaction): Promise<object | null>;
    readonly existing: Existing;
    /** Writes to the patient's document, so that bookings and a removal of one patient come one after the other. */
    setRecentAppointments(
      patient_id: string,
      summaries: readonly AppointmentSummary[],
      tx: MongoTransaction,
    ): Promise<unknown>;
  };
  readonly hospitals: Pick<HospitalsService, 'get' | 'idsOf'>;
  /** The way to the billing store. */
  readonly outbox: {
    add(kind: string, payload: Readonly<Record<string, unknown>>, tx: MongoTransaction): Promise<void>;
    drain(): Promise<void>;
  };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  /** How many days ahead an appointment may be booked. */
  readonly bookingDays: number;
  countPrescriptions(appointment_id: string, tx: MongoTransaction): Promise<number>;
}

/** A booking as either route asks for it. `pointer` names the field of `date` in a refusal. */
export type BookingRequest = Omit<Infer<typeof createAppointmentBody>, 'disease_code'> & {
  disease_code?: string | null;
  pointer: string;
};

const toSummary = ({
  appointment_id,
  doctor_id,
  date,
  status,
  disease,
}: Appointment): AppointmentSummary => ({
  appointment_id,
  doctor_id,
  date,
  status,
  disease,
});

/** A patient books for oneself; that another patient exists is not a patient's to know. */
function patientOf(actor: Actor, named: string | undefined): string {
  if (actor.role === 'patient') {
    if (actor.patient_id === null) throw new Problem('forbidden', 'This account has no patient record.');
    if (named !== undefined && named !== actor.patient_id) throw notFound('patient');
    return actor.patient_id;
  }
  if (named === undefined) throw invalidField('/body/patient_id', 'is required');
  return named;
}

function visibleTo({ role, patient_id, doctor_id }: Actor): Visible {
  if (role === 'admin') return 'all';
  return role === 'doctor' ? { doctor_id } : { patient_id };
}

export function createAppointmentsService(deps: AppointmentsDeps) {
  const { appointments, doctors, patients, hospitals, outbox, transact, clock, newId } = deps;

  /** What the actor may see; for everybody else it does not exist. */
  async function readable(actor: Actor, appointment_id: string, tx?: MongoTransaction): Promise<Appointment> {
    const appointment = await appointments.find(appointment_id, tx);
    if (appointment) {
      if (canRead(actor, appointment)) return appointment;
      const { patient_id } = appointment;
      if (actor.role === 'doctor' && (await appointments.isPatientOf(actor.doctor_id, patient_id, tx)))
        return appointment;
    }
    throw notFound('appointment');
  }

  /** PAT-1: the patient's document says what the collection says, in the same transaction. */
  async function keepRecent(patient_id: string, tx: MongoTransaction): Promise<void> {
    const newest = await appointments.newestOfPatient(patient_id, recentCount, tx);
    await patients.setRecentAppointments(patient_id, newest.map(toSummary), tx);
  }

  async function announceCompletion(
    appointment: Appointment,
    now: Date,
    tx: MongoTransaction,
  ): Promise<void> {
    const { appointment_id, patient_id, doctor_id, department_id, hospital_id, disease, disease_code } =
      appointment;
    const doctor = await doctors.find(doctor_id, tx);
    if (!doctor)
      throw new Problem('unknown_reference', `There is no doctor ${doctor_id}, so no fee to bill.`);
    if (!(await patients.find(patient_id, tx)))
      throw new Problem('unknown_reference', `There is no patient ${patient_id} to bill.`);
    const payload: AppointmentCompleted = {
      ...{ appointment_id, patient_id, doctor_id, department_id, hospital_id, disease, disease_code },
      consultation_fee: doctor.consultation_fee,
      completed_at: now,
    };
    await outbox.add(appointmentCompleted, { ...payload }, tx);
  }

  return {
    get: (actor: Actor, appointment_id: string): Promise<Appointment> => readable(actor, appointment_id),
    find: (appointment_id: string, tx?: MongoTransaction): Promise<Appointment | null> =>
      appointments.find(appointment_id, tx),
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => appointments.existing(ids),
    isPatientOf: (doctor_id: string, patient_id: string, tx?: MongoTransaction): Promise<boolean> =>
      appointments.isPatientOf(doctor_id, patient_id, tx),
    busiest: (by: 'doctor_id' | 'patient_id'): Promise<string | null> => appointments.busiest(by),
    /** Scheduled and still to come, or checked in. */
    countOpenForDoctor: (doctor_id: string, tx: MongoTransaction): Promise<number> =>
      appointments.countOpenForDoctor(doctor_id, clock.now(), tx),
    countOpenForPatient: (patient_id: string, tx: MongoTransaction): Promise<number> =>
      appointments.countOpenForPatient(patient_id, clock.now(), tx),

    async list(actor: Actor, query: Infer<typeof appointmentQuery>): Promise<Page<Appointment>> {
      const { limit, cursor, sort, hospital_id, region, ...rest } = query;
      const filter: AppointmentFilter = {
        ...rest,
        hospital_ids: await hospitals.idsOf({ hospital_id, region }),
      };
      return appointments.listPage(visibleTo(actor), filter, sort, { limit, cursor });
    },

    /** The actor's own: those that a patient comes to, or a doctor holds. Anybody else has none. */
    listOwn(actor: Actor, query: Infer<typeof ownAppointmentQuery>): Promise<Page<Appointment>> {
      const { limit, cursor, sort, ...rest } = query;
      const { role, doctor_id, patient_id } = actor;
      const own = role === 'doctor' ? { doctor_id } : { patient_id };
      return appointments.listPage('all', { ...rest, ...own }, sort, { limit, cursor });
    },

    /** BOOK-1, BOOK-2. Throws `not_found`, `outside_booking_window`, `already_exists`. */
    book(actor: Actor, request: BookingRequest): Promise<Appointment> {
      const now = clock.now();
      // A code puts the visit into reports under a diagnosis: that is for those who can make one.
      if (actor.role === 'patient' && request.disease_code)
        throw new Problem('forbidden', '/body/disease_code is for the hospital to give.');
      const patient_id = patientOf(actor, request.patient_id);
      const appointment_id = request.appointment_id ?? newId('A');
      return refuseTaken('appointment', () =>
        transact(async (tx) => {
          const doctor = await doctors.hold(request.doctor_id, tx);
          if (!doctor) throw notFound('doctor');
          const { department_id, hospital_id } = doctor;
          const { time_zone } = await hospitals.get(hospital_id, tx);
          const date = parseBookingTime(request.date, time_zone, request.pointer);
          checkBookingWindow(date, now, deps.bookingDays, request.pointer);
          if (!(await patients.find(patient_id, tx))) throw notFound('patient');
          const appointment: Appointment = {
            appointment_id,
            patient_id,
            doctor_id: request.doctor_id,
            department_id,
            hospital_id,
            ...notBooked,
            date,
            ended_at: null,
            status: 'scheduled',
            disease: request.disease,
            disease_code: request.disease_code ?? null,
            reason: request.reason,
            history: [{ status: 'scheduled', at: now, by: actor.user_id }],
            version: 1,
            created_at: now,
            updated_at: now,
          };
          await appointments.insert(appointment, tx);
          await keepRecent(patient_id, tx);
          return appointment;
        }),
      );
    },

    /** BOOK-3, BOOK-5. Throws `not_found`, `forbidden`, `stale_version`, `step_not_allowed`. */
    async update(
      actor: Actor,
      appointment_id: string,
      body: Infer<typeof updateAppointmentBody>,
      ifMatch?: number,
    ): Promise<Appointment> {
      const now = clock.now();
      const updated = await transact(async (tx) => {
        const appointment = await readable(actor, appointment_id, tx);
        const { status } = body;
        if (!canUpdate(actor, appointment, body))
          throw new Problem('forbidden', 'That is for the doctor of this appointment.');
        checkVersion(appointment, ifMatch);
        if (status !== undefined) checkStep(appointment.status, status);
        else if (isFinal(appointment.status))
          throw new Problem(
            'step_not_allowed',
            `The appointment is ${appointment.status}, and stays as it is.`,
          );
        const step = status && {
          history: [...appointment.history, { status, at: now, by: actor.user_id }],
          ...(status === 'completed' ? { ended_at: now } : {}),
        };
        const changes = { ...body, ...step, updated_at: now };
        const changed = (await appointments.update(appointment_id, changes, tx))!;
        if (status === 'completed') await announceCompletion(changed, now, tx);
        await keepRecent(changed.patient_id, tx);
        return changed;
      });
      if (updated.status === 'completed') await outbox.drain();
      return updated;
    },

    /** Throws `not_found`, `stale_version`, `still_in_use`, `step_not_allowed`. */
    remove(actor: Actor, appointment_id: string, ifMatch?: number): Promise<void> {
      const now = clock.now();
      return transact(async (tx) => {
        const appointment = await readable(actor, appointment_id, tx);
        checkVersion(appointment, ifMatch);
        if (appointment.status === 'completed')
          throw new Problem('still_in_use', 'The appointment is billed.');
        if (!canRemove(actor, appointment, now)) {
          throw new Problem(
            'step_not_allowed',
            'It has begun, or somebody has acted on it: an admin may remove it.',
          );
        }
        const prescriptions = await deps.countPrescriptions(appointment_id, tx);
        if (prescriptions > 0)
          throw new Problem('still_in_use', `${prescriptions} prescriptions were written in it.`);
        await appointments.remove(appointment_id, tx);
        await keepRecent(appointment.patient_id, tx);
      });
    },

    /** For a record that is about to refer to the appointment: see `hospitals.reference`. Throws `unknown_reference`. */
    async reference(appointment_id: string, tx: MongoTransaction): Promise<Appointment> {
      return referred('appointment', appointment_id, await appointments.hold(appointment_id, tx));
    },

    /** BILL-5: Postgres has decided about the money of a visit; the mark in the appointment follows. */
    consumePayment: (_entry: { payload: Readonly<Record<string, unknown>> }): Promise<void> =>
      Promise.resolve(),

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
