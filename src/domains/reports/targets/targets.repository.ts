import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { createTogether } from '../../../lib/together.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { targetModel } from './targets.model.js';
import { mostTargets, type Target, type TargetStanding } from './targets.types.js';

const newestFirst: SortOrder<Target> = { name: '-created_at', field: 'created_at', direction: -1 };
const byId: SortOrder<Target> = { name: 'target_id', field: 'target_id', direction: 1 };

export function createTargetRepository(connection: Connection) {
  const model = targetModel.on(connection);
  const store = createDocumentStore<Target, 'target_id'>(model, 'target_id');
  const ofQuestion = createTogether(async (question_keys) => {
    const found = await store.list({ question_key: { $in: [...question_keys] } }, byId, mostTargets);
    return new Map(
      question_keys.map((key) => [key, found.filter(({ question_key }) => question_key === key)] as const),
    );
  });
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
    listOf: async (question_key: string): Promise<readonly Target[]> =>
      (await ofQuestion(question_key)) ?? [],

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
