import { randomBytes } from 'node:crypto';
import mongoose, { type Connection } from 'mongoose';
import pg from 'pg';
import { createDatabase } from '../../scripts/own-database.js';
import { withOwnServers } from '../../scripts/own-servers.js';
import type { Config } from '../../src/config.js';
import { buildIndexes } from '../../src/databases/indexes.js';
import { connectPostgres, migratePostgres, type Knex } from '../../src/databases/postgres/postgres.js';
import { models } from '../../src/models.js';

export interface BenchDatabases {
  readonly connection: Connection;
  readonly knex: Knex;
  /** A connection of its own, for statements in one session. */
  readonly client: pg.Client;
}

/** Servers of the caller's; databases are made on them and dropped after. */
interface Servers {
  readonly mongodbUri: string;
  readonly postgresUri: string;
}

async function use<T>(
  { mongodbUri, postgresUri }: Servers,
  dbName: string,
  act: (databases: BenchDatabases) => Promise<T>,
): Promise<T> {
  const connection = mongoose.createConnection(mongodbUri, {
    dbName,
    monitorCommands: true,
    autoIndex: false,
    autoCreate: false,
    ignoreUndefined: true,
    writeConcern: { w: 'majority' },
  });
  const knex = connectPostgres(postgresUri);
  const client = new pg.Client(postgresUri);
  try {
    await connection.asPromise();
    await client.connect();
    await migratePostgres(knex);
    await buildIndexes(connection, knex, models);
    return await act({ connection, knex, client });
  } finally {
    await client.end();
    await knex.destroy();
    await connection.close();
  }
}

async function onServers<T>(servers: Servers, act: (databases: BenchDatabases) => Promise<T>): Promise<T> {
  const name = `bench_${randomBytes(4).toString('hex')}`;
  const made = await createDatabase(servers.postgresUri, name);
  try {
    return await use({ ...servers, postgresUri: made.uri }, name, (databases) =>
      act(databases).finally(() => databases.connection.dropDatabase()),
    );
  } finally {
    await made.drop();
  }
}

/**
 * Runs `act` on new databases with all indexes: on `servers`, or on embedded ones in a temporary folder. Those are a set of
 * one member, for what is measured is a read: two more would only copy the data and take the same processors.
 */
export function withBenchDatabases<T>(
  { mongodBinary }: Config,
  servers: Servers | undefined,
  log: (line: string) => void,
  signal: AbortSignal,
  act: (databases: BenchDatabases) => Promise<T>,
): Promise<T> {
  if (servers) return onServers(servers, act);
  return withOwnServers({ mongodBinary, nodes: 1, cacheGb: 1, log, signal }, (own) => use(own, 'bench', act));
}
