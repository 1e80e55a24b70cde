import type { Actor } from '../../../lib/actor.js';
import { notFound, Problem, UniqueViolation } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { Once } from '../../../lib/idempotency.js';
import { refuseTaken } from '../../../lib/records.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { Duty, Slot } from '../../network/doctors/index.js';
import type { AppointmentSummary } from '../patients/index.js';
import { recentCount } from '../patients/patients.types.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import { namesOf, type News } from './appointments.news.js';
import { patientOf } from './appointments.policy.js';
import type { createAppointmentBody } from './appointments.schema.js';
import { isOpen } from './appointments.status.js';
import { toSummary } from './appointments.summaries.js';
import { notBooked, type Appointment } from './appointments.types.js';
import { SlotRefused, type CalendarService, type Claiming } from './calendar.service.js';
import type { HoldsService } from './holds.service.js';

/** A booking as either route asks for it. `pointer` names the field of `date` in a refusal. */
type BookingRequest = Omit<Infer<typeof createAppointmentBody>, 'disease_code' | 'status'> & {
  disease_code?: string | null;
  pointer: string;
};

type BookingDeps = Pick<
  AppointmentsDeps,
  | 'audit'
  | 'appointments'
  | 'claims'
  | 'doctors'
  | 'patients'
  | 'transact'
  | 'clock'
  | 'newId'
  | 'isInBooks'
  | 'maxBookings'
> & {
  readonly calendar: CalendarService;
  readonly holds: HoldsService;
  readonly news: News;
};

/** AUTH-13: visits to come of an account whose address is not confirmed. */
const unconfirmedBookings = 2;

/** Throws `forbidden` for what is the hospital's to say. */
function checkMayAsk(actor: Actor, { disease_code, overbooking_reason }: BookingRequest): void {
  if (actor.role !== 'patient') return;
  // A code is a diagnosis: a patient's words never make one.
  if (disease_code) throw new Problem('forbidden', '/body/disease_code is for the hospital to give.');
  if (overbooking_reason !== undefined)
    throw new Problem('forbidden', '/body/overbooking_reason: only an admin may overbook.');
}

export function createBookingService(deps: BookingDeps) {
  const { appointments, audit, claims, patients, calendar, holds, news, transact, clock, newId } = deps;

  /**
   * Nobody keeps a calendar for oneself. Bookings of one patient come one after the other, because each writes the
   * patient's newest appointments: they are those with this one, and tell how many are open unless there may be more.
   */
  async function checkRoom(
    patient_id: string,
    newest: readonly AppointmentSummary[],
    { unconfirmed }: Actor,
    now: Date,
    tx: MongoTransaction,
  ): Promise<void> {
    const most = unconfirmed ? Math.min(unconfirmedBookings, deps.maxBookings) : deps.maxBookings;
    const isAll = newest.length < recentCount;
    const open = isAll
      ? newest.filter((visit) => isOpen(visit, now)).length
      : await appointments.countOpenForPatient(patient_id, now, tx);
    if (open <= most) return;
    const more = unconfirmed ? 'confirm your email address to book more' : 'the desk can book more';
    throw new Problem('too_many_bookings', `At most ${most} at a time; ${more}.`);
  }

  /** That a patient's own id is taken is told; that another's is, is not: it looks like a slot that somebody was quicker for. */
  const mayKnow = async (actor: Actor, appointment_id: string): Promise<boolean> =>
    actor.role !== 'patient' || (await appointments.find(appointment_id))?.patient_id === actor.patient_id;

  /** The slot that is booked from now on, and whether it is beyond what the slot takes. */
  async function take(
    request: BookingRequest,
    { duty, slot }: { duty: Duty; slot: Slot },
    booking: { appointment_id: string; patient_id: string },
    now: Date,
    tx: MongoTransaction,
  ): Promise<Slot & { overbooked: boolean }> {
    const { hold_id, doctor_id, overbooking_reason } = request;
    if (hold_id !== undefined) {
      const held = await holds.use(hold_id, { ...booking, doctor_id, slot }, now, tx);
      return { ...held, overbooked: false };
    }
    const { appointment_id: holder_id, patient_id } = booking;
    const how: Claiming = { now, overbooks: overbooking_reason !== undefined };
    return {
      ...slot,
      ...(await calendar.claim(
        duty,
        slot,
        { holder_id, patient_id, expires_at: null, is_visit: true },
        how,
        tx,
      )),
    };
  }

  return {
    /**
     * BOOK-1 to BOOK-4, BOOK-9. A time on the wall is read on the clock of the doctor's hospital. Throws `forbidden`,
     * `not_found`, `no_such_time`, `outside_booking_window`, `already_exists`, `too_many_bookings`, `patient_busy`, `patient_deceased`, `hold_expired`, `slot_taken` and the other
     * refusals of a time, with the nearest free slots.
     */
    book(actor: Actor, request: BookingRequest, once?: Once): Promise<Appointment> {
      checkMayAsk(actor, request);
      const patient_id = patientOf(actor, request.patient_id);
      const now = clock.now();
      const appointment_id = request.appointment_id ?? newId('A');
      let wish: { duty: Duty; slot: Slot } | undefined;
      const book = async (tx: MongoTransaction): Promise<Appointment> => {
        const { hold_id, overbooking_reason } = request;
        const asked = {
          ...{ doctor_id: request.doctor_id, patient_id, date: request.date, pointer: request.pointer },
          held: hold_id === undefined ? undefined : await holds.slotOf(hold_id, tx),
          overbooks: overbooking_reason !== undefined,
        };
        const { duty, slot } = (wish = await calendar.slotFor(asked, now, tx));
        const { overbooked, ...taken } = await take(
          request,
          { duty, slot },
          { appointment_id, patient_id },
          now,
          tx,
        );
        // The ledger keeps the money of a visit that was removed: another one under its id would inherit it. After the slot,
        // which who may not know of the other visit is refused in any case.
        if (request.appointment_id !== undefined && (await deps.isInBooks(appointment_id)))
          throw new UniqueViolation('_id');
        const { doctor_id, department_id, hospital_id, consultation_fee } = duty.doctor;
        const appointment: Appointment = {
          ...notBooked,
          ...{ appointment_id, patient_id, doctor_id, department_id, hospital_id, consultation_fee },
          ...taken,
          overbooking_reason: overbooked ? request.overbooking_reason! : null,
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
        // Says by itself whether there is such a patient: to look first would cost every booking a query for the few that fail.
        const patient = await patients.addRecentAppointment(patient_id, toSummary(appointment), tx);
        if (!patient) throw notFound('patient');
        if (actor.role === 'patient') await checkRoom(patient_id, patient.appointments, actor, now, tx);
        await news.booked(appointment, patient, namesOf(duty), tx);
        await audit.done(actor, [patient_id], tx);
        return appointment;
      };
      // An id of this call's alone says whether an earlier attempt has booked.
      const made =
        request.appointment_id === undefined
          ? (tx: MongoTransaction) => appointments.find(appointment_id, tx)
          : undefined;
      return calendar.withNearest(() =>
        refuseTaken('appointment', () =>
          transact(book, once, made).catch(async (error: unknown) => {
            const isTaken = error instanceof UniqueViolation && error.key === '_id';
            if (!isTaken || (await mayKnow(actor, appointment_id))) throw error;
            throw new SlotRefused('slot_taken', wish!.duty, wish!.slot.date);
          }),
        ),
      );
    },

    /**
     * For a visit that is still to come, and has no slot: a record from elsewhere, or from before slots were claimed.
     * Takes its place, beyond the capacity if it must. False when there is nothing to claim.
     */
    claimMissing(appointment_id: string): Promise<boolean> {
      const now = clock.now();
      return transact(async (tx) => {
        const appointment = await appointments.find(appointment_id, tx);
        if (appointment?.status !== 'scheduled' || appointment.date <= now) return false;
        const { doctor_id, patient_id, date } = appointment;
        if (await claims.isBooked(appointment_id, tx)) return false;
        if (!(await deps.doctors.find(doctor_id, tx))) return false;
        const duty = await deps.doctors.duty(doctor_id, tx);
        const slot_end = appointment.slot_end ?? calendar.endOf(duty, date);
        const holder = { holder_id: appointment_id, patient_id, expires_at: null };
        await calendar.claim(duty, { date, slot_end }, holder, { now, overbooks: true }, tx);
        if (!appointment.slot_end)
          await appointments.update(appointment_id, { slot_end, updated_at: now }, tx);
        return true;
      });
    },
  };
}
