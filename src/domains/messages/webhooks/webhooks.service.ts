import type { TextSeal } from '../../../databases/sealed-text.js';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { checkVersion } from '../../../lib/records.js';
import { newWebhookSecret } from '../../../lib/signed-webhook.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AddressesOf } from './addresses.js';
import { hostOf } from './sender.js';
import { faultInUrl, isOwn } from './webhooks.policy.js';
import type { WebhookRepository } from './webhooks.repository.js';
import type { createBody, patchBody } from './webhooks.schema.js';
import type { Webhook } from './webhooks.types.js';

export interface WebhooksDeps {
  readonly webhooks: WebhookRepository;
  readonly seal: TextSeal;
  readonly addressesOf: AddressesOf;
  /** For development: http, and this machine's own addresses. */
  readonly privateHosts: boolean;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** How many a user may have. */
export const mostWebhooks = 10;

/** How long a secret that was changed signs beside the new one. */
const besideMs = 86_400_000;

/** With the secret, which is not shown again. */
export type WithSecret = Webhook & { readonly secret: string };

/** SUP-9: addresses of users' own. */
export function createWebhooksService(deps: WebhooksDeps) {
  const { webhooks, seal, transact, clock } = deps;

  async function own(actor: Actor, webhook_id: string, tx?: MongoTransaction): Promise<Webhook> {
    const webhook = await webhooks.find(webhook_id, tx);
    if (!webhook || !isOwn(actor, webhook)) throw notFound('webhook');
    return webhook;
  }

  /**
   * As it is kept. What its host is now says nothing of later: the sender looks again, at what it connects to. Throws
   * `invalid_request`.
   */
  async function checkedUrl(given: string): Promise<string> {
    const fault = faultInUrl(given, deps.privateHosts);
    if (fault !== undefined) throw invalidField('/body/url', fault);
    const url = new URL(given);
    await deps.addressesOf(hostOf(url)).catch(() => {
      throw invalidField('/body/url', 'must name a host that is on the public internet just now');
    });
    return url.href;
  }

  const kindsOf = (given: Webhook['kinds'] | undefined): Webhook['kinds'] =>
    given ? [...new Set(given)] : null;

  const forActors = publicDoor({
    get: (actor: Actor, webhook_id: string): Promise<Webhook> => own(actor, webhook_id),

    list: ({ user_id }: Actor, page: PageRequest): Promise<Page<Webhook>> => webhooks.listPage(user_id, page),

    /** Throws `invalid_request`, `too_many_webhooks`. */
    async create({ user_id }: Actor, body: Infer<typeof createBody>): Promise<WithSecret> {
      const url = await checkedUrl(body.url);
      const [webhook_id, secret, now] = [deps.newId('WH'), newWebhookSecret(), clock.now()];
      // Beside the result of the transaction, which is kept for a retry.
      const webhook = await transact(async (tx) => {
        await deps.locks.share('webhooks', user_id, tx);
        if ((await webhooks.count(user_id, tx)) >= mostWebhooks)
          throw new Problem('too_many_webhooks', `${mostWebhooks} are the most: remove one first.`);
        return webhooks.insert(
          {
            ...{ webhook_id, user_id, url, kinds: kindsOf(body.kinds), is_active: true },
            ...{ sealed_secret: seal.seal(secret), sealed_previous_secret: null, previous_until: null },
            ...{ failures: 0, version: 1, created_at: now, updated_at: now },
          },
          tx,
        );
      });
      return { ...webhook, secret };
    },

    /** One that is turned on begins without failures. Throws `invalid_request`, `not_found`, `stale_version`. */
    async change(
      actor: Actor,
      webhook_id: string,
      { url: given, kinds, is_active }: Infer<typeof patchBody>,
      ifMatch?: number,
    ): Promise<Webhook> {
      await own(actor, webhook_id);
      const url = given === undefined ? undefined : await checkedUrl(given);
      return transact(async (tx) => {
        checkVersion(await own(actor, webhook_id, tx), ifMatch);
        const changes = {
          ...(url !== undefined && { url }),
          ...(kinds !== undefined && { kinds: kindsOf(kinds) }),
          ...(is_active !== undefined && { is_active }),
          ...(is_active && { failures: 0 }),
        };
        return (await webhooks.update(webhook_id, { ...changes, updated_at: clock.now() }, tx))!;
      });
    },

    /** What waits for it is not sent any more. Throws `not_found`, `stale_version`. */
    remove: (actor: Actor, webhook_id: string, ifMatch?: number): Promise<void> =>
      transact(async (tx) => {
        checkVersion(await own(actor, webhook_id, tx), ifMatch);
        await webhooks.remove(webhook_id, tx);
      }),

    /** Both sign for a day: its receiver can change over without missing anything. Throws `not_found`. */
    async rotateSecret(actor: Actor, webhook_id: string): Promise<WithSecret> {
      const secret = newWebhookSecret();
      const webhook = await transact(async (tx) => {
        const { sealed_secret } = await own(actor, webhook_id, tx);
        const now = clock.now();
        const changes = {
          ...{ sealed_secret: seal.seal(secret), sealed_previous_secret: sealed_secret },
          ...{ previous_until: new Date(now.getTime() + besideMs), updated_at: now },
        };
        return (await webhooks.update(webhook_id, changes, tx))!;
      });
      return { ...webhook, secret };
    },
  });

  return { forActors };
}

export type WebhooksService = ReturnType<typeof createWebhooksService>;
