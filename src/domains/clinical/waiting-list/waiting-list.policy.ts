import type { Actor } from '../../../lib/actor.js';
import type { WaitingEntry } from './waiting-list.types.js';

/** The patient who waits, and an admin; to everybody else it does not exist. */
export const canLeave = (actor: Actor, { patient_id }: Pick<WaitingEntry, 'patient_id'>): boolean =>
  actor.role === 'admin' || (actor.role === 'patient' && actor.patient_id === patient_id);

/** Whose entries a list may show: a patient's own, those who wait for the doctor, or all. null names nobody. */
export function visibleTo({
  role,
  patient_id,
  doctor_id,
}: Actor): Partial<Record<'patient_id' | 'doctor_id', string | null>> {
  if (role === 'admin') return {};
  if (role === 'doctor') return { doctor_id };
  return { patient_id: role === 'patient' ? patient_id : null };
}
