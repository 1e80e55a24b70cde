import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { targetModel } from './targets.model.js';
import type { Target, TargetStanding } from './targets.types.js';

const newestFirst: SortOrder<Target> = { name: '-created_at', field: 'created_at', direction: -1 };
const byId: SortOrder<Target> = { name: 'target_id', field: 'target_id', direction: 1 };

export function createTargetRepository(connection: Connection) {
  const model = targetModel.on(connection);
  const store = createDocumentStore<Target, 'target_id'>(model, 'target_id');
  return {
    find: (target_id: string, tx?: MongoTransaction): Promise<Target | null> => store.find(target_id, tx),
    /** Throws UniqueViolation when there is one of the same figure and period. */
    insert: (target: Target, tx: MongoTransaction): Promise<Target> => store.insert(target, tx),
    update: (target_id: string, changes: Partial<Target>, tx: MongoTransaction): Promise<Target | null> =>
      store.update(target_id, changes, tx),
    remove: (target_id: string, tx: MongoTransaction): Promise<boolean> => store.remove(target_id, tx),
    count: (tx: MongoTransaction): Promise<number> => store.count({}, tx),
    countOf: (question_key: string, tx: MongoTransaction): Promise<number> =>
      store.count({ question_key }, tx),
    listPage: (filter: { readonly report?: string }, page: PageRequest): Promise<Page<Target>> =>
      store.page({ ...filter }, newestFirst, page),

    /** Those of a report with these parameters. */
    listOf: (question_key: string, most: number): Promise<Target[]> =>
      store.list({ question_key }, byId, most),

    /** Those whose days overlap with these. */
    listWithin: (
      { question_key, figure }: Pick<Target, 'question_key' | 'figure'>,
      { from, to }: { readonly from: Date; readonly to: Date },
      tx: MongoTransaction,
    ): Promise<Target[]> =>
      store.list({ question_key, figure, from: { $lt: to }, to: { $gt: from } }, byId, 1, tx),

    /** Those that somebody is told of, in the order of their ids. */
    listWatched: (after: string, most: number): Promise<Target[]> =>
      store.list({ 'recipients.0': { $exists: true }, _id: { $gt: after } }, byId, most),

    /** How it stands now; false when it has changed, or somebody has said so meanwhile. The record keeps its version: nobody did anything. */
    async stand(
      { target_id, version, standing }: Target,
      next: TargetStanding,
      tx: MongoTransaction,
    ): Promise<boolean> {
      const { modifiedCount } = await model.collection.updateOne(
        { _id: target_id as never, version, standing: standing },
        { $set: { standing: next } },
        sessionOf(tx),
      );
      return modifiedCount === 1;
    },
  };
}

export type TargetRepository = ReturnType<typeof createTargetRepository>;
