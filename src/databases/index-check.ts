import { MongoClient, type Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { diffIndexes, type DeclaredIndex, type Finding, type PresentIndex } from './index-diff.js';
import { buildIndexes, type Models } from './indexes.js';
import { mongoIndexDescription, mongoIndexName } from './mongo/mongo-index.js';
import { migratePostgres, type Knex } from './postgres/postgres.js';
import { retry } from './retry.js';

interface Stores {
  readonly connection: Connection;
  readonly knex: Knex;
  readonly mongodbUri: string;
}

export interface IndexCheck {
  readonly findings: readonly Finding[];
  /** Members of the replica set that could not be asked for their counters. */
  readonly silent_members: readonly string[];
}

/** Key and options as one text, whether they come from a declaration or from `listIndexes`. */
function mongoDefinition(index: Document): string {
  const { v: _v, name: _name, weights, textIndexVersion: _version, ...rest } = index;
  const {
    default_language,
    language_override: _override,
    background: _background,
    key,
    ...options
  } = rest as Document & { default_language?: string };
  const language = default_language && default_language !== 'english' ? { default_language } : {};
  const all = Object.entries({ ...options, ...language }).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ key: fieldsOf(key as Document, weights as Document), ...Object.fromEntries(all) });
}

/** A text index tells its fields as weights, in the place of `_fts`. */
function fieldsOf(key: Document, weights: Document = {}): Document {
  const texts = Object.keys(weights).map((field): [string, unknown] => [field, 'text']);
  const fields = Object.entries(key).flatMap(([field, kind]): [string, unknown][] =>
    field === '_fts' ? texts : field === '_ftsx' ? [] : [[field, kind]],
  );
  return Object.fromEntries(fields);
}

const declaredBy = ({ mongodb, postgres }: Models): DeclaredIndex[] => [
  ...mongodb.flatMap(({ collection, indexes }) =>
    indexes.map((index) => ({
      store: 'mongodb' as const,
      place: collection,
      name: mongoIndexName(index),
      definition: mongoDefinition(mongoIndexDescription(index)),
      serves: index.serves,
    })),
  ),
  ...postgres.flatMap(({ table, indexes }) =>
    indexes.map(({ name, unique, columns, serves }) => ({
      store: 'postgres' as const,
      place: table,
      name,
      definition: `${unique ? 'unique ' : ''}btree ${columns}`,
      serves,
    })),
  ),
];

interface Uses {
  readonly uses: number;
  readonly since: Date;
}

type Counters = ReadonlyMap<string, Uses>;

const onlyMember = (uri: string, host: string): string => {
  const tls = uri.startsWith('mongodb+srv:') ? '&tls=true' : '';
  const [, credentials = '', , query = ''] =
    /^mongodb(?:\+srv)?:\/\/([^@/]*@)?([^/?]*)\/?(?:[^?]*)\??(.*)$/.exec(uri) ?? [];
  const options = query.replace(/(^|&)(replicaSet|directConnection)=[^&]*/gi, '');
  return `mongodb://${credentials}${host}/?${options}&directConnection=true${tls}`.replace('?&', '?');
};

/** A member that does nothing but replicate may be slow to answer: waiting costs less than dropping an index that it reads. */
const answerMs = 10_000;

/** `$indexStats` counts on each member by itself, so each is asked; `collection name` → uses there. */
async function countersOf(host: string, uri: string, database: string, places: readonly string[]) {
  const client = new MongoClient(onlyMember(uri, host), { serverSelectionTimeoutMS: answerMs });
  try {
    const counters = new Map<string, Uses>();
    for (const place of places) {
      const stats = client
        .db(database)
        .collection(place)
        .aggregate([{ $indexStats: {} }]);
      for await (const { name, accesses } of stats) {
        const { ops, since } = accesses as { ops: number | bigint; since: Date };
        counters.set(`${place} ${String(name)}`, { uses: Number(ops), since });
      }
    }
    return counters;
  } finally {
    await client.close();
  }
}

/** Sums over the members; what all have counted began with the last of them. */
function sumUses(members: readonly Counters[], key: string): { uses: number | null; since: Date | null } {
  const counted = members.flatMap((counters) => counters.get(key) ?? []);
  if (counted.length === 0) return { uses: null, since: null };
  return {
    uses: counted.reduce((sum, { uses }) => sum + uses, 0),
    since: new Date(Math.max(...counted.map(({ since }) => since.getTime()))),
  };
}

async function readMongo({ connection, mongodbUri }: Stores) {
  const db = connection.db!;
  const collections = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  const places = collections.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
  const { hosts = [], passives = [] } = (await db.admin().command({ hello: 1 })) as Record<string, string[]>;
  const members = [...hosts, ...passives];
  const answers = await Promise.allSettled(
    // Only read: asked again while a member takes in what others have built, or restarts.
    members.map((host) =>
      retry(
        () => countersOf(host, mongodbUri, db.databaseName, places),
        () => true,
        answerMs,
      ),
    ),
  );
  const counters = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const lists = await Promise.all(
    places.map(async (place) => {
      const indexes = (await db.collection(place).listIndexes().toArray()) as Document[];
      return indexes.map((index) => toPresent(place, index, counters));
    }),
  );
  const silent = members.filter((_, index) => answers[index]!.status === 'rejected');
  return { present: lists.flat(), silent };
}

function toPresent(place: string, index: Document, counters: readonly Counters[]): PresentIndex {
  const name = index['name'] as string;
  const key = Object.entries(fieldsOf(index['key'] as Document, index['weights'] as Document));
  const partial = 'partialFilterExpression' in index || index['sparse'] === true;
  const ordered = key.every(([, kind]) => kind === 1 || kind === -1);
  return {
    store: 'mongodb',
    place,
    name,
    definition: mongoDefinition(index),
    key: key.map(([field, kind]) => (kind === -1 ? `-${field}` : kind === 1 ? field : `${field} ${kind}`)),
    included: [],
    complete: !partial && index['hidden'] !== true,
    special: index['unique'] === true || 'expireAfterSeconds' in index || !ordered,
    builtIn: name === '_id_',
    invalid: false,
    ...sumUses(counters, `${place} ${name}`),
  };
}

interface PostgresIndexRow {
  place: string;
  name: string;
  definition: string;
  key: string[];
  included: string[];
  special: boolean;
  partial: boolean;
  built_in: boolean;
  invalid: boolean;
  uses: string | null;
  since: Date | null;
}

// Indexes of constraints belong to the table (migrations), so they count as built in.
const postgresSql = `
  select t.relname as place, i.relname as name,
    case when x.indisunique then 'unique ' else '' end
      || regexp_replace(pg_get_indexdef(i.oid), '^.* USING ', '') as definition,
    array(select case when x.indoption[k - 1] & 1 = 1 then '-' else '' end || pg_get_indexdef(i.oid, k, true)
      from generate_series(1, x.indnkeyatts::int) k order by k) as key,
    array(select pg_get_indexdef(i.oid, k, true)
      from generate_series(x.indnkeyatts + 1, x.indnatts::int) k order by k) as included,
    x.indisunique or a.amname <> 'btree' as special, x.indpred is not null as partial,
    exists (select from pg_constraint c where c.conindid = i.oid and c.contype in ('p', 'u', 'x')) as built_in,
    not x.indisvalid as invalid, s.idx_scan as uses, d.stats_reset as since
  from pg_index x
    join pg_class i on i.oid = x.indexrelid
    join pg_class t on t.oid = x.indrelid
    join pg_am a on a.oid = i.relam
    join pg_namespace n on n.oid = t.relnamespace
    left join pg_stat_user_indexes s on s.indexrelid = i.oid
    left join pg_stat_database d on d.datname = current_database()
  where n.nspname = current_schema()`;

async function readPostgres(knex: Knex): Promise<PresentIndex[]> {
  const { rows } = await knex.raw<{ rows: PostgresIndexRow[] }>(postgresSql);
  return rows.map(({ partial, built_in, uses, ...row }) => ({
    ...row,
    store: 'postgres',
    complete: !partial,
    builtIn: built_in,
    uses: uses === null ? null : Number(uses),
  }));
}

/** Compares what is declared with what both stores have, and what they have with what is read. */
export async function checkIndexes(stores: Stores, models: Models): Promise<IndexCheck> {
  const [mongo, postgres] = await Promise.all([readMongo(stores), readPostgres(stores.knex)]);
  return {
    findings: diffIndexes(declaredBy(models), [...mongo.present, ...postgres]),
    silent_members: mongo.silent,
  };
}

/**
 * Builds what is missing or broken; what is extra or has other options only goes with `dropExtra` (then the latter is
 * built anew as declared). Returns what it did, one line for each.
 */
export async function applyIndexes(
  { connection, knex }: Stores,
  models: Models,
  findings: readonly Finding[],
  { dropExtra }: { dropExtra: boolean },
): Promise<string[]> {
  const done: string[] = [];
  const build = new Set<string>();
  // The tables that the indexes stand on; a start does the same.
  await migratePostgres(knex);
  for (const { finding, store, place, name } of findings) {
    const replaced = finding === 'different' && dropExtra;
    if (replaced || (finding === 'extra' && dropExtra)) {
      if (store === 'mongodb') await connection.collection(place).dropIndex(name);
      else await knex.raw('drop index ??', [name]);
      done.push(`dropped ${place} ${name}`);
    }
    if (finding === 'invalid') {
      await knex.raw('reindex index ??', [name]);
      done.push(`rebuilt ${place} ${name}`);
    }
    if (finding === 'missing' || replaced) build.add(`${place} ${name}`);
  }
  await buildIndexes(connection, knex, models, (place, name) => build.has(`${place} ${name}`));
  return [...done, ...[...build].map((index) => `built ${index}`)];
}
