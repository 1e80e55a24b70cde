import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { replay, type Once } from '../../lib/idempotency.js';
import type { SqlTransaction, TransactSql } from '../../lib/transaction.js';
import { isPassingPostgresFailure, isPostgresConflict } from '../failures.js';
import { deadlines } from '../deadlines.js';
import { retry, writeDeadlineMs } from '../retry.js';
import { defineTable } from './postgres-table.js';
import { beginAttempt } from './statement-deadlines.js';

/** The driver's handle on a transaction, or the pool outside of one: for repositories only. */
export function sqlOf(knex: Knex, tx: SqlTransaction | undefined): Knex {
  return tx ? (tx as unknown as Knex.Transaction) : knex;
}

interface KeptAnswer {
  id: string;
  request_hash: string;
  result: unknown;
  created_at: Date;
}

export const idempotencyKeysTable = defineTable<KeptAnswer>({
  table: 'idempotency_keys',
  columns: { id: 'text', request_hash: 'text', result: 'jsonb', created_at: 'timestamptz' },
  primaryKey: ['id'],
  indexes: [
    {
      name: 'idempotency_keys_by_time',
      columns: '(created_at)',
      serves: 'BILL-3: answers are kept for a week',
    },
  ],
});

/**
 * The one way to write to Postgres. A transaction begins with a row of its own in `idempotency_keys` and leaves its
 * result there: when the connection breaks and nobody can say whether the commit was done, the next attempt finds the
 * answer, or none and does the work. The row's unique id makes a request with the same key wait for the one before it.
 * `committed` is told when each commit was. Read committed: what is decided, is decided under the lock of a row, and read after it (see `books.lock`, `lockAccount`).
 */
export function createTransactSql(
  knex: Knex,
  deadlineMs = writeDeadlineMs,
  committed: () => void = () => undefined,
): TransactSql {
  async function attempt<T>(
    work: (tx: SqlTransaction) => Promise<T>,
    once: Once,
    deadline: number,
  ): Promise<T> {
    return knex.transaction(async (trx) => {
      const { over, settle } = await beginAttempt(
        trx,
        Math.min(deadlines().writeMs, deadline - performance.now()),
      );
      trx.executionPromise.finally(settle).catch(() => undefined);
      const keys = () => trx<KeptAnswer>('idempotency_keys');
      const { id, request_hash } = once;
      const taken = await keys().insert({ id, request_hash }).onConflict().ignore().returning('id');
      if (taken.length === 0) return replay<T>(once, (await keys().where({ id }).first())!);
      const result = await Promise.race([work(trx as unknown as SqlTransaction), over]);
      await keys()
        .where({ id })
        .update({ result: JSON.stringify(result ?? null) });
      return result;
    });
  }

  return async (work, once) => {
    const own = once ?? { id: `own ${randomUUID()}`, request_hash: '', replayed: () => undefined };
    const deadline = performance.now() + deadlineMs;
    const result = await retry(
      () => attempt(work, own, deadline),
      (error) => isPostgresConflict(error) || isPassingPostgresFailure(error),
      deadlineMs,
    );
    committed();
    return result;
  };
}
