import type { Entry } from '../../../contracts/hand-overs.js';
import type { Clock } from '../../../lib/clock.js';
import type { Transact } from '../../../lib/transaction.js';
import { MailError, type Email, type Mail } from './mail.js';
import { defaultPreferences, wantsEmail } from './notifications.policy.js';
import type { NotificationRepository } from './notifications.repository.js';
import { emailOf } from './notifications.texts.js';
import type { EmailStatus, Notification } from './notifications.types.js';

export interface EmailsDeps {
  readonly notifications: NotificationRepository;
  readonly mail: Mail;
  readonly publicUrl: string;
  /** Where a user is written to; null when the account is closed. */
  addressOf(user_id: string): Promise<string | null>;
  /** A file to send along; null when it is gone. */
  fileOf(file_id: string): Promise<{ filename: string; type: string; content: Buffer } | null>;
  readonly transact: Transact;
  readonly clock: Clock;
}

/** Mail servers take 10 MB as a rule, and base64 makes four bytes of three; what is larger is downloaded. */
const maxAttachedBytes = 6 * 1024 ** 2;

/** What was so long in coming is no news any more. */
const patienceMs = 2 * 86_400_000;

export function createEmailsService(deps: EmailsDeps) {
  const { notifications, mail, transact, clock } = deps;

  /** Null when nobody wants it any more. */
  async function addressFor({ user_id, kind, created_at }: Notification): Promise<string | null> {
    if (clock.now().getTime() - created_at.getTime() > patienceMs) return null;
    const preferences = (await notifications.findPreferences(user_id)) ?? defaultPreferences;
    return wantsEmail(preferences, kind) ? deps.addressOf(user_id) : null;
  }

  async function attached(file_id: string | undefined): Promise<NonNullable<Email['attachments']>> {
    const file = file_id === undefined ? null : await deps.fileOf(file_id);
    if (!file || file.content.length > maxAttachedBytes) return [];
    return [{ filename: file.filename, content: file.content, contentType: file.type }];
  }

  async function send(
    notification: Notification,
    entry_id: string,
    file_id: string | undefined,
  ): Promise<EmailStatus> {
    const to = await addressFor(notification);
    if (to === null) return 'dropped';
    const attachments = await attached(file_id);
    try {
      // A process that dies before the status is stored sends it again, under the same id.
      const date = notification.created_at;
      await mail.send({
        email_id: entry_id,
        to,
        date,
        ...emailOf(notification, deps.publicUrl),
        attachments,
      });
      return 'sent';
    } catch (error) {
      if (error instanceof MailError && error.permanent) return 'refused';
      throw error;
    }
  }

  return {
    /** SUP-9: sends what the outbox brings. Throws what the relay is to try again. */
    async consumeEmail({ entry_id, payload }: Entry<'notification.email'>): Promise<void> {
      const { notification_id, file_id } = payload;
      const notification = await notifications.find(notification_id);
      if (notification?.email_status !== 'waiting') return;
      const status = await send(notification, entry_id, file_id);
      await transact((tx) => notifications.setEmailStatus(notification_id, status, tx));
    },
  };
}
