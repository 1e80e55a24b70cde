import type { NotificationKind } from '../../../contracts/notifications.js';

/**
 * What became of the email: `waiting` to be sent; `sent`, when the mail server took it; `refused` by it for good; `dropped`,
 * when it could not be sent in time, or when nobody wants it any more.
 */
export const emailStatuses = ['waiting', 'sent', 'refused', 'dropped'] as const;
export type EmailStatus = (typeof emailStatuses)[number];

export interface Notification {
  notification_id: string;
  user_id: string;
  kind: NotificationKind;
  title: string;
  body: string;
  appointment_id: string | null;
  /** null: in the app only. */
  email_status: EmailStatus | null;
  created_at: Date;
  read_at: Date | null;
}

/** What a user wants by email. The inbox keeps everything. */
export interface NotificationPreferences {
  email: boolean;
  /** Kinds that are not emailed. */
  muted_kinds: NotificationKind[];
}
