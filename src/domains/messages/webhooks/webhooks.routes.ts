import { defineRoute, type AnyRoute } from '../../../http/route.js';
import type { WebhookDeliveriesService } from './deliveries.service.js';
import {
  createBody,
  deliveriesQuery,
  listQuery,
  patchBody,
  webhookDeliveryPage,
  webhookDeliveryParams,
  webhookDeliveryResponse,
  webhookPage,
  webhookParams,
  webhookResponse,
  withSecretResponse,
} from './webhooks.schema.js';
import type { WebhooksService } from './webhooks.service.js';

const tag = 'webhooks';
const permission = 'signed-in';
const feature = 'webhooks';

const recordRoutes = (webhooks: WebhooksService['forActors']): AnyRoute[] => [
  defineRoute({
    feature,
    ...{ method: 'get', path: '/webhooks', operationId: 'listWebhooks', tag, permission },
    audit: 'none',
    summary: 'One’s own webhooks, the newest first',
    ...{ query: listQuery, response: webhookPage },
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => webhooks.list(actor, query),
  }),
  defineRoute({
    feature,
    ...{ method: 'post', path: '/webhooks', operationId: 'createWebhook', tag, permission },
    audit: 'none',
    summary: 'Have one’s notifications posted to an address, signed',
    description:
      'As Standard Webhooks 1.0.0 says: the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, and JSON with `type`, ' +
      '`timestamp` and `data`. Any status from 200 to 299 within 5 s means that it has arrived; otherwise it is sent again, eight times ' +
      'in about half a day. What comes twice has the same `webhook-id`. Redirects are not followed.',
    ...{ body: createBody, status: 201, response: withSecretResponse },
    problems: ['too_many_webhooks'],
    location: ({ webhook_id }) => `/webhooks/${webhook_id}`,
    handle: async ({ actor, body }) => webhooks.create(actor, body),
  }),
  defineRoute({
    feature,
    ...{ method: 'get', path: '/webhooks/:webhook_id', operationId: 'getWebhook', tag, permission },
    audit: 'none',
    summary: 'A webhook of one’s own',
    ...{ params: webhookParams, response: webhookResponse, derived: true },
    problems: ['not_found'],
    handle: async ({ actor, params }) => webhooks.get(actor, params.webhook_id),
  }),
  defineRoute({
    feature,
    ...{ method: 'patch', path: '/webhooks/:webhook_id', operationId: 'updateWebhook', tag, permission },
    audit: 'none',
    summary: 'Change a webhook, or turn it off and on',
    ...{ params: webhookParams, body: patchBody, response: webhookResponse },
    problems: ['not_found', 'stale_version'],
    handle: async ({ actor, params, body, ifMatch }) =>
      webhooks.change(actor, params.webhook_id, body, ifMatch),
  }),
  defineRoute({
    feature,
    ...{ method: 'delete', path: '/webhooks/:webhook_id', operationId: 'deleteWebhook', tag, permission },
    audit: 'none',
    summary: 'Remove a webhook; what waits for it is not sent any more',
    params: webhookParams,
    problems: ['not_found', 'stale_version'],
    handle: async ({ actor, params, ifMatch }) => webhooks.remove(actor, params.webhook_id, ifMatch),
  }),
  defineRoute({
    feature,
    ...{ method: 'post', path: '/webhooks/:webhook_id/rotate-secret', tag, permission },
    operationId: 'rotateWebhookSecret',
    audit: 'none',
    summary: 'Give a webhook a new secret; the one before signs beside it for a day',
    ...{ params: webhookParams, response: withSecretResponse },
    problems: ['not_found'],
    handle: async ({ actor, params }) => webhooks.rotateSecret(actor, params.webhook_id),
  }),
];

const deliveryRoutes = (deliveries: WebhookDeliveriesService['forActors']): AnyRoute[] => [
  defineRoute({
    feature,
    ...{ method: 'post', path: '/webhooks/:webhook_id/test', operationId: 'testWebhook', tag, permission },
    audit: 'none',
    summary: 'Send a webhook a message to try it out, once; one that is off too',
    ...{ params: webhookParams, status: 202, response: webhookDeliveryResponse },
    problems: ['not_found', 'too_many_deliveries'],
    location: ({ webhook_delivery_id }) => `/webhook-deliveries/${webhook_delivery_id}`,
    handle: async ({ actor, params }) => deliveries.test(actor, params.webhook_id),
  }),
  defineRoute({
    feature,
    ...{ method: 'get', path: '/webhooks/:webhook_id/deliveries', tag, permission },
    operationId: 'listWebhookDeliveries',
    audit: 'none',
    summary: 'What was sent to a webhook, the newest first; with `status=failed` what did not arrive',
    ...{ params: webhookParams, query: deliveriesQuery, response: webhookDeliveryPage },
    problems: ['not_found', 'invalid_cursor'],
    handle: async ({ actor, params, query }) => deliveries.list(actor, params.webhook_id, query),
  }),
  defineRoute({
    feature,
    ...{ method: 'get', path: '/webhook-deliveries/:webhook_delivery_id', tag, permission },
    operationId: 'getWebhookDelivery',
    audit: 'none',
    summary: 'What became of a message to a webhook of one’s own',
    ...{ params: webhookDeliveryParams, response: webhookDeliveryResponse },
    problems: ['not_found'],
    handle: async ({ actor, params }) => deliveries.get(actor, params.webhook_delivery_id),
  }),
  defineRoute({
    feature,
    ...{ method: 'post', path: '/webhook-deliveries/:webhook_delivery_id/retry', tag, permission },
    operationId: 'retryWebhookDelivery',
    audit: 'none',
    summary: 'Send a message that has failed again, under the same id',
    ...{ params: webhookDeliveryParams, status: 202, response: webhookDeliveryResponse },
    problems: ['not_found', 'step_not_allowed', 'too_many_deliveries'],
    location: ({ webhook_delivery_id }) => `/webhook-deliveries/${webhook_delivery_id}`,
    handle: async ({ actor, params }) => deliveries.retry(actor, params.webhook_delivery_id),
  }),
];

export const webhookRoutes = (
  webhooks: WebhooksService['forActors'],
  deliveries: WebhookDeliveriesService['forActors'],
): AnyRoute[] => [...recordRoutes(webhooks), ...deliveryRoutes(deliveries)];
