import type { Actor } from '../../../lib/actor.js';
import type { NotificationKind } from '../../../contracts/notifications.js';
import type { Notification, NotificationPreferences } from './notifications.types.js';

export const isOwn = (actor: Actor, { user_id }: Pick<Notification, 'user_id'>): boolean =>
  actor.user_id === user_id;

/** As long as a user has not said otherwise. */
export const defaultPreferences: NotificationPreferences = { email: true, muted_kinds: [] };

export const wantsEmail = (
  { email, muted_kinds }: NotificationPreferences,
  kind: NotificationKind,
): boolean => email && !muted_kinds.includes(kind);
