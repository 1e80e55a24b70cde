import type { NotificationKind } from '../../../contracts/notifications.js';

/** An address of a user's own that notifications are posted to, signed. */
export interface Webhook {
  webhook_id: string;
  user_id: string;
  url: string;
  /** null: all kinds. */
  kinds: NotificationKind[] | null;
  is_active: boolean;
  /** Sealed: the key is in no store. */
  sealed_secret: string;
  /** The one before, which signs beside it until then. */
  sealed_previous_secret: string | null;
  previous_until: Date | null;
  /** Deliveries that failed for good, since one arrived. */
  failures: number;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** What its owner asks for, to try it out; no notification is behind it. */
export const testKind = 'webhook.test';

/** `waiting` for its (next) attempt; `failed` when there will be none, unless somebody asks for it. */
export const webhookDeliveryStatuses = ['waiting', 'delivered', 'failed'] as const;
export type WebhookDeliveryStatus = (typeof webhookDeliveryStatuses)[number];

/**
 * Why an attempt failed, in a word and never in those of the receiver: `status`, it answered with a status that is no success; `redirect`, it
 * named another address, which is not followed; `no_public_address`, its host has none, or one that is not public; `secret_lost`, our key
 * for its secret is gone.
 */
export const webhookErrors = [
  'timeout',
  'connection',
  'tls',
  'status',
  'redirect',
  'no_public_address',
  'secret_lost',
  'webhook_off',
  'account_closed',
] as const;
export type WebhookError = (typeof webhookErrors)[number];

/** A message to a webhook, and what became of it. Its id is the message's: the same over all attempts. */
export interface WebhookDelivery {
  webhook_delivery_id: string;
  webhook_id: string;
  user_id: string;
  kind: NotificationKind | typeof testKind;
  /** What is posted, to the byte. */
  body: string;
  status: WebhookDeliveryStatus;
  attempts: number;
  /** Nobody tries before that moment: while an attempt is under way, the end of its claim. */
  next_attempt_at: Date | null;
  /** Who claimed it last: an attempt of its own. */
  claim: string | null;
  /** The HTTP status of the last attempt, where it came to one. */
  last_status: number | null;
  last_error: WebhookError | null;
  created_at: Date;
  ended_at: Date | null;
  expires_at: Date;
}

/** What an attempt came to. */
export type Outcome = Pick<WebhookDelivery, 'last_status' | 'last_error'>;
