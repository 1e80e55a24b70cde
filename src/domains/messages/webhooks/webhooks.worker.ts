import type { NewNotification } from '../../../contracts/notifications.js';
import type { TextSeal } from '../../../databases/sealed-text.js';
import type { Clock } from '../../../lib/clock.js';
import { loggable, type Logger } from '../../../lib/logger.js';
import { webhookHeaders } from '../../../lib/signed-webhook.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { Claimed, WebhookDeliveryRepository } from './deliveries.repository.js';
import type { Sender } from './sender.js';
import { pauseAfter, takes } from './webhooks.policy.js';
import type { WebhookRepository } from './webhooks.repository.js';
import { testKind, type Outcome, type Webhook, type WebhookError } from './webhooks.types.js';

export interface WebhookWorkerDeps {
  readonly webhooks: WebhookRepository;
  readonly deliveries: WebhookDeliveryRepository;
  readonly sender: Sender;
  readonly seal: TextSeal;
  /** Whether the account is open. */
  isOpen(user_id: string): Promise<boolean>;
  notify(message: NewNotification, tx: MongoTransaction): Promise<void>;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1). */
  chance(): number;
}

/** What this process posts at a time; to one webhook one after the other, so that a slow receiver keeps up itself alone. */
const places = 32;
/** Of one user's webhooks. */
const placesOfUser = 4;

/** An attempt and what it writes are over by then, or their process is dead. */
const leaseMs = 30_000;

/** So many deliveries in a row that failed for good turn their webhook off. */
export const mostFailures = 20;

/** SUP-9: delivers at least once, each under one id, in as many processes as there are. */
export function createWebhookWorker(deps: WebhookWorkerDeps) {
  const { webhooks, deliveries, sender, seal, transact, clock } = deps;
  const underWay = new Map<string, { readonly user_id: string; readonly over: Promise<void> }>();
  const stopping = new AbortController();

  /** Those that sign now; null when none can be read. What a key has sealed that is on its way out is sealed anew. */
  async function secretsOf(webhook: Webhook): Promise<string[] | null> {
    const { sealed_secret, sealed_previous_secret, previous_until } = webhook;
    const current = seal.unseal(sealed_secret);
    if (!current) return null;
    const isBeside = previous_until !== null && clock.now() < previous_until;
    const previous = isBeside && sealed_previous_secret !== null ? seal.unseal(sealed_previous_secret) : null;
    if (!current.isCurrent)
      await webhooks.reseal(webhook, {
        sealed_secret: seal.seal(current.text),
        ...(previous && { sealed_previous_secret: seal.seal(previous.text) }),
      });
    return [current.text, ...(previous ? [previous.text] : [])];
  }

  function ended(delivery: Claimed, outcome: Outcome, tx: MongoTransaction): Promise<boolean> {
    const status = outcome.last_error === null ? 'delivered' : 'failed';
    return deliveries.end(delivery, { ...outcome, status, ended_at: clock.now() }, tx);
  }

  /** Nothing that the receiver could have changed: it counts against nobody. */
  const dropped = (delivery: Claimed, last_error: WebhookError): Promise<void> =>
    transact(async (tx) => {
      await ended(delivery, { last_status: null, last_error }, tx);
    });

  const concluded = (delivery: Claimed, outcome: Outcome): Promise<void> =>
    transact(async (tx) => {
      if (!(await ended(delivery, outcome, tx)) || delivery.kind === testKind) return;
      const webhook = await webhooks.find(delivery.webhook_id, tx);
      if (!webhook) return;
      const failures = outcome.last_error === null ? 0 : webhook.failures + 1;
      if (failures !== webhook.failures) await webhooks.setFailures(webhook.webhook_id, failures, tx);
      if (failures < mostFailures || !webhook.is_active) return;
      await webhooks.update(webhook.webhook_id, { is_active: false, updated_at: clock.now() }, tx);
      const facts = { host: new URL(webhook.url).host, failures: `${failures}` };
      const to = { user_id: webhook.user_id };
      await deps.notify({ kind: 'webhook.turned_off', to, appointment_id: null, facts }, tx);
    });

  async function attempt(delivery: Claimed): Promise<void> {
    const { webhook_delivery_id, body, attempts } = delivery;
    const webhook = await webhooks.find(delivery.webhook_id);
    if (!webhook || !takes(webhook, delivery.kind)) return dropped(delivery, 'webhook_off');
    if (!(await deps.isOpen(delivery.user_id))) return dropped(delivery, 'account_closed');
    const secrets = await secretsOf(webhook);
    if (!secrets) return concluded(delivery, { last_status: null, last_error: 'secret_lost' });
    const headers = webhookHeaders(secrets, webhook_delivery_id, body, clock.now());
    const outcome = await sender.post(webhook.url, headers, body, stopping.signal);
    const pause = outcome.last_error && pauseAfter(delivery, attempts, deps.chance());
    if (pause === null) return concluded(delivery, outcome);
    await deliveries.putOff(delivery, new Date(clock.now().getTime() + pause), attempts, outcome);
  }

  async function run(delivery: Claimed): Promise<void> {
    try {
      await attempt(delivery);
    } catch (error) {
      // At a stop it is somebody else's at once, and did not count; otherwise its claim runs out, and it is tried again.
      if (stopping.signal.aborted) await deliveries.putOff(delivery, clock.now(), delivery.attempts - 1);
      else deps.logger.warn({ error: loggable(error) }, 'a webhook could not be delivered');
    }
  }

  function begin(delivery: Claimed): void {
    const { webhook_id } = delivery;
    const over = run(delivery)
      .catch(() => undefined)
      .finally(() => {
        underWay.delete(webhook_id);
        void work().catch(() => undefined);
      });
    underWay.set(webhook_id, { user_id: delivery.user_id, over });
  }

  /** The webhooks that are posted to, and the users who have enough of them. */
  function busy() {
    const users = [...underWay.values()].map(({ user_id }) => user_id);
    const user_ids = [...new Set(users)].filter(
      (user_id) => users.filter((one) => one === user_id).length >= placesOfUser,
    );
    return { webhook_ids: [...underWay.keys()], user_ids };
  }

  let isAsked = false;
  async function claimAll(): Promise<void> {
    while (isAsked && !stopping.signal.aborted && underWay.size < places) {
      isAsked = false;
      const now = clock.now();
      const until = new Date(now.getTime() + leaseMs);
      const delivery = await deliveries.claim(now, until, busy());
      if (!delivery) continue;
      begin(delivery);
      isAsked = true;
    }
  }

  let claiming: Promise<void> | undefined;
  /** Begins what is due and what there is room for; what it has begun goes on. */
  function work(): Promise<void> {
    // One that has ended while another is looked for leaves its webhook to be looked at again.
    isAsked = true;
    return (claiming ??= claimAll().finally(() => (claiming = undefined)));
  }

  return {
    work,

    /** What is under way is broken off, and sent again by whoever is next, under the same id. */
    async stop(): Promise<void> {
      stopping.abort();
      await claiming?.catch(() => undefined);
      await Promise.all([...underWay.values()].map(({ over }) => over));
    },
  };
}

export type WebhookWorker = ReturnType<typeof createWebhookWorker>;
