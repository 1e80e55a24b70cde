import type { Actor } from '../../../lib/actor.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import {
  cancellationReasons,
  type Appointment,
  type AppointmentStatus,
  type CancellationReason,
} from './appointments.types.js';

type Parties = Pick<Appointment, 'patient_id' | 'doctor_id' | 'hospital_id'>;

/** What an update asks for. */
interface AppointmentChange {
  readonly status?: AppointmentStatus | undefined;
  readonly disease?: string | null | undefined;
  readonly disease_code?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly cancellation_reason?: CancellationReason | undefined;
}

/**
 * For whom somebody books: a patient for oneself (that another one exists is not a patient's to know), an admin for whom
 * they name. Throws `forbidden`, `not_found`, `invalid_request`.
 */
export function patientOf(actor: Actor, named: string | undefined): string {
  if (actor.role === 'patient') {
    if (actor.patient_id === null) throw new Problem('forbidden', 'This account has no patient record.');
    if (named !== undefined && named !== actor.patient_id) throw notFound('patient');
    return actor.patient_id;
  }
  if (actor.role !== 'admin') throw new Problem('forbidden');
  if (named === undefined) throw invalidField('/body/patient_id', 'is required');
  return named;
}

export const isOwner = (actor: Actor, { patient_id }: Pick<Parties, 'patient_id'>): boolean =>
  actor.role === 'patient' && actor.patient_id === patient_id;

const isTreatingDoctor = (actor: Actor, { doctor_id }: Pick<Parties, 'doctor_id'>): boolean =>
  actor.role === 'doctor' && actor.doctor_id === doctor_id;

/** The desk of the hospital where it takes place. */
const isDesk = (actor: Actor, { hospital_id }: Pick<Parties, 'hospital_id'>): boolean =>
  actor.role === 'receptionist' && actor.hospital_id === hospital_id;

/** A doctor who has the patient, but not this appointment, reads it too: the service asks the store for that. */
export const canRead = (actor: Actor, appointment: Parties): boolean =>
  actor.role === 'admin' ||
  isDesk(actor, appointment) ||
  isOwner(actor, appointment) ||
  isTreatingDoctor(actor, appointment);

/**
 * The patient may call off the visit, for a reason of one's own, and say why one comes; what happens in it is the doctor's
 * to write.
 */
export function canUpdate(actor: Actor, appointment: Parties, change: AppointmentChange): boolean {
  if (actor.role === 'admin' || isTreatingDoctor(actor, appointment)) return true;
  if (!isOwner(actor, appointment)) return false;
  const { status, disease, disease_code, cancellation_reason } = change;
  if (cancellation_reason !== undefined && cancellationReasons[cancellation_reason].party !== 'patient')
    return false;
  return (
    (status === undefined || status === 'cancelled') && disease === undefined && disease_code === undefined
  );
}

/** While nobody has acted on it: an admin always, the patient before it begins. */
export const canReschedule = (actor: Actor, appointment: Appointment, now: Date): boolean =>
  appointment.status === 'scheduled' &&
  (actor.role === 'admin' || (isOwner(actor, appointment) && appointment.date > now));

/** An admin always; the patient before the date, unless somebody has acted on it. */
export function canRemove(actor: Actor, appointment: Appointment, now: Date): boolean {
  if (actor.role === 'admin') return true;
  const { date, status } = appointment;
  return isOwner(actor, appointment) && date > now && (status === 'scheduled' || status === 'cancelled');
}
