import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { Long } from 'mongodb';
import { createTransact, sessionOf } from '../../../src/databases/mongo/mongo.js';
import { clusterTime } from '../../../src/databases/mongo/write-times.js';
import { createMirror, type Mirror } from '../../../src/databases/mirror/mirror.js';
import type { MirrorQuery } from '../../../src/databases/mirror/mirror.types.js';
import { closePostgres, connectPostgres, type Knex } from '../../../src/databases/postgres/postgres.js';
import type { WriteTime } from '../../../src/lib/write-time.js';
import { poll } from '../../../src/databases/embedded/processes.js';
import { readThese } from '../../../src/databases/mirror/chunks.js';
import { openHospital, type Hospital } from './hospital.js';
import { keptLog } from '../../support/kept-log.js';
import { size } from '../../support/size.js';
import { allDoses, allVisits, doses, history, play, visits, visitsOf } from './visits.js';

const patienceMs = 30_000;

describe('createMirror', function () {
  this.timeout(size({ usual: 120_000, long: 1_800_000 }));
  let hospital: Hospital;
  let knex: Knex;
  const open: Mirror[] = [];
  const log = keptLog();

  before(async () => {
    hospital = await openHospital();
    knex = connectPostgres(process.env['TEST_POSTGRES_URI']!, { poolSize: 2 });
  });
  beforeEach(async () => {
    log.clear();
    await documents().deleteMany({});
  });
  afterEach(() => Promise.all(open.splice(0).map((mirror) => mirror.stop())));
  after(async () => {
    await hospital.close();
    await closePostgres(knex);
  });

  const documents = () => visitsOf(hospital.connection);

  const read = async (mirror: Mirror, query: MirrorQuery = allVisits, signal?: AbortSignal) => {
    const reading = await mirror.read({ found: query }, ['mongodb'], signal);
    return reading && { rows: reading.results['found']!.rows, version: reading.standing.mongodb.version };
  };
  const standing = (mirror: Mirror, after: WriteTime | undefined, withinMs: number) =>
    mirror.standing(['mongodb'], { time: after, heard_at: performance.now() }, withinMs);

  function start(memoryMb = 200): Mirror {
    const mirror = createMirror({
      ...{ connection: hospital.connection, knex, memoryMb, threads: 1 },
      tables: { mongodb: [visits, doses], postgres: [] },
      logger: log.logger,
    });
    open.push(mirror);
    mirror.start();
    return mirror;
  }

  /** The rows of both tables once all that was written so far is in: it may be built anew in between. */
  async function allOf(mirror: Mirror) {
    const now = await clusterTime(hospital.connection);
    const reading = await poll(async () => {
      if ((await standing(mirror, now, 2_000)) === null) return undefined;
      return (await mirror.read({ visits: allVisits, doses: allDoses }, ['mongodb'])) ?? undefined;
    }, patienceMs);
    const state = `${JSON.stringify(mirror.report())}\n${log.text().slice(-5_000)}`;
    expect(reading, state).not.to.equal(undefined);
    return { visits: reading!.results['visits']!.rows, doses: reading!.results['doses']!.rows };
  }

  const rowsOf = async (mirror: Mirror) => (await allOf(mirror)).visits;

  const wanted = async () =>
    (await documents().find().sort({ _id: 1 }).toArray()).map(({ _id, status = null, minutes = null }) => ({
      ...{ visit_id: _id, status, minutes },
    }));
  /** As DuckDB orders them: what is missing comes last. */
  const wantedDoses = async () => {
    const rows = (await documents().find().toArray()).flatMap(({ _id, doses: all }) =>
      (all ?? []).map(({ drug = null, amount = null }) => ({ visit_id: _id, drug, amount })),
    );
    const order = (row: object) =>
      Object.values(row)
        .map((value) => value ?? '~')
        .join(' ');
    return rows.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  };

  it('REP-8: holds what the documents are after random histories, also of those that were written while it read', async () => {
    const runs = size({ usual: 25, long: 500 });
    const seed = Math.floor(Math.random() * 2 ** 31);
    for (const [n, [before, meanwhile]] of fc
      .sample(fc.tuple(history, history), { numRuns: runs, seed })
      .entries()) {
      await documents().deleteMany({});
      await play(hospital.connection, before);
      const mirror = start();
      await play(hospital.connection, meanwhile);
      const held = { visits: await wanted(), doses: await wantedDoses() };
      expect(await allOf(mirror), `seed ${seed}, run ${n}\n${log.text().slice(-5_000)}`).to.deep.equal(held);
      await mirror.stop();
    }
  });

  it('REP-8: shows all of a transaction or nothing of it', async () => {
    await documents().insertMany([
      { _id: 'A', minutes: 0 },
      { _id: 'B', minutes: 100 },
    ]);
    const mirror = start();
    await rowsOf(mirror);
    const transact = createTransact(hospital.connection);
    let isOver = false;
    const moving = (async () => {
      for (let n = 0; n < 60; n += 1)
        await transact(async (tx) => {
          await documents().updateOne({ _id: 'A' }, { $inc: { minutes: 1 } as never }, sessionOf(tx));
          await documents().updateOne({ _id: 'B' }, { $inc: { minutes: -1 } as never }, sessionOf(tx));
        });
      isOver = true;
    })();
    const sums = new Set<number>();
    while (!isOver) {
      const { rows } = (await read(mirror))!;
      sums.add(rows.reduce((sum, { minutes }) => sum + (minutes as number), 0));
      await sleep(1);
    }
    await moving;
    expect([...sums]).to.deep.equal([100]);
    expect(await rowsOf(mirror)).to.deep.equal(await wanted());
  });

  it('REP-9: a caller finds its own write, of what it holds and of what it does not', async () => {
    const mirror = start();
    await rowsOf(mirror);
    for (let n = 0; n < 20; n += 1) {
      await documents().insertOne({ _id: `W${n}`, minutes: n });
      if (n % 2) await hospital.connection.collection('elsewhere').insertOne({ n });
      const after = await clusterTime(hospital.connection);
      expect(await standing(mirror, after, 10_000)).to.not.equal(null);
      expect((await read(mirror))!.rows).to.have.length(n + 1);
    }
  });

  it('REP-9: equal versions are equal rows, in two processes that began at different times', async () => {
    const first = start();
    await rowsOf(first);
    await documents().insertOne({ _id: 'V1', minutes: 1 });
    const second = start();
    const both = async () => {
      await Promise.all([rowsOf(first), rowsOf(second)]);
      return Promise.all([read(first), read(second)]);
    };
    await both();
    await documents().updateOne({ _id: 'V1' }, { $set: { minutes: 2 } });
    const [a, b] = await both();
    expect(a!.version).to.equal(b!.version);
    expect(a!.rows).to.deep.equal(b!.rows);
    await documents().updateOne({ _id: 'V1' }, { $set: { other: 2 } });
    const [c] = await both();
    expect(c!.version, 'nothing that it holds has changed').to.equal(a!.version);
  });

  it('REP-8: goes on where it was when its change stream is broken off, and reads nothing again', async () => {
    await documents().insertOne({ _id: 'A', minutes: 1 });
    const mirror = start();
    await rowsOf(mirror);
    const admin = hospital.connection.getClient().db('admin');
    const streams = { ns: `${hospital.connection.name}.$cmd.aggregate`, 'cursor.tailable': true };
    for (let n = 0; n < 3; n += 1) {
      const cursors = await poll(async () => {
        const found = await admin
          .aggregate<{ cursor: { cursorId: Long | number } }>(
            [{ $currentOp: { allUsers: true, idleCursors: true } }, { $match: streams }],
            { readConcern: { level: 'local' } },
          )
          .toArray();
        return found.length > 0 && found.map(({ cursor }) => Long.fromValue(cursor.cursorId));
      }, patienceMs);
      await hospital.connection.db!.command({
        ...{ killCursors: '$cmd.aggregate', cursors },
      });
      await documents().updateOne({ _id: 'A' }, { $inc: { minutes: 1 } as never });
      await documents().insertOne({ _id: `B${n}`, minutes: n });
      expect(await rowsOf(mirror)).to.deep.equal(await wanted());
    }
  });

  it('REP-8: is built anew when a collection is dropped', async () => {
    await documents().insertOne({ _id: 'V1', minutes: 1 });
    const mirror = start();
    await rowsOf(mirror);
    await documents().drop();
    await documents().insertOne({ _id: 'V2', minutes: 2 });
    expect(await rowsOf(mirror)).to.deep.equal([{ visit_id: 'V2', status: null, minutes: 2 }]);
  });

  it('REP-8: shows nobody rows that are not all there yet', async () => {
    await documents().insertMany(Array.from({ length: 30_000 }, (_, n) => ({ _id: `V${n}`, minutes: 1 })));
    const mirror = start();
    const sum = { text: 'select cast(sum(minutes) as integer) as minutes from visits', bindings: [] };
    const seen = new Set<unknown>();
    const look = async (): Promise<boolean> => {
      const reading = await read(mirror, sum);
      seen.add(reading?.rows[0]!['minutes'] ?? null);
      return reading !== null;
    };
    const isWhole = () => poll(look, patienceMs, 1);
    expect(await isWhole()).to.equal(true);
    for (let n = 0; n < 3; n += 1) {
      await documents().updateOne({ _id: 'V7' }, { $set: { minutes: 'many' } });
      expect(await poll(async () => !(await look()), patienceMs, 1)).to.equal(true);
      // Of what could not be counted only a part is told: all is read anew.
      await documents().updateOne({ _id: 'V7' }, { $set: { minutes: 1 } });
      expect(await isWhole()).to.equal(true);
    }
    expect([...seen]).to.have.members([null, 30_000]);
  });

  it('REP-8: says that it cannot be opened, and tries again', async () => {
    const mirror = start(NaN);
    expect(await poll(() => Promise.resolve(mirror.report().status === 'failed'), patienceMs)).to.equal(true);
    expect(await standing(mirror, undefined, 10)).to.equal(null);
    expect(log.text()).to.include('the mirror could not be opened: the records answer');
    await mirror.stop();
    expect(mirror.report().status).to.equal('failed');
  });

  it('REP-8: a document that cannot be counted is named, and nothing is answered until it is put right or removed', async () => {
    await documents().insertOne({ _id: 'V1', minutes: 'many' });
    const mirror = start();
    const isNamed = (of: string) => () =>
      Promise.resolve(mirror.report().uncountable.some(({ id: named }) => named === of));
    expect(await poll(isNamed('V1'), patienceMs)).to.equal(true);
    expect(mirror.report()).to.deep.include({
      status: 'failed',
      uncountable: [{ collection: 'visits', id: 'V1', reason: 'minutes is no integer' }],
    });
    expect(await standing(mirror, undefined, 1_000)).to.equal(null);
    await documents().updateOne({ _id: 'V1' }, { $set: { minutes: 3 } });
    expect(await rowsOf(mirror)).to.deep.equal(await wanted());
    await documents().insertOne({ _id: 'V2', minutes: 'many' });
    expect(await poll(isNamed('V2'), patienceMs)).to.equal(true);
    expect(await standing(mirror, undefined, 1_000)).to.equal(null);
    await documents().deleteOne({ _id: 'V2' });
    expect(await rowsOf(mirror)).to.deep.equal(await wanted());
  });

  it('REP-8: of a moment that MongoDB no longer knows, documents are read as they are, and of when is told', async () => {
    await documents().insertMany([{ _id: 'A', doses: [{ drug: 'A' }] }, { _id: 'B' }]);
    const written = await clusterTime(hospital.connection);
    const source = { collection: 'visits', fields: ['doses'] };
    const ids = ['A', 'B', 'gone'];
    const then = await readThese(hospital.connection, source, ids, written);
    expect(then.at).to.equal(written);
    expect([...then.found.keys()].sort()).to.deep.equal(['A', 'B']);
    const longAgo = written - (3_600n << 32n);
    const now = await readThese(hospital.connection, source, ids, longAgo);
    expect(now.at >= written).to.equal(true);
    expect([...now.found.values()]).to.deep.equal([...then.found.values()]);
  });

  it('REP-8: rows that do not fit are given up and said to be too many; nothing is answered, and nobody reads them again and again', async () => {
    // Nothing in them repeats, so there is nothing to compress.
    const many = Array.from({ length: 40_000 }, (_, n) => ({
      _id: `V${n} ${randomBytes(300).toString('base64')}`,
      minutes: n,
    }));
    await documents().insertMany(many);
    const mirror = start(8);
    const isFull = () => Promise.resolve(mirror.report().is_full);
    expect(await poll(isFull, patienceMs)).to.equal(true);
    expect(mirror.report()).to.deep.include({ status: 'failed', position: null });
    expect(await standing(mirror, undefined, 500)).to.equal(null);
    expect(await read(mirror)).to.equal(null);
  });

  it('REP-12: a question that nobody waits for is interrupted', async () => {
    const mirror = start();
    await rowsOf(mirror);
    const stop = new AbortController();
    const endless = read(
      mirror,
      { text: 'select count(*) from range(100000000000) as numbers(n)', bindings: [] },
      stop.signal,
    );
    setTimeout(() => stop.abort(new Error('gone')), 100);
    expect(await endless.catch((error: Error) => error.message)).to.equal('gone');
    expect((await read(mirror))!.rows).to.deep.equal([]);
  });

  it('SEC-9: reads nothing of the disk', async () => {
    const mirror = start();
    await rowsOf(mirror);
    const failed = await read(mirror, {
      text: `select * from read_text('/etc/hostname')`,
      bindings: [],
    }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(failed).to.match(/disabled|not allowed|Permission/i);
  });

  it('SEC-9: writes nothing to the disk: a question that takes more memory than there is is given up', async () => {
    const mirror = start(40);
    await rowsOf(mirror);
    const sorting = (rows: number) =>
      read(mirror, {
        text: `select max(place) as most from (select row_number() over (order by hash(n)) as place from range(${rows}) as numbers(n))`,
        bindings: [],
      });
    expect((await sorting(1_000))!.rows).to.deep.equal([{ most: 1_000n }]);
    expect(await sorting(5_000_000)).to.equal(null);
  });
});
