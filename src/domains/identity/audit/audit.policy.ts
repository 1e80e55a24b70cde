import type { Actor } from '../../../lib/actor.js';

export const canReadTrail = ({ role }: Actor): boolean => role === 'admin';

/** Who has read a record is the patient's to know. */
export const canReadAccesses = (actor: Actor, patient_id: string): boolean =>
  canReadTrail(actor) || (actor.role === 'patient' && actor.patient_id === patient_id);
