import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Connection } from 'mongoose';
import { connectMongo, createTransact } from '../../src/databases/mongo/mongo.js';
import { createOutbox, type Outbox } from '../../src/databases/outbox/outbox.js';
import type { OutboxHandlers } from '../../src/databases/outbox/relay.js';
import { createNewId } from '../../src/lib/ids.js';
import { createLogger } from '../../src/lib/logger.js';
import type { Transact } from '../../src/lib/transaction.js';

type Kinds = Record<string, Readonly<Record<string, unknown>>>;
type OutboxHandler = NonNullable<OutboxHandlers<Kinds>[string]>;

describe('createOutbox', () => {
  let connection: Connection;
  let transact: Transact;
  let now: number;
  let open: Outbox<Kinds>[];

  before(async () => {
    connection = await connectMongo(process.env['TEST_MONGODB_URI']!, {
      dbName: `t_${randomBytes(6).toString('hex')}`,
    });
    transact = createTransact(connection);
  });

  after(async () => {
    await connection.dropDatabase();
    await connection.close();
  });

  beforeEach(async () => {
    await connection.collection('outbox').deleteMany({});
    now = Date.parse('2027-01-01T00:00:00Z');
    open = [];
  });

  afterEach(async () => {
    await Promise.all(open.map((outbox) => outbox.stop()));
  });

  /** The outbox of one process. */
  function process_(): Outbox<Kinds> {
    const clock = { now: () => new Date(now) };
    const outbox = createOutbox<Kinds>({
      connection,
      clock,
      newId: createNewId(clock),
      logger: createLogger('silent'),
      reach: () => undefined,
    });
    open.push(outbox);
    return outbox;
  }

  const announce = (outbox: Outbox<Kinds>, name: string, kind = 'told'): Promise<void> =>
    transact((tx) => outbox.add(kind, { name, at: new Date(0) }, tx));

  /** A handler that writes down what it is given. */
  function listener(): { heard: string[]; handler: OutboxHandler } {
    const heard: string[] = [];
    return { heard, handler: async ({ payload }) => void heard.push(payload['name'] as string) };
  }

  it('BILL-5: applies what a committed transaction has announced, once, as it was given', async () => {
    const outbox = process_();
    const given: unknown[] = [];
    outbox.start({ told: async (entry) => void given.push(entry) });
    await announce(outbox, 'a');
    await outbox.drain();
    await outbox.drain();
    expect(given).to.have.length(1);
    expect(given[0]).to.deep.include({
      kind: 'told',
      payload: { name: 'a', at: new Date(0) },
      created_at: new Date(now),
    });
    expect(await connection.collection('outbox').findOne({})).to.deep.include({
      attempts: 1,
      applied_at: new Date(now),
    });
  });

  it('BILL-5: what a transaction that fails has announced is never heard', async () => {
    const outbox = process_();
    const { heard, handler } = listener();
    outbox.start({ told: handler });
    const failed = await transact(async (tx) => {
      await outbox.add('told', { name: 'a' }, tx);
      throw new Error('no');
    }).catch((error: unknown) => error);
    await outbox.drain();
    expect(failed).to.be.instanceOf(Error);
    expect(heard).to.deep.equal([]);
  });

  it('BILL-5: a crash between the commit and the handler loses nothing: the next start applies it, once', async () => {
    const crashed = process_();
    const before = listener();
    crashed.start({ told: before.handler });
    await crashed.stop();
    await announce(crashed, 'a');
    await crashed.drain();
    expect(before.heard).to.deep.equal([]);

    const next = process_();
    const after = listener();
    next.start({ told: after.handler });
    await next.drain();
    await next.drain();
    expect(after.heard).to.deep.equal(['a']);
  });

  it('BILL-5: a claim whose holder died in the handler runs out, and another relay takes over', async () => {
    const dying = process_();
    dying.start({ told: () => new Promise(() => undefined) });
    await announce(dying, 'a');
    void dying.drain();
    while (!(await connection.collection('outbox').findOne({ attempts: 1 }))) await sleep(10);
    open = [];

    const next = process_();
    const { heard, handler } = listener();
    next.start({ told: handler });
    now += 44_000;
    await next.drain();
    expect(heard).to.deep.equal([]);
    now += 2_000;
    await next.drain();
    expect(heard).to.deep.equal(['a']);
  });

  it('BILL-5: two relays at once apply each entry once', async () => {
    const [one, two] = [process_(), process_()];
    const { heard, handler } = listener();
    const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
    await Promise.all(names.map((name) => announce(one, name)));
    one.start({ told: handler });
    two.start({ told: handler });
    await Promise.all([one, two, one, two].map((each) => each.drain(30_000)));
    await Promise.all([one, two].map((each) => each.drain(30_000)));
    expect(heard.toSorted()).to.deep.equal(names.toSorted());
  });

  it('BILL-5: a handler that fails is tried again, later each time, and holds up nobody', async () => {
    const outbox = process_();
    const { heard, handler } = listener();
    let failures = 2;
    outbox.start({
      told: async (entry) => {
        if (entry.payload['name'] === 'a' && failures-- > 0) throw new Error('Postgres is away');
        await handler(entry);
      },
    });
    await announce(outbox, 'a');
    await announce(outbox, 'b');
    await outbox.drain();
    expect(heard).to.deep.equal(['b']);
    await outbox.drain();
    expect(failures).to.equal(1);
    now += 1_000;
    await outbox.drain();
    expect(failures).to.equal(0);
    now += 1_999;
    await outbox.drain();
    expect(heard).to.deep.equal(['b']);
    now += 1;
    await outbox.drain();
    expect(heard).to.deep.equal(['b', 'a']);
  });

  it('an entry that nobody here handles waits for a process that does', async () => {
    const [one, two] = [process_(), process_()];
    const { heard, handler } = listener();
    one.start({ other: handler });
    await announce(one, 'a');
    await one.drain();
    expect(heard).to.deep.equal([]);
    two.start({ told: handler });
    await two.drain();
    expect(heard).to.deep.equal(['a']);
  });

  it('QUAL-2: a write that drains waits for the process that applies it, whoever commits or looks beside it', async () => {
    const [writer, other] = [process_(), process_()];
    const { heard, handler } = listener();
    writer.start({ other: handler });
    other.start({ told: handler });
    let inTime = 0;
    const write = async (name: string): Promise<void> => {
      const began = performance.now();
      await transact(async (tx) => {
        await writer.add('told', { name }, tx);
        // Others look while this one is announced and not committed.
        await writer.drain(50);
      });
      const drained = writer.drain();
      void other.drain();
      await drained;
      // A drain waits 2 s, no longer: on a busy machine that may not be enough.
      if (performance.now() - began > 1_900) return;
      inTime++;
      expect(heard).to.include(name);
    };
    for (let round = 0; round < 5; round++)
      await Promise.all(Array.from({ length: 4 }, (_, i) => write(`n${round}-${i}`)));
    expect(inTime).to.be.above(0);
  });

  it('the relay needs no drain: it looks by itself', async () => {
    const outbox = process_();
    const { heard, handler } = listener();
    outbox.start({ told: handler });
    await announce(outbox, 'a');
    while (heard.length === 0) await sleep(50);
    expect(heard).to.deep.equal(['a']);
  });

  it('a write that drains waits 2 s for a slow handler, no longer', async () => {
    const outbox = process_();
    const { heard, handler } = listener();
    let go!: () => void;
    const held = new Promise<void>((resolve) => (go = resolve));
    outbox.start({
      told: async (entry) => {
        await held;
        await handler(entry);
      },
    });
    await announce(outbox, 'a');
    const started = Date.now();
    await outbox.drain();
    expect(Date.now() - started).to.be.at.least(1_900);
    expect(heard).to.deep.equal([]);
    go();
    await outbox.stop();
    expect(heard).to.deep.equal(['a']);
  });

  it('every drain hears of what was written before it, however many wait together', async () => {
    const outbox = process_();
    const { heard, handler } = listener();
    outbox.start({ told: handler });
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        await announce(outbox, `n${i}`);
        await outbox.drain(30_000);
        expect(heard).to.include(`n${i}`);
      }),
    );
    expect(heard).to.have.length(20);
  });
});
