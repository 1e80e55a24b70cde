import type { Connection } from 'mongoose';
import { createDocumentStore } from '../../../databases/mongo/document-store.js';
import { isNamedSomewhere } from '../../../databases/mongo/referrers.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import { nameSearch } from '../../../databases/mongo/name-search.js';
import type { Role } from '../../../lib/actor.js';
import { given } from '../../../lib/changes.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { accountLinkModel, refreshTokenModel, sessionModel, userModel } from './accounts.model.js';
import { loginIdentityModel } from './login-identities.model.js';
import { emailKey } from './email.js';
import type { AccountLink, LinkPurpose, RefreshToken, Session, User } from './accounts.types.js';

/** They go with their user. */
const ownCollections = [sessionModel, refreshTokenModel, accountLinkModel, loginIdentityModel].map(
  ({ collection }) => collection,
);

const newestFirst = { name: 'created_at', field: 'created_at', direction: -1 } as const;

interface UserFilter {
  readonly q?: string | undefined;
  readonly role?: Role | undefined;
  readonly active?: boolean | undefined;
}

export function createUserRepository(connection: Connection) {
  const store = createDocumentStore<User, 'user_id'>(userModel.on(connection), 'user_id', { named: 'name' });
  return {
    ...store,
    async findByEmailKey(email_key: string, tx?: MongoTransaction): Promise<User | null> {
      const [user] = await store.list(
        { email_key },
        { name: 'email_key', field: 'email_key', direction: 1 },
        1,
        tx,
      );
      return user ?? null;
    },
    /** Those who can let others in. */
    countAdminsBut: (user_id: string, tx: MongoTransaction): Promise<number> =>
      store.count({ role: 'admin', active: true, password_hash: { $ne: null }, _id: { $ne: user_id } }, tx),
    /** Whether anything names the user but what an account is made of. */
    isNamed: (user_id: string, tx: MongoTransaction): Promise<boolean> =>
      isNamedSomewhere(connection, user_id, ownCollections, tx),
    listPage({ q, ...filter }: UserFilter, page: PageRequest): Promise<Page<User>> {
      const found = {
        ...given(filter),
        ...(q === undefined ? {} : { $or: [nameSearch(q), { email_key: emailKey(q) }] }),
      };
      return store.page(found, newestFirst, page);
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
    async codeGiven(session_id: string, code_given_at: Date, tx: MongoTransaction): Promise<void> {
      await model.updateOne({ _id: session_id }, { $set: { code_given_at } }, sessionOf(tx));
    },
    /** The open sessions of a user but for the newest `keep`, in the transaction that has locked the user. */
    async listBeyond(user_id: string, keep: number, now: Date, tx: MongoTransaction): Promise<Session[]> {
      const open = { user_id, ended_at: null, expires_at: { $gt: now } };
      return (await store.list(open, newestFirst, keep + 100, tx)).slice(keep);
    },
    /** Whether the user was there before, and never from this address with this program. */
    async isNewOrigin(
      user_id: string,
      { user_agent, address }: Pick<Session, 'user_agent' | 'address'>,
      tx: MongoTransaction,
    ): Promise<boolean> {
      if ((await store.list({ user_id, user_agent, address }, newestFirst, 1, tx)).length > 0) return false;
      return (await store.list({ user_id }, newestFirst, 1, tx)).length > 0;
    },
    /** All open sessions of a user, but for one if it is named; says which. */
    async endAll(
      user_id: string,
      end_reason: Session['end_reason'],
      now: Date,
      tx: MongoTransaction,
      except?: string,
    ): Promise<string[]> {
      const ended = { user_id, ended_at: null, ...(except === undefined ? {} : { _id: { $ne: except } }) };
      const open = await store.list(ended, newestFirst, 1000, tx);
      await model.updateMany(ended, { $set: { ended_at: now, end_reason } }, sessionOf(tx));
      return open.map(({ session_id }) => session_id);
    },
    /** Where the user was. */
    async forgetOrigins(user_id: string, tx: MongoTransaction): Promise<void> {
      await model.updateMany({ user_id }, { $set: { user_agent: null, address: null } }, sessionOf(tx));
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

export function createAccountLinkRepository(connection: Connection) {
  const model = accountLinkModel.on(connection);
  const store = createDocumentStore<AccountLink, 'link_id'>(model, 'link_id');
  return {
    find: (link_id: string, tx?: MongoTransaction): Promise<AccountLink | null> => store.find(link_id, tx),
    /** In the place of the one before it for the same purpose. */
    async replace(link: AccountLink, tx: MongoTransaction): Promise<void> {
      const { user_id, purpose } = link;
      await model.deleteMany({ user_id, purpose }, sessionOf(tx));
      await store.insert(link, tx);
    },
    /** False when it is used already. */
    remove: (link_id: string, tx: MongoTransaction): Promise<boolean> => store.remove(link_id, tx),
    async removeAll(user_id: string, tx: MongoTransaction): Promise<void> {
      await model.deleteMany({ user_id }, sessionOf(tx));
    },
    async findFor(user_id: string, purpose: LinkPurpose, tx: MongoTransaction): Promise<AccountLink | null> {
      const [link] = await store.list(
        { user_id, purpose },
        { name: 'purpose', field: 'purpose', direction: 1 },
        1,
        tx,
      );
      return link ?? null;
    },
  };
}

export function createRefreshTokenRepository(connection: Connection) {
  const model = refreshTokenModel.on(connection);
  const store = createDocumentStore<RefreshToken, 'token_hash'>(model, 'token_hash');
  return {
    find: (token_hash: string, tx?: MongoTransaction): Promise<RefreshToken | null> =>
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
export type AccountLinkRepository = ReturnType<typeof createAccountLinkRepository>;
export type SessionRepository = ReturnType<typeof createSessionRepository>;
export type RefreshTokenRepository = ReturnType<typeof createRefreshTokenRepository>;
