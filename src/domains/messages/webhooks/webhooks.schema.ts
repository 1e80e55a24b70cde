import Joi from 'joi';
import { notificationKinds } from '../../../contracts/notifications.js';
import {
  flag,
  id,
  instant,
  integer,
  listOf,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  secret,
  shape,
  text,
  withDefault,
} from '../../../lib/fields.js';
import { testKind, webhookDeliveryStatuses, webhookErrors } from './webhooks.types.js';

export const webhookParams = shape({ webhook_id: id() });
export const webhookDeliveryParams = shape({ webhook_delivery_id: id() });
export const listQuery = shape(paging);
export const deliveriesQuery = shape({ ...paging, status: optional(oneOf(...webhookDeliveryStatuses)) });

const url = () =>
  text(2000)
    .example('https://care.example/hooks/visits')
    .description(
      'https, on the public internet, without a user, a password or a fragment; port 443, or one from 1024 on.',
    );

const kinds = () =>
  nullable(listOf(oneOf(...notificationKinds), notificationKinds.length).min(1)).description(
    'The notifications that it gets; null: all, those that there will be too.',
  );

export const createBody = shape({ url: url(), kinds: withDefault(kinds(), null) });

export const patchBody = shape({
  url: optional(url()),
  kinds: optional(kinds()),
  is_active: optional(flag()),
});

const webhook = {
  webhook_id: id(),
  url: url(),
  kinds: kinds(),
  is_active: flag(),
  failures: integer(0, Number.MAX_SAFE_INTEGER).description(
    'Deliveries that failed for good, since one arrived. 20 turn it off, and you are told.',
  ),
  previous_until: nullable(instant()).description('Until when the secret before this one signs too.'),
  version: integer(1, Number.MAX_SAFE_INTEGER),
  created_at: instant(),
  updated_at: instant(),
} as const;

export const webhookResponse = shape(webhook);
export const webhookPage = pageOf(webhookResponse);

export const withSecretResponse = shape({
  ...webhook,
  secret: secret(100)
    .example('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    .description('Verifies what is sent (Standard Webhooks). It is not shown again.'),
});

export const webhookDeliveryResponse = shape({
  webhook_delivery_id: id().description('The header `webhook-id` of all its attempts.'),
  webhook_id: id(),
  kind: oneOf(...notificationKinds, testKind),
  status: oneOf(...webhookDeliveryStatuses),
  attempts: integer(0, Number.MAX_SAFE_INTEGER),
  next_attempt_at: nullable(instant()),
  last_status: nullable(Joi.number().integer()).description(
    'HTTP status that the last attempt was answered with.',
  ),
  last_error: nullable(oneOf(...webhookErrors)),
  created_at: instant(),
  ended_at: nullable(instant()),
  expires_at: instant().description('When it is forgotten.'),
});

export const webhookDeliveryPage = pageOf(webhookDeliveryResponse);
