import knexModule, { type Knex } from 'knex';
import type { Client } from 'pg';
import { within } from '../../lib/within.js';
import { deadlines } from '../deadlines.js';
import { migrations } from '../migrations/index.js';
import { watchStatements } from './statement-deadlines.js';

export type { Knex };

/** Has Postgres end what a client was waiting for that is gone: it would keep its locks until the statement is over. */
const noticeGone = 'set client_connection_check_interval = 500';

/** Opens a pool; `statement_timeout` bounds every statement of ours. Amounts (`numeric`) come out as text, never as floats. */
export function connectPostgres(uri: string, options: { poolSize?: number } = {}): Knex {
  return knexModule({
    client: 'pg',
    connection: {
      connectionString: uri,
      application_name: 'smart-healthcare-api',
      statement_timeout: deadlines().writeMs,
      connectionTimeoutMillis: 5_000,
      // Also notices by itself that the other side is gone without a word.
      keepAlive: true,
      // So does the server, which keeps the locks; longer than a relay's handler takes in the other store.
      idle_in_transaction_session_timeout: 60_000,
    },
    pool: {
      min: 0,
      max: options.poolSize ?? 8,
      createTimeoutMillis: 10_000,
      destroyTimeoutMillis: 5_000,
      afterCreate(client: Client, done: (error: Error | null, client: Client) => void) {
        watchStatements(client);
        // A server that cannot do so ends by its statement_timeout what nobody waits for any more.
        client.query(noticeGone, () => done(null, client));
      },
    },
    acquireConnectionTimeout: 5_000,
    // An error tells the statement, never its values: a lost connection is logged with its message.
    compileSqlOnError: false,
    // knex would tell of connections that are lost or refused on stdout, which is for data; anyone who needed one gets the error.
    log: { warn: () => undefined },
  });
}

/** Closes the pool; who still works with a connection of it after `closeMs` has no store any more anyway. */
export async function closePostgres(knex: Knex): Promise<void> {
  await within(deadlines().closeMs, knex.destroy(), () => undefined);
}

/** Whether a commit that we are told of is on the disk, and so outlives a crash of the server. */
export async function isCommitDurable(knex: Knex): Promise<boolean> {
  const { rows } = await knex.raw<{ rows: { synchronous_commit: string }[] }>('show synchronous_commit');
  return rows[0]!.synchronous_commit !== 'off';
}

/** Postgres' advisory locks that we take, for all processes: each use has a number of its own. */
export const advisoryLocks = { migrations: 7_215_000, indexes: 7_215_001, reconcile: 7_215_002 } as const;

/**
 * Brings the schema up to date; several processes may do so at once, one does the work. They wait by a lock of ours, for
 * knex makes its own tables before it can lock them.
 */
export async function migratePostgres(knex: Knex): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw('set local statement_timeout = 0');
    await trx.raw('select pg_advisory_xact_lock(?)', [advisoryLocks.migrations]);
    await knex.migrate.latest({
      migrationSource: {
        getMigrations: () => Promise.resolve(Object.keys(migrations)),
        getMigrationName: (name: string) => name,
        getMigration: (name: string) => Promise.resolve(migrations[name]!),
      },
    });
  });
}
