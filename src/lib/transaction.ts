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

/**
 * Runs `work` in a transaction and commits it exactly once, however often the server dies in between: `work` may run
 * several times, its effects and its result count once. `work` must have no side effect outside of the transaction, and
 * must return plain data. With `once`, the result is stored for the client's key in the same transaction: a request that
 * comes again gets it, and `work` does not run. Throws `idempotency_key_reused`.
 */
type TransactIn<Tx> = <T>(work: (tx: Tx) => Promise<T>, once?: Once) => Promise<T>;

/** In MongoDB: snapshot reads, majority writes. */
export type Transact = TransactIn<MongoTransaction>;

/**
 * In Postgres: read committed, so whatever must not be decided twice takes a row lock or a unique key. A stored result is
 * JSON: of a request that comes again, times are ISO text.
 */
export type TransactSql = TransactIn<SqlTransaction>;
