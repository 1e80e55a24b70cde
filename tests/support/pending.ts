import { MongoClient, type Document } from 'mongodb';
import pg from 'pg';
import { ownDatabases } from './own-databases.js';

/* What the stores of the run are doing in the databases of this process. */

const patienceMs = 3_000;
const mostLines = 30;

async function inMongo(names: readonly string[]): Promise<string[]> {
  const client = new MongoClient(process.env['TEST_MONGODB_URI']!, { serverSelectionTimeoutMS: patienceMs });
  try {
    const ours = new RegExp(`^(${names.join('|')})\\.`);
    const found = await client
      .db('admin')
      .aggregate([{ $currentOp: { allUsers: true, idleCursors: false } }, { $match: { ns: ours } }], {
        maxTimeMS: patienceMs,
      })
      .toArray();
    return found.map(
      ({ ns, op, secs_running, waitingForLock, planSummary, command }: Document) =>
        `MongoDB: ${op} on ${ns} for ${secs_running ?? 0} s${waitingForLock ? ', waiting for a lock' : ''} ` +
        `${planSummary ?? ''} ${JSON.stringify(command ?? {}).slice(0, 200)}`,
    );
  } finally {
    await client.close();
  }
}

async function inPostgres(names: readonly string[]): Promise<string[]> {
  const client = new pg.Client({
    connectionString: process.env['TEST_POSTGRES_URI'],
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Record<string, string>>(
      `select pid, state, coalesce(wait_event_type || ' ' || wait_event, 'nothing') as waits_for,
         round(extract(epoch from now() - query_start)) as seconds, left(query, 200) as query
       from pg_stat_activity where datname = any($1) and state <> 'idle' order by query_start`,
      [names],
    );
    return rows.map(
      ({ pid, state, waits_for, seconds, query }) =>
        `Postgres: ${pid} is ${state} for ${seconds} s, waits for ${waits_for}: ${query}`,
    );
  } finally {
    await client.end();
  }
}

export async function pendingInStores(): Promise<string[]> {
  const names = [...ownDatabases];
  if (names.length === 0 || !process.env['TEST_MONGODB_URI']) return ['it has no databases'];
  const tell = (store: string) => (error: Error) => [`${store} does not say: ${error.message}`];
  const lines = await Promise.all([
    inMongo(names).catch(tell('MongoDB')),
    inPostgres(names).catch(tell('Postgres')),
  ]);
  const all = lines.flat();
  if (all.length === 0) return [`nothing in ${names.join(', ')}`];
  return [
    ...all.slice(0, mostLines),
    ...(all.length > mostLines ? [`… and ${all.length - mostLines} more`] : []),
  ];
}
