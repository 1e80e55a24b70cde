import type { Connection } from 'mongoose';
import { createDocumentStore } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { secondFactorModel } from './second-factor.model.js';
import type { SecondFactor } from './second-factor.types.js';

export function createSecondFactorRepository(connection: Connection) {
  const model = secondFactorModel.on(connection);
  const store = createDocumentStore<SecondFactor, 'user_id'>(model, 'user_id');
  return {
    find: (user_id: string, tx?: MongoTransaction): Promise<SecondFactor | null> => store.find(user_id, tx),
    /** In the place of one that was begun before. */
    async replace(factor: SecondFactor, tx: MongoTransaction): Promise<void> {
      await store.remove(factor.user_id, tx);
      await store.insert(factor, tx);
    },
    async set(
      user_id: string,
      changes: Partial<Omit<SecondFactor, 'user_id'>>,
      tx: MongoTransaction,
    ): Promise<void> {
      await model.updateOne({ _id: user_id }, { $set: changes }, sessionOf(tx));
    },
    remove: (user_id: string, tx: MongoTransaction): Promise<boolean> => store.remove(user_id, tx),
  };
}

export type SecondFactorRepository = ReturnType<typeof createSecondFactorRepository>;
