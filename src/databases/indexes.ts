import type { IndexDescription, IndexDirection } from 'mongodb';
import type { Connection } from 'mongoose';
import { transactionResults } from './mongo.js';
import type { Knex } from './postgres.js';

/** An index of MongoDB that we own. `serves` says which query or rule needs it. */
export interface MongoIndex {
  readonly collection: string;
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly unique?: true;
  /** For a TTL index: seconds after the time in the (only) field. */
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
  readonly serves: string;
}

export interface PostgresIndex {
  readonly table: string;
  readonly name: string;
  readonly unique?: true;
  /** What stands behind `using btree`, spelled as `pg_get_indexdef` spells it, for the two are compared. */
  readonly columns: string;
  readonly serves: string;
}

const day = 86_400;

/** Every index of every collection, beside `_id`. Nothing else makes one. */
export const mongoIndexes: readonly MongoIndex[] = [
  { collection: 'hospitals', key: { name: 1, _id: 1 }, serves: 'GET /hospitals' },
  {
    collection: 'hospitals',
    key: { region: 1, name: 1, _id: 1 },
    serves: 'GET /hospitals?region=, reports by region',
  },
  {
    collection: 'departments',
    key: { hospital_id: 1, department_name: 1 },
    unique: true,
    serves: 'DEP-1: one name once in a hospital; GET /departments?hospital_id=',
  },
  { collection: 'departments', key: { department_name: 1, _id: 1 }, serves: 'GET /departments' },
  { collection: 'outbox', key: { applied_at: 1, kind: 1, _id: 1 }, serves: 'the relay' },
  {
    collection: 'outbox',
    key: { applied_at: 1 },
    expireAfterSeconds: 7 * day,
    serves: 'applied entries are kept for a week',
  },
  {
    collection: transactionResults,
    key: { at: 1 },
    expireAfterSeconds: 3600,
    serves: 'results outlive the deadline of a write by far',
  },
];

export const postgresIndexes: readonly PostgresIndex[] = [];

/** Collections whose indexes a library makes and keeps. */
export const foreignCollections: ReadonlySet<string> = new Set(['rate_limits']);

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
const buildLock = 7_215_001;

async function buildPostgresIndexes(knex: Knex, wanted: readonly PostgresIndex[]): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [buildLock]);
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
