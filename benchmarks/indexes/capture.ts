import type { CommandStartedEvent, Document } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Knex } from '../../src/databases/postgres/postgres.js';
import { parse } from '../../src/http/parse.js';
import type { AnyRoute } from '../../src/http/route.js';
import type { Actor } from '../../src/lib/actor.js';
import type { Sql } from './stores.js';

/** What a request makes the API ask of both stores. */
interface Asked {
  readonly mongodb: readonly Document[];
  readonly postgres: readonly Sql[];
}

const admin: Actor = {
  user_id: 'bench',
  role: 'admin',
  session_id: 'bench',
  patient_id: null,
  doctor_id: null,
};

const reads = new Set(['find', 'aggregate', 'distinct']);

/** Of the session and the connection, not of the query; and no time limit, for without indexes it may take long. */
const ofTheSession = ['lsid', '$db', '$clusterTime', 'txnNumber', 'readConcern', 'maxTimeMS'];

/** A look-up by `_id` needs none of our indexes. */
function isById(command: Document): boolean {
  const filter = (command['filter'] ?? command['query'] ?? {}) as Document;
  return Object.keys(filter).join() === '_id';
}

function strip(command: Document): Document {
  return Object.fromEntries(Object.entries(command).filter(([name]) => !ofTheSession.includes(name)));
}

/**
 * Asks `GET question` of the API, from parsing on, and keeps what its services send to the stores, so that nothing else
 * than the real queries is measured. `connection` must be opened with `monitorCommands`.
 */
export async function capture(
  question: string,
  routes: readonly AnyRoute[],
  { connection, knex }: { connection: Connection; knex: Knex },
): Promise<Asked> {
  const url = new URL(question, 'http://api');
  const route = routes.find(({ method, path }) => method === 'get' && path === url.pathname);
  if (!route) throw new Error(`There is no route GET ${url.pathname}.`);
  const raw = { params: {}, query: Object.fromEntries(url.searchParams), body: undefined };
  const request = { id: 'benchmark', address: '', user_agent: null, signal: undefined, after: undefined };
  const input = { ...parse(route, raw), actor: admin, ifMatch: undefined, request };
  const mongodb: Document[] = [];
  const postgres: Sql[] = [];
  const onCommand = ({ commandName, command }: CommandStartedEvent): void => {
    if (reads.has(commandName) && !isById(command)) mongodb.push(strip(command));
  };
  const onQuery = ({ sql, bindings }: Sql): void => {
    if (sql.trimStart().startsWith('select') && sql.includes('billing')) postgres.push({ sql, bindings });
  };
  const client = connection.getClient();
  client.on('commandStarted', onCommand);
  knex.on('query', onQuery);
  try {
    if ('handle' in route) await route.handle(input as never);
    else await (await route.answer(input as never, 'application/json')).content();
  } finally {
    client.off('commandStarted', onCommand);
    knex.off('query', onQuery);
  }
  return { mongodb, postgres };
}
