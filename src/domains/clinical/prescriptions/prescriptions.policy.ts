import type { Actor } from '../../../lib/actor.js';
import type { Prescription } from './prescriptions.types.js';

type Parties = Pick<Prescription, 'patient_id' | 'doctor_id'>;

export const isPrescriber = (actor: Actor, { doctor_id }: Pick<Parties, 'doctor_id'>): boolean =>
  actor.role === 'doctor' && actor.doctor_id === doctor_id;

const readsAll = ({ role }: Actor): boolean => role === 'admin' || role === 'doctor';

/** RX-2: the patient's own, and all of them for those who treat patients. */
export const canRead = (actor: Actor, { patient_id }: Parties): boolean =>
  readsAll(actor) || (actor.role === 'patient' && actor.patient_id === patient_id);

/** Whose prescriptions a list may show: undefined is everybody's, null nobody's. */
export const visibleTo = (actor: Actor): { readonly patient_id: string | null } | undefined =>
  readsAll(actor) ? undefined : { patient_id: actor.role === 'patient' ? actor.patient_id : null };

export const canChange = (actor: Actor, prescription: Parties): boolean =>
  actor.role === 'admin' || isPrescriber(actor, prescription);

/** What was removed concerns only the one who wrote it, and an admin. */
export const canReadRemoved = canChange;
