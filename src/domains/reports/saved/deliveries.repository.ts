import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { queryLimitMs, sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { deliveryModel } from './saved-reports.model.js';
import type { DeliveriesSummary, Delivery, Visible } from './saved-reports.types.js';

const newestFirst: SortOrder<Delivery> = { name: '-created_at', field: 'created_at', direction: -1 };

/** A delivery that is being made by the one who has its claim. */
export type Claimed = Delivery & { readonly claim: string };

export function createDeliveryRepository(connection: Connection) {
  const model = deliveryModel.on(connection);
  const store = createDocumentStore<Delivery, 'delivery_id'>(model, 'delivery_id');
  return {
    find: (delivery_id: string): Promise<Delivery | null> => store.find(delivery_id),
    insert: (delivery: Delivery, tx: MongoTransaction): Promise<Delivery> => store.insert(delivery, tx),
    listPage: (visible: Visible, page: PageRequest): Promise<Page<Delivery>> =>
      store.page({ ...visible }, newestFirst, page),

    /** Takes one that nobody is making, the one that has waited longest first; null when there is none. */
    async claim(now: Date, until: Date): Promise<Claimed | null> {
      const claim = randomUUID();
      const taken = await model.collection.findOneAndUpdate(
        { status: 'waiting', claimed_until: { $lte: now } },
        { $set: { claimed_until: until, claim }, $inc: { attempts: 1 } },
        { sort: { claimed_until: 1 }, projection: { _id: 1 } },
      );
      return taken && ((await store.findMany([String(taken._id)]))[0] as Claimed);
    },

    countWaiting: (user_id: string, tx: MongoTransaction): Promise<number> =>
      store.count({ user_id, status: 'waiting' }, tx),

    /** The files that are kept for a user, the oldest first. */
    listKept: async (
      user_id: string,
      now: Date,
      tx: MongoTransaction,
    ): Promise<{ delivery_id: string; bytes: number }[]> => {
      const kept = { user_id, status: 'done', expires_at: { $gt: now } };
      const projection = { bytes: 1 };
      const found = await model.collection
        .find<{ _id: unknown; bytes: number }>(kept, { projection, ...sessionOf(tx) })
        .sort({ created_at: 1, _id: 1 })
        .toArray();
      return found.map(({ _id, bytes }) => ({ delivery_id: String(_id), bytes }));
    },

    /** Those that failed since then, and how many are to be made. */
    async summary(since: Date): Promise<DeliveriesSummary> {
      const failed = { status: 'failed', ended_at: { $gte: since } };
      const limits = { maxTimeMS: queryLimitMs, limit: 10_000 };
      const [waiting, failures, last] = await Promise.all([
        model.collection.countDocuments({ status: 'waiting', claimed_until: { $gte: new Date(0) } }, limits),
        model.collection.countDocuments(failed, limits),
        model.collection
          .find<Delivery>(failed as never, { maxTimeMS: queryLimitMs })
          .sort({ ended_at: -1 })
          .limit(1)
          .next(),
      ]);
      return {
        ...{ waiting, failed: failures },
        last_failure: last && { at: last.ended_at!, report: last.report, why: last.failure },
      };
    },

    /** Its time is over now. */
    async expire(delivery_id: string, now: Date, tx: MongoTransaction): Promise<void> {
      await model.updateOne({ _id: delivery_id }, { $set: { expires_at: now } }, sessionOf(tx));
    },

    /** Gives it back: it is tried again from `from` on. */
    async release({ delivery_id, claim }: Claimed, from: Date, attempts: number): Promise<void> {
      await model.updateOne(
        { _id: delivery_id, claim, status: 'waiting' },
        { $set: { claimed_until: from, attempts } },
      );
    },

    /** Ends it; false when somebody else has claimed it meanwhile, and ends it. */
    async end(
      { delivery_id, claim }: Claimed,
      how: Pick<Delivery, 'status' | 'failure' | 'bytes' | 'ended_at' | 'expires_at'>,
      tx: MongoTransaction,
    ): Promise<boolean> {
      const { modifiedCount } = await model.updateOne(
        { _id: delivery_id, claim, status: 'waiting' },
        { $set: how, $inc: { version: 1 } },
        sessionOf(tx),
      );
      return modifiedCount === 1;
    },
  };
}

export type DeliveryRepository = ReturnType<typeof createDeliveryRepository>;
