import type { Actor } from '../../../lib/actor.js';
import type { Prescription } from './prescriptions.types.js';

type Parties = Pick<Prescription, 'patient_id' | 'doctor_id'>;

export const isPrescriber = (actor: Actor, { doctor_id }: Pick<Parties, 'doctor_id'>): boolean =>
  actor.role === 'doctor' && actor.doctor_id === doctor_id;

/** RX-2: the patient's own, and what a doctor wrote. A doctor who has the patient in their care reads it too: the service asks for that. */
export const canRead = (actor: Actor, prescription: Parties): boolean =>
  actor.role === 'admin' ||
  isPrescriber(actor, prescription) ||
  (actor.role === 'patient' && actor.patient_id === prescription.patient_id);

export const canChange = (actor: Actor, prescription: Parties): boolean =>
  actor.role === 'admin' || isPrescriber(actor, prescription);

/** What was removed concerns only the one who wrote it, and an admin. */
export const canReadRemoved = canChange;
