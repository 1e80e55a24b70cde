import type { Announce } from '../../../contracts/hand-overs.js';
import type { NewNotification } from '../../../contracts/notifications.js';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page } from '../../../lib/page.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import { defaultPreferences, isOwn, wantsEmail } from './notifications.policy.js';
import type { NotificationRepository } from './notifications.repository.js';
import type { notificationQuery } from './notifications.schema.js';
import { textOf } from './notifications.texts.js';
import { type Notification, type NotificationPreferences } from './notifications.types.js';

export interface NotificationsDeps {
  readonly notifications: NotificationRepository;
  /** Of the user who is that patient or doctor; null when nobody is. */
  userOf(
    who: Exclude<NewNotification['to'], { user_id: unknown }>,
    tx: MongoTransaction,
  ): Promise<string | null>;
  /** The way to the one who sends emails; undefined: nobody does. */
  readonly outbox: Pick<Announce<MongoTransaction>, 'add'> | undefined;
  /** To the webhooks of its user; undefined: there are none. */
  readonly toWebhooks: ((notification: Notification, tx: MongoTransaction) => Promise<void>) | undefined;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
}

export function createNotificationsService(deps: NotificationsDeps) {
  const { notifications, outbox, transact, clock, newId } = deps;

  async function own(actor: Actor, notification_id: string, tx?: MongoTransaction): Promise<Notification> {
    const notification = await notifications.find(notification_id, tx);
    if (!notification || !isOwn(actor, notification)) throw notFound('notification');
    return notification;
  }

  const preferencesOf = async (user_id: string, tx?: MongoTransaction): Promise<NotificationPreferences> =>
    (await notifications.findPreferences(user_id, tx)) ?? defaultPreferences;

  async function setPreferencesOf(
    user_id: string,
    { email, muted_kinds }: NotificationPreferences,
    tx: MongoTransaction,
  ): Promise<NotificationPreferences> {
    const wanted = { email, muted_kinds: [...new Set(muted_kinds)] };
    await notifications.setPreferences(user_id, wanted, tx);
    return wanted;
  }

  const forActors = publicDoor({
    get: (actor: Actor, notification_id: string): Promise<Notification> => own(actor, notification_id),

    list(actor: Actor, query: Infer<typeof notificationQuery>): Promise<Page<Notification>> {
      const { limit, cursor, unread } = query;
      return notifications.listPage(actor.user_id, unread, { limit, cursor });
    },

    /** What is read already keeps the time at which it was. Throws `not_found`. */
    mark: (actor: Actor, notification_id: string, read: boolean): Promise<Notification> =>
      transact(async (tx) => {
        const notification = await own(actor, notification_id, tx);
        if (read === (notification.read_at !== null)) return notification;
        const read_at = read ? clock.now() : null;
        await notifications.setRead(notification_id, read_at, tx);
        return { ...notification, read_at };
      }),

    markAll: (actor: Actor): Promise<{ marked: number }> =>
      transact(async (tx) => ({
        marked: await notifications.setAllRead(actor.user_id, clock.now(), tx),
      })),

    preferences: (actor: Actor): Promise<NotificationPreferences> => preferencesOf(actor.user_id),

    setPreferences: (actor: Actor, body: NotificationPreferences): Promise<NotificationPreferences> =>
      transact((tx) => setPreferencesOf(actor.user_id, body, tx)),
  });

  return {
    forActors,

    countRefused: notifications.countRefused,
    preferencesOf,
    setPreferencesOf,

    /** SUP-9: tells a patient or a doctor, in the transaction of what they are told of: so once, or not at all. */
    async notify(message: NewNotification, tx: MongoTransaction): Promise<void> {
      const { kind, to, appointment_id, file_id } = message;
      const user_id = 'user_id' in to ? to.user_id : await deps.userOf(to, tx);
      if (user_id === null) return;
      const emailed = outbox && wantsEmail(await preferencesOf(user_id, tx), kind);
      const notification_id = newId('N');
      const notification = await notifications.insert(
        {
          ...{ notification_id, user_id, kind, ...textOf(message), appointment_id },
          email_status: emailed ? 'waiting' : null,
          created_at: clock.now(),
          read_at: null,
        },
        tx,
      );
      await deps.toWebhooks?.(notification, tx);
      if (emailed)
        await outbox.add('notification.email', { notification_id, ...(file_id && { file_id }) }, tx);
    },
  };
}

export type NotificationsService = ReturnType<typeof createNotificationsService>;
