declare const transactionTag: unique symbol;

/** A running transaction of MongoDB, passed on as the last argument; only a repository looks inside. */
export interface MongoTransaction {
  readonly [transactionTag]: 'mongodb';
}

/**
 * Runs `work` in a MongoDB transaction (snapshot reads, majority writes) and commits it exactly once, however often
 * the primary dies in between: `work` may run several times, its effects and its result count once. `work` must have
 * no side effect outside of the transaction, and must return plain data.
 */
export interface Transact {
  <T>(work: (tx: MongoTransaction) => Promise<T>): Promise<T>;
}
