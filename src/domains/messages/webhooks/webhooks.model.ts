import { notificationKinds } from '../../../contracts/notifications.js';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import {
  testKind,
  webhookDeliveryStatuses,
  webhookErrors,
  type Webhook,
  type WebhookDelivery,
} from './webhooks.types.js';

export const webhookModel = defineModel<DocumentOf<Webhook, 'webhook_id'>>({
  collection: 'webhooks',
  fields: {
    _id: { type: String, required: true },
    user_id: { type: String, required: true },
    url: { type: String, required: true },
    kinds: { type: [{ type: String, enum: notificationKinds }], default: null },
    is_active: { type: Boolean, required: true },
    sealed_secret: { type: String, required: true },
    sealed_previous_secret: { type: String, default: null },
    previous_until: { type: Date, default: null },
    failures: { type: Number, required: true },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  },
  indexes: [
    {
      key: by('user_id', 'created_at', '_id'),
      serves: 'GET /webhooks, SUP-9: the webhooks that a notification goes to',
    },
  ],
});

export const webhookDeliveryModel = defineModel<DocumentOf<WebhookDelivery, 'webhook_delivery_id'>>({
  collection: 'webhook_deliveries',
  fields: {
    _id: { type: String, required: true },
    webhook_id: { type: String, required: true },
    user_id: { type: String, required: true },
    kind: { type: String, enum: [...notificationKinds, testKind], required: true },
    body: { type: String, required: true },
    status: { type: String, enum: webhookDeliveryStatuses, required: true },
    attempts: { type: Number, required: true },
    next_attempt_at: { type: Date, default: null },
    claim: { type: String, default: null },
    last_status: { type: Number, default: null },
    last_error: { type: String, enum: [...webhookErrors, null], default: null },
    created_at: { type: Date, required: true },
    ended_at: { type: Date, default: null },
    expires_at: { type: Date, required: true },
  },
  indexes: [
    {
      key: by('next_attempt_at', 'webhook_id'),
      partialFilterExpression: { status: 'waiting' },
      serves: 'SUP-9: the deliveries that are to be tried, past those of webhooks that are being posted to',
    },
    {
      key: by('webhook_id', 'created_at', '_id'),
      serves: 'GET /webhooks/:webhook_id/deliveries',
    },
    {
      key: by('webhook_id', 'status', 'created_at', '_id'),
      serves: 'GET /webhooks/:webhook_id/deliveries?status=failed, SUP-9: how many wait',
    },
    {
      key: by('expires_at'),
      expireAfterSeconds: 0,
      serves: 'deliveries are kept for 30 days',
    },
  ],
});
