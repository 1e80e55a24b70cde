import { notificationKinds } from '../../../contracts/notifications.js';
import type { Connection } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo.js';
import { emailStatuses, type Notification, type NotificationPreferences } from './notifications.types.js';

export const notificationModel = (connection: Connection) =>
  defineModel<DocumentOf<Notification, 'notification_id'>>(connection, 'Notification', 'notifications', {
    _id: { type: String, required: true },
    user_id: { type: String, required: true },
    kind: { type: String, enum: notificationKinds, required: true },
    title: { type: String, required: true },
    body: { type: String, required: true },
    appointment_id: { type: String, default: null },
    email_status: { type: String, enum: [...emailStatuses, null], default: null },
    created_at: { type: Date, required: true },
    read_at: { type: Date, default: null },
  });

/** `_id` is the user's. */
export const preferencesModel = (connection: Connection) =>
  defineModel<NotificationPreferences & { _id: string }>(
    connection,
    'NotificationPreferences',
    'notification_preferences',
    {
      _id: { type: String, required: true },
      email: { type: Boolean, required: true },
      muted_kinds: { type: [{ type: String, enum: notificationKinds }], required: true },
    },
  );
