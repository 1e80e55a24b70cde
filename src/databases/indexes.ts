import type { IndexDescription } from 'mongodb';
import type { Connection } from 'mongoose';
import { mongoIndexes, type MongoIndex } from './mongo/mongo-indexes.js';
import { postgresIndexes, type PostgresIndex } from './postgres/postgres-indexes.js';
import { advisoryLocks, type Knex } from './postgres/postgres.js';

export { mongoIndexes, postgresIndexes, type MongoIndex, type PostgresIndex };

export const mongoIndexName = ({ key }: MongoIndex): string =>
  Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_');

/** As `createIndexes` takes it. */
export function mongoIndexDescription(index: MongoIndex): IndexDescription {
  const { collection: _collection, serves: _serves, key, ...options } = index;
  return { key: { ...key }, name: mongoIndexName(index), ...options };
}

/**
 * Builds what is declared, wanted (by default all) and missing, in both stores; creates the collections too. Idempotent;
 * touches nothing else. Throws the store's error when an index of that name has other options (`npm run db:indexes`).
 */
export async function buildIndexes(
  connection: Connection,
  knex: Knex,
  isWanted: (place: string, name: string) => boolean = () => true,
): Promise<void> {
  const byCollection = new Map<string, IndexDescription[]>();
  for (const index of mongoIndexes) {
    if (!isWanted(index.collection, mongoIndexName(index))) continue;
    const others = byCollection.get(index.collection) ?? [];
    byCollection.set(index.collection, [...others, mongoIndexDescription(index)]);
  }
  await Promise.all(
    [...byCollection].map(([collection, indexes]) =>
      connection.collection(collection).createIndexes(indexes),
    ),
  );
  await buildPostgresIndexes(
    knex,
    postgresIndexes.filter(({ table, name }) => isWanted(table, name)),
  );
}

/** Any process that starts at the same moment waits: `if not exists` alone fails for one of two that build at once. */
async function buildPostgresIndexes(knex: Knex, wanted: readonly PostgresIndex[]): Promise<void> {
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
