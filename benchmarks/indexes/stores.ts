import type { Db, Document } from 'mongodb';
import type { Client } from 'pg';
import { median } from '../../src/lib/median.js';
import { readMongoExplain, readPostgresExplain, type Cost, type Examined } from './plans.js';

/** A statement as knex sends it. */
export interface Sql {
  readonly sql: string;
  readonly bindings: readonly unknown[];
}

export interface Compared {
  readonly with: Cost;
  /** Null when the query can't be answered without its index. */
  readonly without: Cost | null;
}

interface Query {
  /** Runs it and counts what it returns. */
  run(): Promise<number>;
  explain(): Promise<Examined>;
  /** Runs `act` while the indexes of the query's collection or table are out of sight. */
  without<T>(act: () => Promise<T>): Promise<T>;
}

/** The second of two runs: the first fills the plan cache and the pages. */
async function time(run: () => Promise<number>): Promise<{ ms: number; returned: number }> {
  await run();
  const start = performance.now();
  const returned = await run();
  return { ms: performance.now() - start, returned };
}

/** Measures with and without in turns, so that whatever else the machine does falls on both. */
async function compare({ run, explain, without }: Query, rounds: number): Promise<Compared> {
  const withTimes = [await time(run)];
  const examined = await explain();
  const costOf = (times: readonly { ms: number; returned: number }[], read: Examined): Cost => ({
    ms: median(times.map(({ ms }) => ms)),
    returned: times[0]!.returned,
    ...read,
  });
  let withoutTimes: { ms: number; returned: number }[];
  let examinedWithout: Examined;
  try {
    withoutTimes = [await without(() => time(run))];
    examinedWithout = await without(explain);
  } catch (error) {
    if (!needsIndex.has((error as { code?: unknown }).code)) throw error;
    for (let round = 1; round < rounds; round += 1) withTimes.push(await time(run));
    return { with: costOf(withTimes, examined), without: null };
  }
  for (let round = 1; round < rounds; round += 1) {
    withTimes.push(await time(run));
    withoutTimes.push(await without(() => time(run)));
  }
  return { with: costOf(withTimes, examined), without: costOf(withoutTimes, examinedWithout) };
}

/** IndexNotFound and NoQueryExecutionPlans: `$text` has no other way. */
const needsIndex = new Set<unknown>([27, 291]);

/** Runs the very command that the API sends. Without: all indexes but `_id` are hidden, kept up but out of the planner's sight. */
export function compareInMongo(db: Db, command: Document, rounds: number): Promise<Compared> {
  const collection = Object.values(command)[0] as string;
  const hide = async (hidden: boolean): Promise<void> => {
    for (const { name } of await db.collection(collection).listIndexes().toArray())
      if (name !== '_id_') await db.command({ collMod: collection, index: { name: name as string, hidden } });
  };
  return compare(
    {
      async run() {
        if ('distinct' in command) return ((await db.command(command))['values'] as unknown[]).length;
        return (await db.runCursorCommand(command).toArray()).length;
      },
      async explain() {
        return readMongoExplain(await db.command({ explain: command, verbosity: 'executionStats' }));
      },
      async without(act) {
        await hide(true);
        return act().finally(() => hide(false));
      },
    },
    rounds,
  );
}

const indexesOfBilling = `select indexname from pg_indexes
  where schemaname = current_schema() and tablename = 'billing' and indexname <> 'billing_pkey'`;

/** Without: in a transaction that drops the table's indexes and is rolled back, for Postgres can't hide one. */
export function compareInPostgres(client: Client, { sql, bindings }: Sql, rounds: number): Promise<Compared> {
  const values = [...bindings];
  return compare(
    {
      run: async () => (await client.query<object>(sql, values)).rows.length,
      async explain() {
        const { rows } = await client.query<Document>(`explain (analyze, format json) ${sql}`, values);
        return readPostgresExplain(rows[0]!['QUERY PLAN']);
      },
      async without(act) {
        const { rows } = await client.query<{ indexname: string }>(indexesOfBilling);
        await client.query('begin');
        try {
          for (const { indexname } of rows)
            await client.query(`drop index ${client.escapeIdentifier(indexname)}`);
          return await act();
        } finally {
          await client.query('rollback');
        }
      },
    },
    rounds,
  );
}
