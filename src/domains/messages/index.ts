import { join } from 'node:path';
import type { ClinicalServices } from '../clinical/index.js';
import type { IdentityServices } from '../identity/index.js';
import type { Common, Module } from '../module.js';
import type { NetworkServices } from '../network/index.js';

import {
  createAccountEmails,
  createFileMail,
  createMail,
  createNotifications,
  type NotificationsService,
} from './notifications/index.js';

export interface MessagesServices {
  readonly notifications: NotificationsService;
}

/** How people hear of things: in the app, and by email. */
export function composeMessages(
  common: Common,
  { accounts, invitations, doctors, patients }: IdentityServices & NetworkServices & ClinicalServices,
): Module<MessagesServices> {
  const { config, clock, files, outboxes } = common;
  const { smtpUrl, from } = config.mail;
  const mail = smtpUrl === undefined ? undefined : createMail({ url: smtpUrl, from });
  const { service, routes, consumeEmail } = createNotifications({
    ...common,
    mail,
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
    services: { notifications: service },
    routes,
    // What a slow mail server has not taken yet is sent after the next start.
    workers: mail ? [{ start: () => undefined, stop: async () => mail.close() }] : [],
    consumers: {
      ...(consumeEmail && { 'notification.email': consumeEmail }),
      'account.email': consumeAccountEmail,
    },
  };
}
