import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { Knex } from 'knex';
import type { Connection } from 'mongoose';
import { createInbox, createSqlInbox } from '../../src/databases/outbox/inbox.js';
import { createLocks } from '../../src/databases/mongo/locks.js';
import { connectMongo, createTransact } from '../../src/databases/mongo/mongo.js';
import type { OutboxHandlers } from '../../src/databases/outbox/relay.js';
import { connectPostgres, migratePostgres } from '../../src/databases/postgres/postgres.js';
import { createSqlOutbox, type SqlOutbox } from '../../src/databases/outbox/sql-outbox.js';
import { createTransactSql } from '../../src/databases/postgres/sql-transact.js';
import { createNewId } from '../../src/lib/ids.js';
import { createLogger } from '../../src/lib/logger.js';
import type { Transact, TransactSql } from '../../src/lib/transaction.js';
import { createTestDatabase } from '../support/api.js';

type Kinds = Record<string, Readonly<Record<string, unknown>>>;
type OutboxHandler = NonNullable<OutboxHandlers<Kinds>[string]>;

describe('what crosses between the stores', () => {
  let knex: Knex;
  let connection: Connection;
  let transact: Transact;
  let transactSql: TransactSql;
  let drop: () => Promise<void>;
  let now: number;
  let open: SqlOutbox<Kinds>[];

  before(async () => {
    const database = await createTestDatabase();
    drop = database.drop;
    knex = connectPostgres(database.uri);
    await migratePostgres(knex);
    transactSql = createTransactSql(knex);
    connection = await connectMongo(process.env['TEST_MONGODB_URI']!, {
      dbName: `t_${randomBytes(6).toString('hex')}`,
    });
    transact = createTransact(connection);
  });

  after(async () => {
    await connection.dropDatabase();
    await connection.close();
    await knex.destroy();
    await drop();
  });

  beforeEach(async () => {
    await knex('outbox').delete();
    now = Date.parse('2027-01-01T00:00:00Z');
    open = [];
  });
  afterEach(() => Promise.all(open.map((outbox) => outbox.stop())));

  /** The outbox of one process. */
  function process_(handler: OutboxHandler): SqlOutbox<Kinds> {
    const clock = { now: () => new Date(now) };
    const logger = createLogger('silent');
    const outbox = createSqlOutbox<Kinds>({
      knex,
      clock,
      newId: createNewId(clock),
      logger,
      reach: () => undefined,
    });
    open.push(outbox);
    outbox.start({ told: handler });
    return outbox;
  }

  const announce = (outbox: SqlOutbox<Kinds>, name: string): Promise<void> =>
    transactSql((tx) => outbox.add('told', { name }, tx));

  it('BILL-5: what a transaction of Postgres that fails has announced is never heard', async () => {
    const heard: unknown[] = [];
    const outbox = process_(async ({ payload }) => void heard.push(payload['name']));
    await announce(outbox, 'a');
    await transactSql(async (tx) => {
      await outbox.add('told', { name: 'b' }, tx);
      throw new Error('no');
    }).catch(() => undefined);
    await outbox.drain();
    await outbox.drain();
    expect(heard).to.deep.equal(['a']);
  });

  it('BILL-5: two relays of Postgres skip what the other one holds, and each entry is brought once', async () => {
    const heard: unknown[] = [];
    const handler: OutboxHandler = async ({ payload }) => void heard.push(payload['name']);
    const [one, two] = [process_(handler), process_(handler)];
    const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
    for (const name of names) await announce(one, name);
    await Promise.all([one.drain(30_000), two.drain(30_000)]);
    await Promise.all([one.drain(30_000), two.drain(30_000)]);
    expect(heard.toSorted()).to.deep.equal(names.toSorted());
  });

  it('BILL-5: an entry is due at once, also to a relay whose clock is behind the writer’s', async () => {
    const heard: unknown[] = [];
    const outbox = process_(async ({ payload }) => void heard.push(payload['name']));
    now += 86_400_000;
    await announce(outbox, 'a');
    now -= 86_400_000;
    await outbox.drain();
    expect(heard).to.deep.equal(['a']);
  });

  it('BILL-5: an entry whose handler fails waits, and holds up nobody', async () => {
    const heard: unknown[] = [];
    let failures = 1;
    const outbox = process_(async ({ payload }) => {
      if (payload['name'] === 'a' && failures-- > 0) throw new Error('MongoDB is away');
      heard.push(payload['name']);
    });
    await announce(outbox, 'a');
    await announce(outbox, 'b');
    await outbox.drain();
    expect(heard).to.deep.equal(['b']);
    now += 1_000;
    await outbox.drain();
    expect(heard).to.deep.equal(['b', 'a']);
  });

  it('BILL-5: an inbox takes an entry once, in either store, however many bring it at once', async () => {
    const [inbox, sqlInbox] = [createInbox(connection), createSqlInbox(knex)];
    const ten = Array.from({ length: 10 });
    const taken = await Promise.all(ten.map(() => transact((tx) => inbox.take('E1', tx))));
    const sqlTaken = await Promise.all(ten.map(() => transactSql((tx) => sqlInbox.take('E1', tx))));
    for (const answers of [taken, sqlTaken]) expect(answers.filter(Boolean)).to.have.length(1);
  });

  it('BILL-5: an inbox whose transaction fails has not taken the entry', async () => {
    const [inbox, sqlInbox] = [createInbox(connection), createSqlInbox(knex)];
    const fail = (): never => {
      throw new Error('no');
    };
    await transact(async (tx) => void ((await inbox.take('E2', tx)) && fail())).catch(() => undefined);
    await transactSql(async (tx) => void ((await sqlInbox.take('E2', tx)) && fail())).catch(() => undefined);
    expect(await transact((tx) => inbox.take('E2', tx))).to.equal(true);
    expect(await transactSql((tx) => sqlInbox.take('E2', tx))).to.equal(true);
  });

  it('DOC-2: who shares a lock and who excludes it cannot both commit on what they saw before', async () => {
    const locks = createLocks(connection);
    const things = connection.collection<{ _id: string }>('things');
    await things.insertOne({ _id: 'doctor' });
    for (let round = 0; round < 10; round++) {
      const id = `booking ${round}`;
      const [booked, removed] = await Promise.all([
        transact(async (tx) => {
          const session = tx as never;
          if (!(await things.findOne({ _id: 'doctor' }, { session }))) return false;
          await locks.share('doctor', id, tx);
          await things.insertOne({ _id: id }, { session });
          return true;
        }),
        transact(async (tx) => {
          const session = tx as never;
          await locks.exclude('doctor', tx);
          if (await things.findOne({ _id: id }, { session })) return false;
          await things.deleteOne({ _id: 'doctor' }, { session });
          return true;
        }),
      ]);
      expect(booked && removed).to.equal(false);
      await things.updateOne({ _id: 'doctor' }, { $set: {} }, { upsert: true });
    }
  });
});
