import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import pg from 'pg';
import { ConfigError } from '../../src/config.js';
import { isPassingPostgresFailure } from '../../src/databases/failures.js';
import { connectPostgres, type Knex } from '../../src/databases/postgres/postgres.js';
import { createLogger, loggable } from '../../src/lib/logger.js';
import { openStores } from '../../src/stores.js';
import { createTestDatabase, testConfig } from '../support/api.js';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe('what Postgres and its driver fail with', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let server: Server;
  const sockets = new Set<Socket>();

  /** Passes everything on to Postgres, until it is cut. */
  function passOn(socket: Socket): void {
    const { hostname, port } = new URL(database.uri);
    const other = connect(Number(port), hostname);
    for (const [one, next] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(next);
      one.on('error', () => undefined);
    }
  }

  const through = (): string => {
    const uri = new URL(database.uri);
    uri.port = String(portOf(server));
    return uri.href;
  };

  async function withKnex<T>(uri: string, work: (knex: Knex) => Promise<T>): Promise<T> {
    const knex = connectPostgres(uri, { poolSize: 1 });
    try {
      return await work(knex);
    } finally {
      await knex.destroy();
    }
  }

  const failureOf = (work: (knex: Knex) => Promise<unknown>): Promise<unknown> =>
    withKnex(through(), work).then(
      () => undefined,
      (error: unknown) => error,
    );

  before(async () => {
    database = await createTestDatabase();
    server = createServer(passOn).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  after(async () => {
    server.close();
    await database.drop();
  });

  const cut = (how: 'end' | 'resetAndDestroy'): void => {
    for (const socket of sockets) socket[how]();
    sockets.clear();
  };

  for (const [how, message] of [
    ['end', 'Connection terminated unexpectedly'],
    ['resetAndDestroy', 'read ECONNRESET'],
  ] as const) {
    it(`BILL-5: a connection that breaks under a query passes, also as knex tells of it: ${message}`, async () => {
      const error = await failureOf(async (knex) => {
        await knex.raw('select 1');
        const asked = knex.raw('select pg_sleep(10)').then();
        setImmediate(() => cut(how));
        await asked;
      });
      expect(error).to.have.property('message', `select pg_sleep(10) - ${message}`);
      expect(isPassingPostgresFailure(error)).to.equal(true);
    });
  }

  it('BILL-5: so does one that breaks in a transaction, and the next one is served by another connection', async () => {
    const error = await failureOf(async (knex) => {
      const broken = knex.transaction(async (trx) => {
        await trx.raw('select 1');
        cut('end');
        await trx.raw('select 2');
      });
      const failure: unknown = await broken.catch((e: unknown) => e);
      expect(await knex.select(knex.raw('3 as three'))).to.deep.equal([{ three: 3 }]);
      throw failure;
    });
    expect(isPassingPostgresFailure(error)).to.equal(true);
  });

  it('BILL-5: a backend that is told to end passes, a statement that is wrong does not', async () => {
    const ended = await failureOf((knex) => knex.raw('select pg_terminate_backend(pg_backend_pid())'));
    expect(ended).to.have.property('code', '57P01');
    expect(isPassingPostgresFailure(ended)).to.equal(true);
    const wrong = await failureOf((knex) => knex.raw("select 'Connection terminated'::int"));
    expect(wrong).to.have.property('code', '22P02');
    expect(isPassingPostgresFailure(wrong)).to.equal(false);
  });

  it('BILL-5: a value tells nothing: no failure is taken for another by what somebody wrote, nor says it in a message', async () => {
    const error = await failureOf((knex) => knex.raw('select ?::int', ['Asha - timeout expired']));
    expect(error).to.have.property('code', '22P02');
    expect(isPassingPostgresFailure(error)).to.equal(false);
    const broken = await failureOf(async (knex) => {
      await knex.raw('select 1');
      const asked = knex.raw('select pg_sleep(10), ?::text', ['Asha']).then();
      setImmediate(() => cut('end'));
      await asked;
    });
    expect(JSON.stringify(loggable(broken)))
      .to.include('Connection terminated')
      .and.not.include('Asha');
  });

  it('BILL-5: a server that takes the connection and says nothing passes', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const client = new pg.Client({ host: '127.0.0.1', port: portOf(silent), connectionTimeoutMillis: 50 });
    const error: unknown = await client.connect().catch((e: unknown) => e);
    silent.close();
    expect(error).to.be.instanceOf(Error);
    expect(isPassingPostgresFailure(error)).to.equal(true);
  });

  it('BILL-5: a Postgres that would forget commits in a crash is refused, and left as it is', async () => {
    const uri = `${database.uri}?options=${encodeURIComponent('-c synchronous_commit=off')}`;
    const config = testConfig({ POSTGRES_URI: uri });
    const logger = createLogger('silent');
    const error: unknown = await openStores(config, logger, { dbName: database.name }).catch(
      (e: unknown) => e,
    );
    expect(error).to.be.instanceOf(ConfigError);
    expect((error as Error).message).to.match(/POSTGRES_URI .*synchronous_commit = off/);
    const tables = await withKnex(database.uri, (knex) =>
      knex('pg_tables').where({ schemaname: 'public' }).pluck('tablename'),
    );
    expect(tables).to.deep.equal([]);
    const stores = await openStores(testConfig({ POSTGRES_URI: database.uri }), logger, {
      dbName: database.name,
    });
    await stores.connection.dropDatabase();
    await stores.close();
  });
});
