import type { Actor } from '../../../lib/actor.js';

/** BILL-2: managers and admins read all of it, a patient their own. */
export const canRead = (actor: Actor, { patient_id }: { readonly patient_id: string }): boolean =>
  actor.role === 'manager' ||
  actor.role === 'admin' ||
  (actor.role === 'patient' && actor.patient_id === patient_id);

/** A voided payment leaves the lists; who keeps the books still reads it. */
export const canReadVoided = (actor: Actor): boolean => actor.role === 'manager' || actor.role === 'admin';

/** Four eyes: who asked for a refund neither approves nor rejects it. */
export const canDecide = (
  actor: Actor,
  { requested_by }: { readonly requested_by: string | null },
): boolean => actor.user_id !== requested_by;
