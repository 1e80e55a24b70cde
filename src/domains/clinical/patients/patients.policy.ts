import type { Actor } from '../../../lib/actor.js';
import type { Patient } from './patients.types.js';

/** Needs only the id, so that it can be asked before anything is read: a refusal takes as long as a miss (PAT-5). */
type Whose = Pick<Patient, 'patient_id'>;

/** What patients say of themselves; the rest is the admin's. */
const ownFields: readonly string[] = ['name', 'contact'] satisfies (keyof Patient)[];

const isSelf = (actor: Actor, { patient_id }: Whose): boolean =>
  actor.role === 'patient' && actor.patient_id === patient_id;

/** PAT-2, PAT-8: lists and searches show an admin every patient, a doctor those in their care. */
export const canList = (actor: Actor): boolean => actor.role === 'admin' || actor.role === 'doctor';

/** PAT-8: a doctor too, if the patient is in their care: the store knows. */
export const canRead = (actor: Actor, patient: Whose): boolean =>
  actor.role === 'admin' || isSelf(actor, patient);

export const canUpdate = (actor: Actor, patient: Whose): boolean =>
  actor.role === 'admin' || isSelf(actor, patient);

/** Adds patients, and takes them away. */
export const canManage = (actor: Actor): boolean => actor.role === 'admin';

/** Given that the actor may update the patient at all: this field of it? */
export const canSet = (actor: Actor, field: string): boolean =>
  actor.role === 'admin' || ownFields.includes(field);
