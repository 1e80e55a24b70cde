import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { Knex } from 'knex';
import type { Connection } from 'mongoose';
import { setDeadlines } from '../../src/databases/deadlines.js';
import { isPassingMongoFailure, isPassingPostgresFailure } from '../../src/databases/failures.js';
import { limitOf } from '../../src/databases/mongo/command-deadlines.js';
import { closeMongo, connectMongo, createTransact, sessionOf } from '../../src/databases/mongo/mongo.js';
import { closePostgres, connectPostgres, migratePostgres } from '../../src/databases/postgres/postgres.js';
import { createTransactSql, sqlOf } from '../../src/databases/postgres/sql-transact.js';
import { openFeed, type ChangeFeed } from '../../src/databases/mirror/stream.js';
import type { MongoTransaction } from '../../src/lib/transaction.js';
import { createTestDatabase } from '../support/api.js';
import { hookDrivers, tearing, type Tear } from '../support/torn-sockets.js';
import { nowOf } from './mirror/hospital.js';

interface Thing {
  _id: string;
}

const short = { readMs: 300, writeMs: 400, batchMs: 300, graceMs: 100, closeMs: 300 };
/** Where what is begun anew has to succeed, on a busy machine too. */
const enough = { writeMs: 1_500 };
/** By then a call that has a deadline has ended, however busy the machine is. */
const endedMs = 15_000;

/** How a call ends, and when; a call that does not end fails the test. */
async function ended(work: Promise<unknown>): Promise<{ ms: number; error: unknown }> {
  const began = performance.now();
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { ms: performance.now() - began, error };
}

describe('deadlines', () => {
  let unhook: () => void;
  let restore: () => void;

  before(() => (unhook = hookDrivers()));
  after(() => unhook());
  beforeEach(() => (restore = setDeadlines(short)));
  afterEach(() => restore());

  describe('of MongoDB', () => {
    let connection: Connection;

    before(async () => {
      connection = await connectMongo(process.env['TEST_MONGODB_URI']!, {
        dbName: `t_${randomBytes(6).toString('hex')}`,
      });
      await things().insertMany(['a', 'b', 'c', 'd', 'e'].map((_id) => ({ _id })));
    });
    after(async () => {
      await connection.dropDatabase();
      await connection.close();
    });

    const things = () => connection.collection<Thing>('things');
    const add = (_id: string, tx: MongoTransaction) => things().insertOne({ _id }, sessionOf(tx));

    async function nextOf(act: (feed: ChangeFeed) => Promise<unknown>): Promise<void> {
      const at = await nowOf(connection);
      const sources = [{ collection: 'things', fields: ['_id'] }];
      const feed = await openFeed(connection, { sources, from: { at }, batchSize: 10 });
      try {
        await act(feed);
      } finally {
        await feed.close();
      }
    }

    /** Each with the number of its command that is torn. */
    const calls: Readonly<Record<string, [nth: number, act: () => Promise<unknown>]>> = {
      read: [1, () => things().findOne({})],
      write: [1, () => things().insertOne({ _id: randomBytes(6).toString('hex') })],
      commit: [3, () => createTransact(connection)((tx) => add(randomBytes(6).toString('hex'), tx))],
      getMore: [2, () => things().find({}, { batchSize: 2 }).toArray()],
      'change stream, opened': [2, () => nextOf(() => Promise.resolve())],
      'change stream, followed': [3, () => nextOf((feed) => feed.next(50))],
      ping: [1, () => connection.db!.command({ ping: 1 })],
    };

    for (const tear of ['before', 'broken', 'silent'] satisfies Tear[])
      for (const [name, [nth, act]] of Object.entries(calls))
        it(`QUAL-5: ${name}: ends when its socket is torn: ${tear}`, async () => {
          const { result, torn } = await tearing({ nth, tear }, () => ended(act()));
          expect(torn, 'no such command').not.to.equal(undefined);
          restore();
          expect(result.ms).to.be.below(endedMs);
          if (result.error) expect(isPassingMongoFailure(result.error)).to.equal(true);
          // Nothing is left of it in the pool.
          expect(await things().countDocuments({})).to.be.at.least(5);
        });

    it('QUAL-5: a transaction that is held up is abandoned, and done once by the next attempt', async () => {
      setDeadlines(enough);
      const transact = createTransact(connection, 30_000);
      let tries = 0;
      let goOn = (): void => undefined;
      const late: Promise<unknown>[] = [];
      const result = await transact(async (tx) => {
        await add('held', tx);
        if (++tries === 1) {
          const second = new Promise<void>((resolve) => (goOn = resolve)).then(() => add('late', tx));
          late.push(second.catch((error: unknown) => error));
          await second;
        } else goOn();
        return tries;
      });
      expect(result).to.equal(2);
      // What the first attempt would still have written, when its time was over.
      expect(await late[0]).to.be.an.instanceof(Error);
      expect(await things().countDocuments({ _id: { $in: ['held', 'late'] } })).to.equal(1);
    });

    it('QUAL-5: a commit without an answer is recognised by its marker', async () => {
      setDeadlines(enough);
      for (const tear of ['after', 'silent'] as const) {
        const _id = `once ${tear}`;
        const transact = createTransact(connection, 30_000);
        const { torn } = await tearing({ nth: 3, tear }, () => transact((tx) => add(_id, tx)));
        expect(torn).to.equal('commitTransaction');
        expect(await things().countDocuments({ _id })).to.equal(1);
      }
    });

    it('QUAL-5: when all of the time is over, it is told as what passes', async () => {
      const { ms, error } = await ended(createTransact(connection, 700)(() => new Promise(() => undefined)));
      expect(ms).to.be.within(650, endedMs);
      expect(isPassingMongoFailure(error)).to.equal(true);
    });

    it('QUAL-5: a connection closes while a command of it is without an answer', async () => {
      restore();
      const other = await connectMongo(process.env['TEST_MONGODB_URI']!, { dbName: connection.name });
      setDeadlines(short);
      const { result } = await tearing({ nth: 1, tear: 'silent' }, async () => {
        const asked = ended(other.collection('things').findOne({}));
        return { closed: await ended(closeMongo(other)), asked: await asked };
      });
      expect(result.closed.ms).to.be.below(endedMs);
      expect(result.asked.error).to.be.an.instanceof(Error);
    });

    it('QUAL-5: says how long each command may be without an answer', () => {
      restore();
      const limits = [
        limitOf({ find: 'x' }),
        limitOf({ find: 'x', maxTimeMS: 20_000 }),
        limitOf({ explain: { aggregate: 'x', maxTimeMS: 20_000 } }),
        limitOf({ getMore: 1, maxTimeMS: 500 }),
        limitOf({ getMore: 1 }, { maxTimeMS: 20_000 }),
        limitOf({ insert: 'x', documents: [{}] }),
        limitOf({ update: 'x', updates: Array.from({ length: 1_000 }, () => ({})) }),
        limitOf({ commitTransaction: 1 }),
        limitOf({ createIndexes: 'x' }),
      ];
      expect(limits).to.deep.equal([6_000, 21_000, 21_000, 60_000, 21_000, 10_000, 60_000, 10_000, 600_000]);
    });
  });

  describe('of Postgres', () => {
    let knex: Knex;
    let drop: () => Promise<void>;

    before(async () => {
      const database = await createTestDatabase();
      drop = database.drop;
      knex = connectPostgres(database.uri);
      await migratePostgres(knex);
      await knex.schema.createTable('things', (table) => void table.text('name'));
    });
    after(async () => {
      await closePostgres(knex);
      await drop();
    });

    const names = (): Promise<string[]> => knex('things').orderBy('name').pluck('name');

    it('QUAL-5: a read that has no answer ends, and gives its connection up', async () => {
      for (const act of [() => knex.raw('select pg_sleep(20)'), () => silent()]) {
        const { ms, error } = await ended(act());
        expect(isPassingPostgresFailure(error), String(error)).to.equal(true);
        expect(ms, String(error)).to.be.within(250, endedMs);
      }
      restore();
      expect(await names()).to.deep.equal([]);
    });

    const silent = async (): Promise<unknown> =>
      (await tearing({ nth: 1, tear: 'silent' }, () => names())).result;

    it('QUAL-5: a transaction that is held up is abandoned, and done once by the next attempt', async () => {
      setDeadlines(enough);
      const transact = createTransactSql(knex, 30_000);
      for (const hold of [
        (tx: Parameters<typeof sqlOf>[1]) => sqlOf(knex, tx).raw('select pg_sleep(20)'),
        () => new Promise(() => undefined),
      ]) {
        await knex('things').delete();
        let tries = 0;
        await transact(async (tx) => {
          await sqlOf(knex, tx)('things').insert({ name: 'held' });
          if (++tries === 1) await hold(tx);
        });
        expect([tries, await names()]).to.deep.equal([2, ['held']]);
      }
    });

    it('QUAL-5: a commit without an answer is recognised by its key', async () => {
      setDeadlines(enough);
      await knex('things').delete();
      for (const tear of ['before', 'after', 'silent'] as const) {
        const { torn } = await tearing({ nth: 5, tear }, () =>
          createTransactSql(knex, 30_000)((tx) => sqlOf(knex, tx)('things').insert({ name: tear })),
        );
        expect(torn).to.equal('COMMIT;');
      }
      expect(await names()).to.deep.equal(['after', 'before', 'silent']);
    });

    it('QUAL-5: a transaction that sets its own limit has that one', async () => {
      const transact = createTransactSql(knex, 30_000);
      await transact(async (tx) => {
        await sqlOf(knex, tx).raw('set local statement_timeout = 0');
        await sqlOf(knex, tx).raw('select pg_sleep(0.8)');
      });
      const report = knex.transaction(async (trx) => {
        await trx.raw(`select set_config('statement_timeout', ?, true)`, ['5000']);
        await trx.raw('select pg_sleep(0.8)');
      });
      expect((await ended(report)).error).to.equal(undefined);
      // It was for that transaction alone.
      expect((await ended(knex.raw('select pg_sleep(20)'))).ms).to.be.below(endedMs);
    });

    it('QUAL-5: a pool closes while somebody keeps a connection of it', async () => {
      const other = connectPostgres(knex.client.connectionSettings.connectionString as string);
      restore();
      const kept = ended(other.transaction(() => new Promise(() => undefined)));
      await other.raw('select 1');
      setDeadlines(short);
      expect((await ended(closePostgres(other))).ms).to.be.below(endedMs);
      void kept;
    });
  });
});
