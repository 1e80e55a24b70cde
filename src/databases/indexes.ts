import type { Connection } from 'mongoose';
import pLimit from 'p-limit';
import { mongoIndexDescription, mongoIndexName } from './mongo/mongo-index.js';
import type { MongoCollection } from './mongo/mongo-model.js';
import type { PostgresIndex, PostgresTable } from './postgres/postgres-table.js';
import { advisoryLocks, type Knex } from './postgres/postgres.js';

/** What both stores hold, with its indexes; `src/models.ts` lists it. */
export interface Models {
  readonly mongodb: readonly MongoCollection[];
  readonly postgres: readonly PostgresTable[];
}

/** A build may take long: none of them waits for a connection, which ends after seconds. */
const atOnce = 4;

/**
 * Builds what is declared, wanted (by default all) and missing, in both stores; creates the collections too. Idempotent;
 * touches nothing else. Throws the store's error when an index of that name has other options (`npm run db:indexes`).
 */
export async function buildIndexes(
  connection: Connection,
  knex: Knex,
  { mongodb, postgres }: Models,
  isWanted: (place: string, name: string) => boolean = () => true,
): Promise<void> {
  const limit = pLimit(atOnce);
  await Promise.all(
    mongodb.map((model) =>
      limit(async () => {
        const { collection } = model;
        const wanted = model.indexes.filter((index) => isWanted(collection, mongoIndexName(index)));
        if (wanted.length > 0)
          await connection.collection(collection).createIndexes(wanted.map(mongoIndexDescription));
      }),
    ),
  );
  await buildPostgresIndexes(
    knex,
    postgres.flatMap(({ table, indexes }) =>
      indexes.filter(({ name }) => isWanted(table, name)).map((index) => ({ table, ...index })),
    ),
  );
}

/** Any process that starts at the same moment waits: `if not exists` alone fails for one of two that build at once. */
async function buildPostgresIndexes(
  knex: Knex,
  wanted: readonly (PostgresIndex & { readonly table: string })[],
): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [advisoryLocks.indexes]);
    const there = new Set(
      await trx('pg_indexes').whereRaw('schemaname = current_schema()').pluck<string[]>('indexname'),
    );
    const missing = wanted.filter(({ name }) => !there.has(name));
    if (missing.length > 0) await trx.raw('set local statement_timeout = 0');
    for (const { table, name, unique, columns } of missing) {
      await trx.raw(`create ${unique ? 'unique ' : ''}index ?? on ?? using btree ${columns}`, [name, table]);
    }
  });
}
