import type { Connection } from 'mongoose';
import { createDocumentStore } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { loginIdentityModel } from './login-identities.model.js';
import type { LoginIdentity } from './login-identities.types.js';

export function createLoginIdentityRepository(connection: Connection) {
  const model = loginIdentityModel.on(connection);
  const store = createDocumentStore<LoginIdentity, 'identity_id'>(model, 'identity_id');
  return {
    find: (identity_id: string, tx?: MongoTransaction): Promise<LoginIdentity | null> =>
      store.find(identity_id, tx),
    insert: (identity: LoginIdentity, tx: MongoTransaction): Promise<LoginIdentity> =>
      store.insert(identity, tx),
    async removeAll(user_id: string, tx: MongoTransaction): Promise<void> {
      await model.deleteMany({ user_id }, sessionOf(tx));
    },
  };
}

export type LoginIdentityRepository = ReturnType<typeof createLoginIdentityRepository>;
