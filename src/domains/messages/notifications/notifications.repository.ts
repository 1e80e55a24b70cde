import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { queryLimitMs, sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { notificationModel, preferencesModel } from './notifications.model.js';
import type { EmailStatus, Notification, NotificationPreferences } from './notifications.types.js';

const newestFirst: SortOrder<Notification> = { name: '-created_at', field: 'created_at', direction: -1 };

export function createNotificationRepository(connection: Connection) {
  const model = notificationModel.on(connection);
  const preferences = preferencesModel.on(connection);
  const store = createDocumentStore<Notification, 'notification_id'>(model, 'notification_id');

  return {
    find: (notification_id: string, tx?: MongoTransaction): Promise<Notification | null> =>
      store.find(notification_id, tx),
    insert: (notification: Notification, tx: MongoTransaction): Promise<Notification> =>
      store.insert(notification, tx),
    listPage(user_id: string, unread: boolean | undefined, page: PageRequest): Promise<Page<Notification>> {
      const read = unread === undefined ? {} : { read_at: unread ? null : { $ne: null } };
      return store.page({ user_id, ...read }, newestFirst, page);
    },
    async setRead(notification_id: string, read_at: Date | null, tx: MongoTransaction): Promise<void> {
      await model.updateOne({ _id: notification_id }, { $set: { read_at } }, sessionOf(tx));
    },
    /** How many there were. */
    async setAllRead(user_id: string, read_at: Date, tx: MongoTransaction): Promise<number> {
      const unread = { user_id, read_at: null };
      const { modifiedCount } = await model.updateMany(unread, { $set: { read_at } }, sessionOf(tx));
      return modifiedCount;
    },
    async setEmailStatus(
      notification_id: string,
      email_status: EmailStatus,
      tx: MongoTransaction,
    ): Promise<void> {
      await model.updateOne({ _id: notification_id }, { $set: { email_status } }, sessionOf(tx));
    },

    /** Of the notifications since then, those whose email the mail server refused for good. */
    countRefused: (since: Date): Promise<number> =>
      model.collection.countDocuments(
        { email_status: 'refused', created_at: { $gte: since } },
        { maxTimeMS: queryLimitMs, limit: 10_000 },
      ),

    async findPreferences(user_id: string, tx?: MongoTransaction): Promise<NotificationPreferences | null> {
      const found = await preferences.findById(user_id, null, sessionOf(tx)).lean();
      return found && { email: found.email, muted_kinds: found.muted_kinds };
    },
    async setPreferences(
      user_id: string,
      wanted: NotificationPreferences,
      tx: MongoTransaction,
    ): Promise<void> {
      await preferences.updateOne(
        { _id: user_id },
        { $set: wanted },
        { ...sessionOf(tx), upsert: true, runValidators: true },
      );
    },
  };
}

export type NotificationRepository = ReturnType<typeof createNotificationRepository>;
