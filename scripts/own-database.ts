import pg from 'pg';
import { poll } from '../src/databases/embedded/processes.js';

export interface OwnDatabase {
  readonly name: string;
  readonly uri: string;
  /** Whoever is still in it is put out. */
  drop(): Promise<void>;
}

/** SQLSTATE */
const insufficientPrivilege = '42501';
const connectMs = 30_000;
const dropMs = 30_000;

async function run(postgresUri: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUri, connectionTimeoutMillis: connectMs });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Makes a database in a Postgres, empty or as a copy of `template`. */
export async function createDatabase(
  postgresUri: string,
  name: string,
  template = 'template1',
): Promise<OwnDatabase> {
  const [made, from] = [name, template].map((one) => pg.escapeIdentifier(one));
  await run(postgresUri, `create database ${made} template ${from}`);
  const uri = new URL(postgresUri);
  uri.pathname = `/${name}`;
  // Nobody but a superuser may end a worker of autovacuum that is at it: it is done in a moment.
  const isDropped = (): Promise<boolean> =>
    run(postgresUri, `drop database if exists ${made} with (force)`).then(
      () => true,
      (error: { code?: string }) => {
        if (error.code === insufficientPrivilege) return false;
        throw error;
      },
    );
  return {
    ...{ name, uri: uri.href },
    async drop() {
      if (!(await poll(isDropped, dropMs))) throw new Error(`The database ${name} is still in use.`);
    },
  };
}
