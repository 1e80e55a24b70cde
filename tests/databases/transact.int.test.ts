import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { MongoNetworkError, type ClientSession } from 'mongodb';
import type { Connection } from 'mongoose';
import {
  connectMongo,
  createTransact,
  sessionOf,
  transactionResults,
} from '../../src/databases/mongo/mongo.js';
import { Problem } from '../../src/lib/errors.js';
import type { MongoTransaction } from '../../src/lib/transaction.js';

interface Thing {
  _id: string;
  count: number;
}

type WithTransaction = ClientSession['withTransaction'];

describe('createTransact', () => {
  let connection: Connection;

  before(async () => {
    connection = await connectMongo(process.env['TEST_MONGODB_URI']!, {
      dbName: `t_${randomBytes(6).toString('hex')}`,
    });
  });

  after(async () => {
    await connection.dropDatabase();
    await connection.close();
  });

  const things = () => connection.collection<Thing>('things');
  const markers = () => connection.collection(transactionResults.collection);
  const insert = (_id: string, tx: MongoTransaction) => things().insertOne({ _id, count: 1 }, sessionOf(tx));
  const count = async (_id: string): Promise<number | undefined> => (await things().findOne({ _id }))?.count;

  beforeEach(async () => {
    await things().deleteMany({});
    await markers().deleteMany({});
  });

  /** The connection, but each transaction runs through `around`, which is told how many there were before. */
  function withSessions(
    around: (tries: number, run: () => Promise<unknown>, session: ClientSession) => Promise<unknown>,
  ): Connection {
    let tries = 0;
    return new Proxy(connection, {
      get(target, property) {
        if (property !== 'startSession') return Reflect.get(target, property, target) as unknown;
        return async () => {
          const session = await target.startSession();
          const original = session.withTransaction.bind(session);
          session.withTransaction = ((work, options) =>
            around(tries++, () => original(work, options), session)) as WithTransaction;
          return session;
        };
      },
    });
  }

  it('commits what the work wrote, and gives its result', async () => {
    const result = await createTransact(connection)(async (tx) => {
      await insert('a', tx);
      return { name: 'a', at: new Date(0) };
    });
    expect(result).to.deep.equal({ name: 'a', at: new Date(0) });
    expect(await count('a')).to.equal(1);
  });

  it('a problem inside the work aborts all of it', async () => {
    const act = createTransact(connection)(async (tx) => {
      await insert('a', tx);
      await insert('b', tx);
      throw new Problem('still_in_use');
    });
    const error = await act.catch((e: unknown) => e);
    expect(error).to.have.property('code', 'still_in_use');
    expect(await things().countDocuments()).to.equal(0);
    expect(await markers().countDocuments()).to.equal(0);
  });

  it('writers that conflict come one after the other: no update is lost', async () => {
    await things().insertOne({ _id: 'a', count: 0 });
    const transact = createTransact(connection);
    const raise = () =>
      transact(async (tx) => {
        const thing = await things().findOne({ _id: 'a' }, sessionOf(tx));
        await things().updateOne({ _id: 'a' }, { $set: { count: thing!.count + 1 } }, sessionOf(tx));
      });
    await Promise.all(Array.from({ length: 20 }, raise));
    expect(await count('a')).to.equal(20);
  });

  it('happens once when the connection dies after the commit, and gives the first result', async () => {
    let runs = 0;
    const lossy = withSessions(async (tries, run) => {
      const result = await run();
      if (tries === 0) throw new MongoNetworkError('connection closed, the answer is lost');
      return result;
    });
    const result = await createTransact(lossy)(async (tx) => {
      runs++;
      await things().updateOne({ _id: 'a' }, { $inc: { count: 1 } }, { ...sessionOf(tx), upsert: true });
      return { run: runs };
    });
    expect(result).to.deep.equal({ run: 1 });
    expect(runs).to.equal(1);
    expect(await count('a')).to.equal(1);
  });

  /** The first attempt's commit is under way when its client gives up on it, and is done while the second attempt runs. */
  function withLateCommit(): { slow: Connection; secondRuns(): void; late(): Promise<void> | undefined } {
    let late: Promise<void> | undefined;
    let secondRuns!: () => void;
    const second = new Promise<void>((resolve) => (secondRuns = resolve));
    const slow = withSessions(async (tries, run, session) => {
      if (tries > 0) return run();
      const commit = session.commitTransaction.bind(session);
      const end = session.endSession.bind(session);
      session.endSession = () => Promise.resolve();
      return new Promise((_resolve, reject) => {
        session.commitTransaction = async () => {
          late = second
            .then(() => commit())
            // The second attempt has ended it by then.
            .catch(() => undefined)
            .then(() => end());
          reject(new MongoNetworkError('connection closed before the commit was done'));
          await late;
        };
        run().catch(reject);
      });
    });
    return { slow, secondRuns, late: () => late };
  }

  it('happens once when the first commit arrives while the second attempt runs', async () => {
    let runs = 0;
    const { slow, secondRuns, late } = withLateCommit();
    const result = await createTransact(slow)(async (tx) => {
      const run = ++runs;
      if (run === 2) secondRuns();
      await things().updateOne(
        { _id: `a${run}` },
        { $inc: { count: 1 } },
        { ...sessionOf(tx), upsert: true },
      );
      return { run };
    });
    await late();
    expect(runs).to.be.greaterThan(1);
    expect(await things().find().toArray()).to.deep.equal([{ _id: `a${result.run}`, count: 1 }]);
    expect(await markers().countDocuments()).to.equal(1);
  });

  for (const how of ['its answer is lost', 'it arrives while the second attempt runs'] as const)
    it(`what is known by what it made happens once when the commit is done and ${how}, and leaves nothing else`, async () => {
      let runs = 0;
      const { slow, secondRuns, late } = withLateCommit();
      const lossy = withSessions(async (tries, run) => {
        const result = await run();
        if (tries === 0) throw new MongoNetworkError('connection closed, the answer is lost');
        return result;
      });
      const made = (tx: MongoTransaction) => things().findOne({ _id: 'own' }, sessionOf(tx));
      const make = async (tx: MongoTransaction) => {
        const thing = { _id: 'own', count: ++runs };
        if (runs === 2) secondRuns();
        await things().insertOne(thing, sessionOf(tx));
        return thing;
      };
      const result = await createTransact(how === 'its answer is lost' ? lossy : slow)(make, undefined, made);
      await late();
      expect(await things().find().toArray()).to.deep.equal([result]);
      expect(await markers().countDocuments()).to.equal(0);
    });

  it('R5: with a key, a commit whose answer is lost is no replay; the same request again is one', async () => {
    const lossy = withSessions(async (tries, run) => {
      const result = await run();
      if (tries === 0) throw new MongoNetworkError('connection closed, the answer is lost');
      return result;
    });
    let replays = 0;
    const once = { id: randomBytes(6).toString('hex'), request_hash: 'h', replayed: () => void replays++ };
    const transact = createTransact(lossy);
    const raise = () =>
      transact(async (tx) => {
        await things().updateOne({ _id: 'a' }, { $inc: { count: 1 } }, { ...sessionOf(tx), upsert: true });
        return { count: (await things().findOne({ _id: 'a' }, sessionOf(tx)))!.count };
      }, once);
    expect([await raise(), replays]).to.deep.equal([{ count: 1 }, 0]);
    expect([await raise(), replays]).to.deep.equal([{ count: 1 }, 1]);
    expect(await count('a')).to.equal(1);
    // The kept answer is the mark: there is no second one.
    expect(await markers().countDocuments()).to.equal(0);
  });

  it('a failure that passes is tried again', async () => {
    let runs = 0;
    await createTransact(connection)(async (tx) => {
      await things().updateOne({ _id: 'a' }, { $inc: { count: 1 } }, { ...sessionOf(tx), upsert: true });
      if (++runs < 3) throw new MongoNetworkError('connection closed');
    });
    expect(runs).to.equal(3);
    expect(await count('a')).to.equal(1);
  });

  it('a failure that stays is told when the time is over, and nothing is stored', async () => {
    const act = createTransact(
      connection,
      300,
    )(async (tx) => {
      await insert('a', tx);
      throw new MongoNetworkError('connection closed');
    });
    const error = await act.catch((e: unknown) => e);
    expect(error).to.be.instanceOf(Error);
    expect(await things().countDocuments()).to.equal(0);
  });
});
