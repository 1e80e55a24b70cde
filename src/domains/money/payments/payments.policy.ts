import type { Actor } from '../../../lib/actor.js';
import type { ProblemCode } from '../../../lib/errors.js';

/** Whose money, and where. */
interface Place {
  readonly patient_id: string;
  readonly hospital_id: string | null;
}

/** What a second person is judged by: since when one has the role, and who made the account. */
export interface Standing {
  readonly role_since: Date;
  readonly made_by: string | null;
}

const readsAll = ({ role }: Actor): boolean => role === 'manager' || role === 'admin';

/** Takes money at the desk, and sees that it came: an admin at any, a receptionist at the own hospital's. */
export const isDesk = (actor: Actor, { hospital_id }: Pick<Place, 'hospital_id'>): boolean =>
  actor.role === 'admin' ||
  (actor.role === 'receptionist' && hospital_id !== null && actor.hospital_id === hospital_id);

const isOwner = (actor: Actor, { patient_id }: Pick<Place, 'patient_id'>): boolean =>
  actor.role === 'patient' && actor.patient_id === patient_id;

/** BILL-2: managers and admins read all of it, the desk its hospital's, a patient their own. */
export const canRead = (actor: Actor, of: Place): boolean =>
  readsAll(actor) || isDesk(actor, of) || isOwner(actor, of);

/** Whose payments a list may show: undefined is everybody's, null nobody's. */
export function visibleTo(actor: Actor): { readonly [column: string]: string | null } | undefined {
  if (readsAll(actor)) return undefined;
  if (actor.role === 'receptionist' && actor.hospital_id) return { hospital_id: actor.hospital_id };
  return { patient_id: actor.role === 'patient' ? actor.patient_id : null };
}

/** For oneself, or at the desk for anyone who comes to it. */
export const canPay = (actor: Actor, of: Place): boolean => isDesk(actor, of) || isOwner(actor, of);

/** Gives money back, and voids what was a mistake. */
export const canRefund = (actor: Actor): boolean => actor.role === 'admin';

/** The ledger, and the voided payments that have left the lists. */
export const canReadBooks = readsAll;

/** Four eyes: who asked for a refund neither approves nor rejects it. */
export const canDecide = (
  actor: Actor,
  { requested_by }: { readonly requested_by: string | null },
): boolean => actor.user_id !== requested_by;

/**
 * BILL-7: what keeps `actor` from being the second person; null: nothing. One is, who has had the role for `hours`, and who has
 * not made the account that asks within them: an admin and the account that the admin has just made are one person.
 */
export function approverFault(
  actor: Actor,
  { requested_by }: { readonly requested_by: string | null },
  standing: { readonly approver: Standing | null; readonly requester: Standing | null },
  { now, hours }: { readonly now: Date; readonly hours: number },
): { readonly code: ProblemCode; readonly detail: string } | null {
  const { approver, requester } = standing;
  const isNew = (one: Standing): boolean => one.role_since.getTime() > now.getTime() - hours * 3_600_000;
  if (actor.user_id === requested_by)
    return { code: 'same_person', detail: 'You have asked for it yourself.' };
  if (hours > 0 && (!approver || isNew(approver)))
    return { code: 'new_approver', detail: `An approver must have been an admin for ${hours} hours.` };
  if (requester?.made_by === actor.user_id && isNew(requester))
    return { code: 'same_person', detail: `You made the account that asks less than ${hours} hours ago.` };
  return null;
}
