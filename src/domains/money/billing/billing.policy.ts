import type { Actor } from '../../../lib/actor.js';
import type { BillingRow } from './billing.types.js';

const readsAll = ({ role }: Actor): boolean => role === 'manager' || role === 'admin';

/** BILL-1: managers and admins read all of it, a patient their own. */
export const canRead = (actor: Actor, { patient_id }: Pick<BillingRow, 'patient_id'>): boolean =>
  readsAll(actor) || (actor.role === 'patient' && actor.patient_id === patient_id);

/** Whose rows a list may show: undefined is everybody's, null nobody's. */
export const visibleTo = (actor: Actor): { readonly patient_id: string | null } | undefined =>
  readsAll(actor) ? undefined : { patient_id: actor.role === 'patient' ? actor.patient_id : null };
