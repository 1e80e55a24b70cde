import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createEmailsService, type EmailsDeps } from './emails.service.js';
import type { Mail } from './mail.js';
import { createNotificationRepository } from './notifications.repository.js';
import { notificationRoutes } from './notifications.routes.js';
import {
  createNotificationsService,
  type NotificationsDeps,
  type NotificationsService,
} from './notifications.service.js';

export { createAccountEmails } from './account-emails.service.js';
export { createFileMail, createMail } from './mail.js';
export { titleOf } from './notifications.texts.js';
export type { NotificationsService } from './notifications.service.js';

type Deps = Omit<NotificationsDeps & EmailsDeps, 'notifications' | 'mail' | 'outbox'> & {
  readonly connection: Connection;
  readonly outbox: NonNullable<NotificationsDeps['outbox']>;
  /** undefined: notifications stay in the app. */
  readonly mail: Mail | undefined;
};

/** `consumeEmail` sends what the outbox brings; undefined without `mail`, for then nothing is put there. */
export function createNotifications({ mail, outbox, ...deps }: Deps): {
  service: NotificationsService;
  consumeEmail: ReturnType<typeof createEmailsService>['consumeEmail'] | undefined;
  routes: readonly AnyRoute[];
} {
  const notifications = createNotificationRepository(deps.connection);
  const service = createNotificationsService({
    ...deps,
    notifications,
    outbox: mail && outbox,
  });
  const { consumeEmail } = mail ? createEmailsService({ ...deps, notifications, mail }) : {};
  return { service, consumeEmail, routes: notificationRoutes(service.forActors) };
}
