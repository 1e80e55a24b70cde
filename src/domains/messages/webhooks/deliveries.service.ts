import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page } from '../../../lib/page.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { Notification } from '../notifications/notifications.types.js';
import type { WebhookDeliveryRepository } from './deliveries.repository.js';
import { isOwn, takes } from './webhooks.policy.js';
import type { WebhookRepository } from './webhooks.repository.js';
import type { deliveriesQuery } from './webhooks.schema.js';
import { mostWebhooks } from './webhooks.service.js';
import { testKind, type Webhook, type WebhookDelivery } from './webhooks.types.js';

export interface WebhookDeliveriesDeps {
  readonly webhooks: WebhookRepository;
  readonly deliveries: WebhookDeliveryRepository;
  /** Begins what is due, in this process. */
  work(): Promise<void>;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
}

const keptMs = 30 * 86_400_000;

/** How many may wait at a time for a webhook, beside those of notifications: nobody is flooded through us. */
const mostAsked = 100;

/** `{ type, timestamp, data }`, as Standard Webhooks proposes. */
const bodyOf = (type: WebhookDelivery['kind'], at: Date, data: object): string =>
  JSON.stringify({ type, timestamp: at.toISOString(), data });

/** SUP-9: what is posted to webhooks. The delivery is stored with what it tells of, and is the queue itself: nothing is lost between. */
export function createWebhookDeliveriesService(deps: WebhookDeliveriesDeps) {
  const { webhooks, deliveries, transact, clock, newId } = deps;

  async function ownWebhook(actor: Actor, webhook_id: string, tx?: MongoTransaction): Promise<Webhook> {
    const webhook = await webhooks.find(webhook_id, tx);
    if (!webhook || !isOwn(actor, webhook)) throw notFound('webhook');
    return webhook;
  }

  async function own(actor: Actor, id: string, tx?: MongoTransaction): Promise<WebhookDelivery> {
    const delivery = await deliveries.find(id, tx);
    if (!delivery || !isOwn(actor, delivery)) throw notFound('webhook delivery');
    return delivery;
  }

  const expiry = (now: Date): Date => new Date(now.getTime() + keptMs);

  function insert(
    { webhook_id, user_id }: Webhook,
    kind: WebhookDelivery['kind'],
    body: string,
    tx: MongoTransaction,
  ): Promise<WebhookDelivery> {
    const now = clock.now();
    return deliveries.insert(
      {
        ...{ webhook_delivery_id: newId('WD'), webhook_id, user_id, kind, body, status: 'waiting' },
        ...{ attempts: 0, next_attempt_at: now, claim: null, last_status: null, last_error: null },
        ...{ created_at: now, ended_at: null, expires_at: expiry(now) },
      },
      tx,
    );
  }

  async function refuseFlood({ webhook_id }: Webhook, tx: MongoTransaction): Promise<void> {
    if ((await deliveries.countWaiting(webhook_id, tx)) < mostAsked) return;
    throw new Problem('too_many_deliveries', `${mostAsked} wait for this webhook already.`, {
      retryAfter: 60,
    });
  }

  /** Not waited for; what fails here is found by the next round. */
  function workSoon<T>(answer: T): T {
    void deps.work().catch(() => undefined);
    return answer;
  }

  const forActors = publicDoor({
    get: (actor: Actor, webhook_delivery_id: string): Promise<WebhookDelivery> =>
      own(actor, webhook_delivery_id),

    /** Throws `not_found`. */
    async list(
      actor: Actor,
      webhook_id: string,
      { status, ...page }: Infer<typeof deliveriesQuery>,
    ): Promise<Page<WebhookDelivery>> {
      await ownWebhook(actor, webhook_id);
      return deliveries.listPage(webhook_id, status, page);
    },

    /** One attempt, also to a webhook that is off. Throws `not_found`, `too_many_deliveries`. */
    test: (actor: Actor, webhook_id: string): Promise<WebhookDelivery> =>
      transact(async (tx) => {
        const webhook = await ownWebhook(actor, webhook_id, tx);
        await refuseFlood(webhook, tx);
        return insert(webhook, testKind, bodyOf(testKind, clock.now(), { webhook_id }), tx);
      }).then(workSoon),

    /** Under the same id, from its first attempt on. Throws `not_found`, `step_not_allowed`, `too_many_deliveries`. */
    retry: (actor: Actor, webhook_delivery_id: string): Promise<WebhookDelivery> =>
      transact(async (tx) => {
        const { webhook_id, kind, status } = await own(actor, webhook_delivery_id, tx);
        const webhook = await ownWebhook(actor, webhook_id, tx);
        if (!takes(webhook, kind))
          throw new Problem('step_not_allowed', 'The webhook is off, or does not take this kind any more.');
        await refuseFlood(webhook, tx);
        const now = clock.now();
        const restarted = await deliveries.restart(webhook_delivery_id, now, expiry(now), tx);
        if (!restarted)
          throw new Problem('step_not_allowed', `The delivery is ${status}: it has not failed.`);
        return restarted;
      }).then(workSoon),
  });

  return {
    forActors,

    /** Tells the webhooks of the user, in the transaction of the notification: so at least once, or not at all. */
    async enqueue(notification: Notification, tx: MongoTransaction): Promise<void> {
      const { user_id, kind, created_at, notification_id, title, body, appointment_id } = notification;
      if (!(await webhooks.hasActive(user_id))) return;
      const active = await webhooks.listActive(user_id, mostWebhooks, tx);
      const text = bodyOf(kind, created_at, { notification_id, title, body, appointment_id });
      for (const webhook of active) if (takes(webhook, kind)) await insert(webhook, kind, text, tx);
    },
  };
}

export type WebhookDeliveriesService = ReturnType<typeof createWebhookDeliveriesService>;
