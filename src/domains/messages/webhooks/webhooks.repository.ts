import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import { createKnown } from '../../../lib/known.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { webhookModel } from './webhooks.model.js';
import type { Webhook } from './webhooks.types.js';

const newestFirst: SortOrder<Webhook> = { name: '-created_at', field: 'created_at', direction: -1 };

export function createWebhookRepository(connection: Connection) {
  const model = webhookModel.on(connection);
  const store = createDocumentStore<Webhook, 'webhook_id'>(model, 'webhook_id');
  // Few users have any, and each notification asks.
  const active = createKnown(async (user_id) => (await store.count({ user_id, is_active: true })) > 0);
  return {
    /** As it was within the last second, where another process has changed it. */
    hasActive: active.of,
    find: (webhook_id: string, tx?: MongoTransaction): Promise<Webhook | null> => store.find(webhook_id, tx),
    insert: (webhook: Webhook, tx: MongoTransaction): Promise<Webhook> =>
      active.forgetAfter(webhook.user_id, store.insert(webhook, tx)),
    async update(
      webhook_id: string,
      changes: Partial<Webhook>,
      tx: MongoTransaction,
    ): Promise<Webhook | null> {
      const changed = await store.update(webhook_id, changes, tx);
      if (changed) active.forget(changed.user_id);
      return changed;
    },
    remove: (webhook_id: string, tx: MongoTransaction): Promise<boolean> => store.remove(webhook_id, tx),
    count: (user_id: string, tx: MongoTransaction): Promise<number> => store.count({ user_id }, tx),
    listPage: (user_id: string, page: PageRequest): Promise<Page<Webhook>> =>
      store.page({ user_id }, newestFirst, page),
    listActive: (user_id: string, limit: number, tx: MongoTransaction): Promise<Webhook[]> =>
      store.list({ user_id, is_active: true }, newestFirst, limit, tx),

    /** One more that failed, or none since now. The record keeps its version: its owner did nothing. */
    async setFailures(webhook_id: string, failures: number, tx: MongoTransaction): Promise<void> {
      await model.updateOne({ _id: webhook_id }, { $set: { failures } }, sessionOf(tx));
    },

    /** The same secrets, sealed by another key; nothing when they were changed meanwhile. */
    async reseal(
      { webhook_id, sealed_secret, sealed_previous_secret }: Webhook,
      sealed: Partial<Pick<Webhook, 'sealed_secret' | 'sealed_previous_secret'>>,
    ): Promise<void> {
      await model.updateOne({ _id: webhook_id, sealed_secret, sealed_previous_secret }, { $set: sealed });
    },
  };
}

export type WebhookRepository = ReturnType<typeof createWebhookRepository>;
