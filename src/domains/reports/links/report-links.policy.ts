import type { Actor } from '../../../lib/actor.js';

/** Who has made it, and an admin; to everybody else it does not exist. */
export const mayHave = (actor: Actor, { user_id }: { readonly user_id: string }): boolean =>
  actor.role === 'admin' || actor.user_id === user_id;

export const visibleTo = ({ role, user_id }: Actor): { user_id?: string } =>
  role === 'admin' ? {} : { user_id };

/**
 * A link goes to people whom nobody has signed in: it shows what a manager sees, whoever has made it (PAT-8), and takes no turn of
 * its maker's.
 */
export const askerFor = (link_id: string) =>
  ({ user_id: link_id, role: 'manager', doctor_id: null }) as const satisfies Partial<Actor>;
