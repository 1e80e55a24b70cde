import type { Connection } from 'mongoose';
import { isPassingMongoFailure } from '../../../databases/failures.js';
import { advisoryLocks, type Knex } from '../../../databases/postgres/postgres.js';
import { retry } from '../../../databases/retry.js';
import { reconciliations } from './reconciliation.model.js';
import type { DriftKind, LastReconcile } from './reconciliation.types.js';

export function createReconciliationRepository(connection: Connection, knex: Knex) {
  const runs = reconciliations.on(connection);

  return {
    /**
     * Runs `work` while no other process does; null when one does. Its transaction holds nothing but the lock, which goes
     * with the connection when the process dies.
     */
    alone<T>(work: () => Promise<T>): Promise<T | null> {
      return knex.transaction(async (trx) => {
        const { rows } = await trx.raw<{ rows: { taken: boolean }[] }>(
          'select pg_try_advisory_xact_lock(?) as taken',
          [advisoryLocks.reconcile],
        );
        return rows[0]!.taken ? work() : null;
      });
    },

    /** Keeps what was left of the kinds that were looked for; `at` when it was all of them. Idempotent. */
    async keep(left: Readonly<Partial<Record<DriftKind, number>>>, at: Date | null): Promise<void> {
      const counts = Object.entries(left).map(([kind, count]) => [`left.${kind}`, count] as const);
      const change = { ...Object.fromEntries(counts), ...(at ? { at } : {}) };
      await retry(
        () => runs.updateOne({ _id: 'last' }, { $set: change }, { upsert: true }),
        isPassingMongoFailure,
      );
    },

    async last(): Promise<LastReconcile> {
      const found = await runs.findOne({ _id: 'last' }, { maxTimeMS: 1_000 });
      return { left: found?.left ?? {}, at: found?.at ?? null };
    },
  };
}

export type ReconciliationRepository = ReturnType<typeof createReconciliationRepository>;
