import type { Once } from './idempotency.js';

declare const transactionTag: unique symbol;

/** A running transaction of MongoDB, passed on as the last argument; only a repository looks inside. */
export interface MongoTransaction {
  readonly [transactionTag]: 'mongodb';
}

/** A running transaction of Postgres, passed on as the last argument; only a repository looks inside. */
export interface SqlTransaction {
  readonly [transactionTag]: 'postgres';
}

/*
 * Both run `work` in a transaction and commit it exactly once, however often the server dies in between: `work` may run
 * several times, its effects and its result count once. `work` must have no side effect outside of the transaction, and
 * must return plain data. With `once`, the result is stored for the client's key in the same transaction: a request that
 * comes again gets it, and `work` does not run. Throws `idempotency_key_reused`.
 */

/**
 * In MongoDB: snapshot reads, majority writes. `made` looks for what an earlier attempt at this very work has committed, by an
 * id that it alone has: then no result needs to be left beside it.
 */
export type Transact = <T>(
  work: (tx: MongoTransaction) => Promise<T>,
  once?: Once,
  made?: (tx: MongoTransaction) => Promise<T | null>,
) => Promise<T>;

/**
 * In Postgres: read committed, so whatever must not be decided twice takes a row lock or a unique key. A stored result is
 * JSON: of a request that comes again, times are ISO text.
 */
export type TransactSql = <T>(work: (tx: SqlTransaction) => Promise<T>, once?: Once) => Promise<T>;
