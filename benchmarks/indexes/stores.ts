import type { Db, Document } from 'mongodb';
import type { Client } from 'pg';
import { median } from '../../src/lib/median.js';
import { readMongoExplain, readPostgresExplain, type Cost } from './plans.js';

/** A statement as knex sends it. */
export interface Sql {
  readonly sql: string;
  readonly bindings: readonly unknown[];
}

async function timed<T>(rounds: number, run: () => Promise<T[]>): Promise<{ ms: number; returned: number }> {
  let returned = (await run()).length; // warm-up: plan cache, pages
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    returned = (await run()).length;
    times.push(performance.now() - start);
  }
  return { ms: median(times), returned };
}

const collectionOf = (command: Document): string => Object.values(command)[0] as string;

/** Runs the very command that the API sends, then explains it. */
export async function costInMongo(db: Db, command: Document, rounds: number): Promise<Cost> {
  const run = async (): Promise<unknown[]> =>
    'distinct' in command
      ? ((await db.command(command))['values'] as unknown[])
      : db.runCursorCommand(command).toArray();
  const time = await timed(rounds, run);
  const explain = await db.command({ explain: command, verbosity: 'executionStats' });
  return { ...time, ...readMongoExplain(explain) };
}

/** IndexNotFound and NoQueryExecutionPlans: `$text` has no other way. */
const needsIndex = new Set<unknown>([27, 291]);

/**
 * The same with all indexes of its collection hidden but `_id`: kept up by writes, out of the planner's sight. Null when
 * the query can't be answered at all (`$text`).
 */
export async function costInMongoWithout(db: Db, command: Document, rounds: number): Promise<Cost | null> {
  const collection = collectionOf(command);
  const indexes = await db.collection(collection).listIndexes().toArray();
  const names = indexes.map(({ name }) => name as string).filter((name) => name !== '_id_');
  const hide = async (hidden: boolean): Promise<void> => {
    for (const name of names) await db.command({ collMod: collection, index: { name, hidden } });
  };
  await hide(true);
  try {
    return await costInMongo(db, command, rounds);
  } catch (error) {
    if (!needsIndex.has((error as { code?: unknown }).code)) throw error;
    return null;
  } finally {
    await hide(false);
  }
}

export async function costInPostgres(client: Client, { sql, bindings }: Sql, rounds: number): Promise<Cost> {
  const values = [...bindings];
  const time = await timed(rounds, async () => (await client.query<object>(sql, values)).rows);
  const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(
    `explain (analyze, format json) ${sql}`,
    values,
  );
  return { ...time, ...readPostgresExplain(rows[0]!['QUERY PLAN']) };
}

/** The same in a transaction that drops the table's indexes and is rolled back: Postgres can't hide one. */
export async function costInPostgresWithout(client: Client, query: Sql, rounds: number): Promise<Cost> {
  const { rows } = await client.query<{ indexname: string }>(
    `select indexname from pg_indexes where schemaname = current_schema() and tablename = 'billing' and indexname <> 'billing_pkey'`,
  );
  await client.query('begin');
  try {
    for (const { indexname } of rows) await client.query(`drop index ${client.escapeIdentifier(indexname)}`);
    return await costInPostgres(client, query, rounds);
  } finally {
    await client.query('rollback');
  }
}
