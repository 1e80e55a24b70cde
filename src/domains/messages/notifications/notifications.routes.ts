import { defineRoute, type AnyRoute } from '../../../http/route.js';
import {
  markBody,
  markedResponse,
  notificationPage,
  notificationParams,
  notificationQuery,
  notificationResponse,
  preferencesShape,
} from './notifications.schema.js';
import type { NotificationsService } from './notifications.service.js';

const tag = 'notifications';

const inboxRoutes = (notifications: NotificationsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/notifications',
    operationId: 'listNotifications',
    tag,
    audit: 'none',
    summary: 'One’s own notifications, the newest first',
    permission: 'signed-in',
    query: notificationQuery,
    response: notificationPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => notifications.list(actor, query),
  }),
  defineRoute({
    method: 'get',
    path: '/notifications/:notification_id',
    operationId: 'getNotification',
    tag,
    audit: 'none',
    summary: 'One notification of one’s own',
    permission: 'signed-in',
    params: notificationParams,
    response: notificationResponse,
    problems: ['not_found'],
    handle: async ({ actor, params }) => notifications.get(actor, params.notification_id),
  }),
  defineRoute({
    method: 'patch',
    path: '/notifications/:notification_id',
    operationId: 'markNotification',
    tag,
    audit: 'none',
    summary: 'Mark a notification as read, or as unread again',
    permission: 'signed-in',
    params: notificationParams,
    body: markBody,
    response: notificationResponse,
    problems: ['not_found'],
    handle: async ({ actor, params, body }) => notifications.mark(actor, params.notification_id, body.read),
  }),
  defineRoute({
    method: 'post',
    path: '/notifications/read-all',
    operationId: 'markAllNotifications',
    tag,
    audit: 'none',
    summary: 'Mark all of one’s notifications as read',
    permission: 'signed-in',
    response: markedResponse,
    handle: async ({ actor }) => notifications.markAll(actor),
  }),
];

// After the route with the id: of two that match, the router takes the last.
const preferenceRoutes = (notifications: NotificationsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/notifications/preferences',
    operationId: 'getNotificationPreferences',
    tag,
    audit: 'none',
    summary: 'Which notifications one wants by email',
    permission: 'signed-in',
    response: preferencesShape,
    handle: async ({ actor }) => notifications.preferences(actor),
  }),
  defineRoute({
    method: 'put',
    path: '/notifications/preferences',
    operationId: 'setNotificationPreferences',
    tag,
    audit: 'none',
    summary: 'Say which notifications one wants by email; the app keeps all of them',
    permission: 'signed-in',
    body: preferencesShape,
    response: preferencesShape,
    handle: async ({ actor, body }) => notifications.setPreferences(actor, body),
  }),
];

export const notificationRoutes = (notifications: NotificationsService['forActors']): AnyRoute[] => [
  ...inboxRoutes(notifications),
  ...preferenceRoutes(notifications),
];
