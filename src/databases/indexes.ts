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
  /** What stands behind `create index … on <table>`. */
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

export const mongoIndexName = ({ key }: MongoIndex): string =>
  Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_');

/** Builds what is declared and missing, in both stores; creates the collections too. Idempotent; touches nothing else. */
export async function buildIndexes(connection: Connection, knex: Knex): Promise<void> {
  const collections = new Set(mongoIndexes.map(({ collection }) => collection));
  await Promise.all(
    [...collections].map((collection) => {
      const own = mongoIndexes.filter((index) => index.collection === collection);
      return connection.collection(collection).createIndexes(own.map(mongoIndexDescription));
    }),
  );
  for (const { table, name, columns } of postgresIndexes) {
    await knex.raw(`create index if not exists ?? on ?? ${columns}`, [name, table]);
  }
}

/** As `createIndexes` takes it. */
export function mongoIndexDescription(index: MongoIndex): IndexDescription {
  const { collection: _collection, serves: _serves, key, ...options } = index;
  return { key: { ...key }, name: mongoIndexName(index), ...options };
}
