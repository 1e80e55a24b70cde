import type { Connection } from 'mongoose';
import { createTextSeal } from '../../../databases/sealed-text.js';
import type { AnyRoute } from '../../../http/route.js';
import { anyAddresses, publicAddresses } from './addresses.js';
import { createWebhookDeliveryRepository } from './deliveries.repository.js';
import {
  createWebhookDeliveriesService,
  type WebhookDeliveriesDeps,
  type WebhookDeliveriesService,
} from './deliveries.service.js';
import { createSender } from './sender.js';
import { createWebhookRepository } from './webhooks.repository.js';
import { webhookRoutes } from './webhooks.routes.js';
import { createWebhooksService, type WebhooksDeps, type WebhooksService } from './webhooks.service.js';
import { createWebhookWorker, type WebhookWorker, type WebhookWorkerDeps } from './webhooks.worker.js';

export type { WebhookDeliveriesService } from './deliveries.service.js';
export type { WebhooksService, WithSecret } from './webhooks.service.js';
export { webhookDeliveryStatuses, type Webhook, type WebhookDelivery } from './webhooks.types.js';
export type { WebhookWorker } from './webhooks.worker.js';

type Made = 'webhooks' | 'deliveries' | 'sender' | 'seal' | 'addressesOf' | 'work' | 'chance';

type Deps = Omit<WebhooksDeps & WebhookDeliveriesDeps & WebhookWorkerDeps, Made> & {
  readonly connection: Connection;
  /** Those that verify tokens: the first seals the secrets of webhooks too, the others still open them. */
  readonly signingSecrets: readonly string[];
};

export function createWebhooks({ connection, signingSecrets, ...deps }: Deps): {
  service: WebhooksService;
  deliveries: WebhookDeliveriesService;
  worker: WebhookWorker;
  routes: readonly AnyRoute[];
} {
  const addressesOf = deps.privateHosts ? anyAddresses : publicAddresses();
  const parts = {
    ...{ ...deps, addressesOf, seal: createTextSeal(signingSecrets, 'secrets of webhooks') },
    webhooks: createWebhookRepository(connection),
    deliveries: createWebhookDeliveryRepository(connection),
  };
  const worker = createWebhookWorker({
    ...parts,
    sender: createSender({ addressesOf }),
    chance: Math.random,
  });
  const service = createWebhooksService(parts);
  const deliveries = createWebhookDeliveriesService({ ...parts, work: worker.work });
  return { service, deliveries, worker, routes: webhookRoutes(service.forActors, deliveries.forActors) };
}
