import type { Actor } from '../../../lib/actor.js';

const readsAll = ({ role }: Actor): boolean => role === 'manager' || role === 'admin';

/** BILL-2: managers and admins read all of it, a patient their own. */
export const canRead = (actor: Actor, { patient_id }: { readonly patient_id: string }): boolean =>
  readsAll(actor) || (actor.role === 'patient' && actor.patient_id === patient_id);

/** Whose payments a list may show: undefined is everybody's, null nobody's. */
export const visibleTo = (actor: Actor): { readonly patient_id: string | null } | undefined =>
  readsAll(actor) ? undefined : { patient_id: actor.role === 'patient' ? actor.patient_id : null };

/** For oneself, or as an admin for anyone who comes to the desk. */
export const canPay = (actor: Actor, { patient_id }: { readonly patient_id: string }): boolean =>
  actor.role === 'admin' || (actor.role === 'patient' && actor.patient_id === patient_id);

/** Gives money back, and voids what was a mistake. */
export const canRefund = (actor: Actor): boolean => actor.role === 'admin';

/** The ledger, and the voided payments that have left the lists. */
export const canReadBooks = readsAll;

/** Four eyes: who asked for a refund neither approves nor rejects it. */
export const canDecide = (
  actor: Actor,
  { requested_by }: { readonly requested_by: string | null },
): boolean => actor.user_id !== requested_by;
