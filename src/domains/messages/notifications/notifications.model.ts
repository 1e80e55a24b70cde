import { notificationKinds } from '../../../contracts/notifications.js';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { emailStatuses, type Notification, type NotificationPreferences } from './notifications.types.js';

export const notificationModel = defineModel<DocumentOf<Notification, 'notification_id'>>({
  collection: 'notifications',
  fields: {
    _id: { type: String, required: true },
    user_id: { type: String, required: true },
    kind: { type: String, enum: notificationKinds, required: true },
    title: { type: String, required: true },
    body: { type: String, required: true },
    appointment_id: { type: String, default: null },
    email_status: { type: String, enum: [...emailStatuses, null], default: null },
    created_at: { type: Date, required: true },
    read_at: { type: Date, default: null },
  },
  indexes: [
    { key: by('user_id', 'created_at', '_id'), serves: 'GET /notifications' },
    {
      key: by('user_id', 'read_at', 'created_at', '_id'),
      serves: 'GET /notifications?unread=true, POST /notifications/read-all',
    },
    {
      key: by('created_at'),
      partialFilterExpression: { email_status: 'refused' },
      serves: 'GET /operations: the emails that were refused',
    },
  ],
});

/** `_id` is the user's. */
export const preferencesModel = defineModel<NotificationPreferences & { _id: string }>({
  collection: 'notification_preferences',
  fields: {
    _id: { type: String, required: true },
    email: { type: Boolean, required: true },
    muted_kinds: { type: [{ type: String, enum: notificationKinds }], required: true },
  },
  indexes: [],
});
