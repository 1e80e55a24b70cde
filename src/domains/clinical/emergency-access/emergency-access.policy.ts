import type { Actor } from '../../../lib/actor.js';
import type { EmergencyAccess } from './emergency-access.types.js';

const hourMs = 3_600_000;

/** PAT-8: a record that was opened closes again after an hour. */
export const closesAt = (opened_at: Date): Date => new Date(opened_at.getTime() + hourMs);

/** Nobody reviews what they did themselves. */
export const canReview = (actor: Actor, { user_id }: Pick<EmergencyAccess, 'user_id'>): boolean =>
  actor.role === 'admin' && actor.user_id !== user_id;
