import type { AnyRoute } from '../../http/route.js';
import { createNotificationsService, type NotificationsService } from './notifications.service.js';

export type { NewNotification, NotificationKind } from './notifications.types.js';
export type { NotificationsService } from './notifications.service.js';

export function createNotifications(): { service: NotificationsService; routes: readonly AnyRoute[] } {
  return { service: createNotificationsService(), routes: [] };
}
