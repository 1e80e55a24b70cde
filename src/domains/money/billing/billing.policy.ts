import type { Actor } from '../../../lib/actor.js';
import type { BillingRow } from './billing.types.js';

/** BILL-1: managers and admins read all of it, a patient their own. */
export const canRead = (actor: Actor, { patient_id }: Pick<BillingRow, 'patient_id'>): boolean =>
  actor.role === 'manager' ||
  actor.role === 'admin' ||
  (actor.role === 'patient' && actor.patient_id === patient_id);
