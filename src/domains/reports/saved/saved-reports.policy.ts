import type { Actor } from '../../../lib/actor.js';
import type { Visible } from './saved-reports.types.js';

/** Its owner, and an admin; to everybody else it does not exist. */
export const mayHave = (actor: Actor, { user_id }: { readonly user_id: string }): boolean =>
  actor.role === 'admin' || actor.user_id === user_id;

/** Who is sent it, and nobody else. */
export const mayLeave = ({ user_id }: Actor, { recipients }: { readonly recipients: readonly string[] }) =>
  recipients.includes(user_id);

export const visibleTo = ({ role, user_id }: Actor): Visible => (role === 'admin' ? {} : { user_id });

/** What was delivered was made for its owner, with what the owner may see: nobody else has it. */
export const mayDownload = (actor: Actor, { user_id }: { readonly user_id: string }): boolean =>
  actor.user_id === user_id;
