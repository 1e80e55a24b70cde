import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { webhookDeliveryModel } from './webhooks.model.js';
import type { Outcome, WebhookDelivery, WebhookDeliveryStatus } from './webhooks.types.js';

const newestFirst: SortOrder<WebhookDelivery> = { name: '-created_at', field: 'created_at', direction: -1 };

/** A delivery that is being tried by the one who has its claim. */
export type Claimed = WebhookDelivery & { readonly claim: string };

export function createWebhookDeliveryRepository(connection: Connection) {
  const model = webhookDeliveryModel.on(connection);
  const store = createDocumentStore<WebhookDelivery, 'webhook_delivery_id'>(model, 'webhook_delivery_id');
  const claimed = ({ webhook_delivery_id, claim }: Claimed) => ({
    _id: webhook_delivery_id,
    claim,
    status: 'waiting' as const,
  });

  return {
    find: (webhook_delivery_id: string, tx?: MongoTransaction): Promise<WebhookDelivery | null> =>
      store.find(webhook_delivery_id, tx),
    insert: (delivery: WebhookDelivery, tx: MongoTransaction): Promise<WebhookDelivery> =>
      store.insert(delivery, tx),
    listPage: (
      webhook_id: string,
      status: WebhookDeliveryStatus | undefined,
      page: PageRequest,
    ): Promise<Page<WebhookDelivery>> =>
      store.page({ webhook_id, ...(status && { status }) }, newestFirst, page),
    countWaiting: (webhook_id: string, tx: MongoTransaction): Promise<number> =>
      store.count({ webhook_id, status: 'waiting' }, tx),

    /**
     * Takes the one that has been due longest, of no webhook or user that is named; nobody else does until `until`. null: there is
     * none.
     */
    async claim(
      now: Date,
      until: Date,
      except: { readonly webhook_ids: readonly string[]; readonly user_ids: readonly string[] },
    ): Promise<Claimed | null> {
      const others = {
        webhook_id: { $nin: [...except.webhook_ids] },
        user_id: { $nin: [...except.user_ids] },
      };
      const taken = await model.collection.findOneAndUpdate(
        { status: 'waiting', next_attempt_at: { $lte: now }, ...others },
        { $set: { next_attempt_at: until, claim: randomUUID() }, $inc: { attempts: 1 } },
        { sort: { next_attempt_at: 1 }, projection: { _id: 1 } },
      );
      return taken && ((await store.findMany([String(taken._id)]))[0] as Claimed);
    },

    /** Gives it back: it is tried again from `from` on. */
    async putOff(delivery: Claimed, from: Date, attempts: number, outcome?: Outcome): Promise<void> {
      await model.updateOne(claimed(delivery), { $set: { next_attempt_at: from, attempts, ...outcome } });
    },

    /** Ends it; false when somebody else has claimed it meanwhile, and ends it. */
    async end(
      delivery: Claimed,
      how: Outcome & Pick<WebhookDelivery, 'status' | 'ended_at'>,
      tx: MongoTransaction,
    ): Promise<boolean> {
      const set = { $set: { ...how, next_attempt_at: null } };
      return (await model.updateOne(claimed(delivery), set, sessionOf(tx))).modifiedCount === 1;
    },

    /** From the beginning; null when it has not failed (any more). */
    async restart(
      webhook_delivery_id: string,
      now: Date,
      expires_at: Date,
      tx: MongoTransaction,
    ): Promise<WebhookDelivery | null> {
      const { modifiedCount } = await model.updateOne(
        { _id: webhook_delivery_id, status: 'failed' },
        { $set: { status: 'waiting', attempts: 0, next_attempt_at: now, ended_at: null, expires_at } },
        sessionOf(tx),
      );
      return modifiedCount === 1 ? store.find(webhook_delivery_id, tx) : null;
    },
  };
}

export type WebhookDeliveryRepository = ReturnType<typeof createWebhookDeliveryRepository>;
