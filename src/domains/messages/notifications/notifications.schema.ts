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
  shape,
  text,
} from '../../../lib/fields.js';
import { notificationKinds } from '../../../contracts/notifications.js';
import { emailStatuses } from './notifications.types.js';

export const notificationParams = shape({ notification_id: id() });

export const notificationQuery = shape({ ...paging, unread: optional(flag()) });

export const markBody = shape({ read: flag() });

export const markedResponse = shape({ marked: integer(0, Number.MAX_SAFE_INTEGER) });

export const notificationResponse = shape({
  notification_id: id(),
  kind: oneOf(...notificationKinds),
  title: text(200),
  body: text(2000),
  appointment_id: nullable(id()),
  email_status: nullable(oneOf(...emailStatuses)).description(
    'What became of the email, where one was wanted; null: in the app only.',
  ),
  created_at: instant(),
  read_at: nullable(instant()),
});

export const notificationPage = pageOf(notificationResponse);

export const preferencesShape = shape({
  email: flag().description('Whether notifications are emailed as well.'),
  muted_kinds: listOf(oneOf(...notificationKinds), notificationKinds.length).description(
    'What is kept in the app only, whatever `email` says.',
  ),
});
