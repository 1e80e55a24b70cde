import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { refreshTokenModel, sessionModel, userModel } from './accounts.model.js';
import type { RefreshToken, Session, User } from './accounts.types.js';

const newestFirst: SortOrder<Session> = { name: 'created_at', field: 'created_at', direction: -1 };

export function createUserRepository(connection: Connection) {
  const store = createDocumentStore<User, 'user_id'>(userModel.on(connection), 'user_id');
  return {
    ...store,
    async findByEmailKey(email_key: string): Promise<User | null> {
      const [user] = await store.list(
        { email_key },
        { name: 'email_key', field: 'email_key', direction: 1 },
        1,
      );
      return user ?? null;
    },
  };
}

export function createSessionRepository(connection: Connection) {
  const model = sessionModel.on(connection);
  const store = createDocumentStore<Session, 'session_id'>(model, 'session_id');
  return {
    find: (session_id: string, tx?: MongoTransaction): Promise<Session | null> => store.find(session_id, tx),
    insert: (session: Session, tx: MongoTransaction): Promise<Session> => store.insert(session, tx),
    listOpen(user_id: string, now: Date, page: PageRequest): Promise<Page<Session>> {
      return store.page({ user_id, ended_at: null, expires_at: { $gt: now } }, newestFirst, page);
    },
    async prolong(session_id: string, now: Date, expires_at: Date, tx: MongoTransaction): Promise<void> {
      await model.updateOne({ _id: session_id }, { $set: { last_used_at: now, expires_at } }, sessionOf(tx));
    },
    /** False when it had ended before, or there is none. */
    async end(
      session_id: string,
      end_reason: Session['end_reason'],
      now: Date,
      tx: MongoTransaction,
    ): Promise<boolean> {
      const ending = { $set: { ended_at: now, end_reason } };
      const done = await model.updateOne({ _id: session_id, ended_at: null }, ending, sessionOf(tx));
      return done.modifiedCount === 1;
    },
  };
}

export function createRefreshTokenRepository(connection: Connection) {
  const model = refreshTokenModel.on(connection);
  const store = createDocumentStore<RefreshToken, 'token_hash'>(model, 'token_hash');
  return {
    find: (token_hash: string, tx: MongoTransaction): Promise<RefreshToken | null> =>
      store.find(token_hash, tx),
    insert: (token: RefreshToken, tx: MongoTransaction): Promise<RefreshToken> => store.insert(token, tx),
    /** Of several transactions that read the token as fresh, one commits; the others start again and find it rotated. */
    async rotate(token_hash: string, now: Date, tx: MongoTransaction): Promise<void> {
      const fresh = { _id: token_hash, rotated_at: null };
      await model.updateOne(fresh, { $set: { rotated_at: now } }, sessionOf(tx));
    },
  };
}

export type UserRepository = ReturnType<typeof createUserRepository>;
export type SessionRepository = ReturnType<typeof createSessionRepository>;
export type RefreshTokenRepository = ReturnType<typeof createRefreshTokenRepository>;
