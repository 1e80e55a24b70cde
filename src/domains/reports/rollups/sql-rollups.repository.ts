import type { Knex } from '../../../databases/postgres/postgres.js';
import { sqlOf } from '../../../databases/postgres/sql-transact.js';
import type { TransactSql } from '../../../lib/transaction.js';

/** The figures that Postgres' triggers keep, as they stand. */
export interface SqlRollupsReading {
  /** Rises with each commit that changes a figure, what the projection of the prescriptions took in too. */
  readonly version: bigint;
  readonly as_of: Date;
}

/** What the triggers of migration 0003 keep in the transactions of the writers: never behind, so there is nothing to wait for. */
export function createSqlRollups(knex: Knex, transactSql: TransactSql) {
  const stamp = {
    text: `select time_zone, now() as as_of, (select coalesce(sum(n), 0)::text from rollup_versions) as version
from rollup_settings`,
    bindings: [],
  };

  /** Null while days and months are those of another zone. */
  function read(row: object | undefined, timeZone: string): SqlRollupsReading | null {
    const { version, time_zone, as_of } = row as { version: string; time_zone: string; as_of: Date };
    return time_zone === timeZone ? { version: BigInt(version), as_of } : null;
  }

  return {
    /** Asks for the row that `read` reads, beside the figures. */
    stamp,
    read,

    async reading(timeZone: string): Promise<SqlRollupsReading | null> {
      const { rows } = await knex.raw<{ rows: object[] }>(stamp.text);
      return read(rows[0], timeZone);
    },

    /** At start: sums the ledger anew when it was summed by another zone's calendar. Writers of money wait for it. */
    keepBy(timeZone: string): Promise<void> {
      return transactSql(async (tx) => {
        const sql = sqlOf(knex, tx);
        await sql.raw('set local statement_timeout = 0');
        // The row's lock is for those who start at the same time: one does the work.
        const { rows } = await sql.raw<{ rows: { time_zone: string }[] }>(
          'select time_zone from rollup_settings for update',
        );
        if (rows[0]!.time_zone !== timeZone) await sql.raw('select rollup_recount_ledger(?)', [timeZone]);
      });
    },

    /** Folds what was posted since the last time into the other sums. No figure changes, and nobody waits for it. A stop is no failure. */
    async fold(signal?: AbortSignal): Promise<void> {
      const foldSome = (): Promise<boolean> =>
        knex.transaction(async (trx) => {
          await trx.raw('set local statement_timeout = 0');
          const { rows } = await trx.raw<{ rows: { folded: number }[] }>(
            'select rollup_fold_ledger() as folded',
          );
          return rows[0]!.folded > 0;
        });
      let times = 0;
      while (!signal?.aborted && (await foldSome())) times += 1;
      // Anyone who asks reads past all that was folded, until its room is given back.
      if (times > 1 && !signal?.aborted) await knex.raw('vacuum rollup_ledger_deltas');
    },
  };
}

export type SqlRollups = ReturnType<typeof createSqlRollups>;
