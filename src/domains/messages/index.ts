import { join } from 'node:path';
import type { ClinicalServices } from '../clinical/index.js';
import type { IdentityServices } from '../identity/index.js';
import { periodic, withRest } from '../../lib/periodic.js';
import type { Common, Module } from '../module.js';
import type { NetworkServices } from '../network/index.js';

import {
  createAccountEmails,
  createFileMail,
  createMail,
  createNotifications,
  type NotificationsService,
} from './notifications/index.js';
import {
  createWebhooks,
  type WebhookDeliveriesService,
  type WebhooksService,
  type WebhookWorker,
} from './webhooks/index.js';

export interface MessagesServices {
  readonly notifications: NotificationsService;
  readonly webhooks: WebhooksService;
  readonly webhookDeliveries: WebhookDeliveriesService;
  readonly webhookWorker: WebhookWorker;
}

/** How people hear of things: in the app, by email, and by webhooks. */
export function composeMessages(
  common: Common,
  { accounts, invitations, doctors, patients }: IdentityServices & NetworkServices & ClinicalServices,
): Module<MessagesServices> {
  const { config, clock, files, outboxes } = common;
  const { smtpUrl, from } = config.mail;
  const mail = smtpUrl === undefined ? undefined : createMail({ url: smtpUrl, from });
  const webhooks = createWebhooks({
    ...common,
    privateHosts: config.webhookPrivateHosts,
    signingSecrets: [common.jwtSecret, ...config.jwt.previousSecrets],
    isOpen: async (user_id) => (await accounts.emailOf(user_id)) !== null,
    notify: (message, tx) => service.notify(message, tx),
  });
  const posting = periodic('webhooks', 1_000, () => webhooks.worker.work(), common.logger);
  const { service, routes, consumeEmail } = createNotifications({
    ...common,
    mail,
    toWebhooks: config.features.webhooks ? webhooks.deliveries.enqueue : undefined,
    publicUrl: config.publicUrl,
    outbox: outboxes.mail,
    async userOf(who, tx) {
      const record =
        'patient_id' in who ? await patients.find(who.patient_id, tx) : await doctors.find(who.doctor_id, tx);
      return record?.user_id ?? null;
    },
    addressOf: accounts.emailOf,
    fileOf: (file_id) => files.find(file_id, clock.now()),
  });
  const consumeAccountEmail = createAccountEmails({
    mail: mail ?? createFileMail({ folder: join(config.dataDir, 'mail'), from }),
    letterOf: invitations.letterOf,
    clock,
  });
  return {
    services: {
      notifications: service,
      webhooks: webhooks.service,
      webhookDeliveries: webhooks.deliveries,
      webhookWorker: webhooks.worker,
    },
    routes: [...routes, ...webhooks.routes],
    workers: [
      // What a slow mail server has not taken yet is sent after the next start.
      ...(mail ? [{ start: () => undefined, stop: async () => mail.close() }] : []),
      ...(config.features.webhooks ? [withRest(posting, webhooks.worker.stop)] : []),
    ],
    consumers: {
      ...(consumeEmail && { 'notification.email': consumeEmail }),
      'account.email': consumeAccountEmail,
    },
  };
}
