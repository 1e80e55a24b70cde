import { maySeeDisease, type Actor } from '../../../lib/actor.js';
import type { BillingRow } from './billing.types.js';

const readsAll = ({ role }: Actor): boolean => role === 'manager' || role === 'admin';

/** BILL-1: managers and admins read all of it, the desk its hospital's, a patient their own. */
export const canRead = (
  actor: Actor,
  { patient_id, hospital_id }: Pick<BillingRow, 'patient_id' | 'hospital_id'>,
): boolean =>
  readsAll(actor) ||
  (actor.role === 'receptionist' && hospital_id !== null && actor.hospital_id === hospital_id) ||
  (actor.role === 'patient' && actor.patient_id === patient_id);

/** Whose rows a list may show: undefined is everybody's, null nobody's. */
export function visibleTo(actor: Actor): { readonly [column: string]: string | null } | undefined {
  if (readsAll(actor)) return undefined;
  if (actor.role === 'receptionist' && actor.hospital_id) return { hospital_id: actor.hospital_id };
  return { patient_id: actor.role === 'patient' ? actor.patient_id : null };
}

/** A charge as the actor may see it. */
export const shownTo = <B extends Pick<BillingRow, 'disease' | 'disease_code'>>(actor: Actor, bill: B): B =>
  maySeeDisease(actor) ? bill : { ...bill, disease: null, disease_code: null };
