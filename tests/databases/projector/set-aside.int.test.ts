import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import type { SupervisedProjector } from '../../../src/databases/projector/projector.js';
import type { ProjectionState } from '../../../src/databases/projector/projector.types.js';
import { countingSink, readCounts, tightSink, visits } from './counting-sink.js';
import { expectEqual, openHospital, type Hospital } from './hospital.js';
import { createTransact, sessionOf } from '../../../src/databases/mongo/mongo.js';

type Doc = { _id: string } & Record<string, unknown>;

describe('createProjector, of a document that cannot be counted', () => {
  let hospital: Hospital;
  let logged: { level: number; collection?: string; id?: string; error?: object }[];

  beforeEach(async () => {
    hospital = await openHospital();
    logged = [];
    await visit().insertMany([
      { _id: 'v1', status: 'open', owed: 1 },
      { _id: 'v2', status: 'open', owed: 2 },
    ]);
  });
  afterEach(() => hospital.close());

  const visit = () => hospital.connection.collection<Doc>(visits);

  function start(options: Parameters<Hospital['process']>[0] = {}): SupervisedProjector {
    const write = (line: string): void => void logged.push(JSON.parse(line) as never);
    const projector = hospital.process({ logger: pino({ level: 'warn' }, { write }), ...options });
    projector.start();
    return projector;
  }

  async function until(
    projector: SupervisedProjector,
    isSo: (state: ProjectionState) => boolean,
  ): Promise<ProjectionState> {
    for (const deadline = performance.now() + 50_000; performance.now() < deadline; await sleep(20)) {
      const { state } = await projector.report();
      if (state && isSo(state)) return state;
    }
    throw new Error('it has not come to that');
  }

  const asides = ({ set_aside = [] }: ProjectionState) =>
    set_aside.map(({ collection, id, reason }) => [collection, id, reason]);
  const isFailed = ({ status }: ProjectionState): boolean => status === 'failed';
  const open = async () => (await readCounts(hospital.connection))['visit open'];

  const goodBye = {
    'put right': () => visit().updateOne({ _id: 'v1' }, { $set: { owed: 7 } }),
    removed: () => visit().deleteOne({ _id: 'v1' }),
  };
  for (const [how, end] of Object.entries(goodBye))
    it(`REP-8, REP-9: says which, answers nobody, follows all others, and goes on without a build when it is ${how}`, async () => {
      const projector = start();
      const { version } = await expectEqual(hospital, projector);
      await visit().updateOne({ _id: 'v1' }, { $set: { owed: Number.NaN } });
      await visit().insertOne({ _id: 'v3', status: 'open', owed: 3 });
      const failed = await until(projector, (state) => isFailed(state) && state.version > version);
      expect(asides(failed)).deep.equal([[visits, 'v1', 'RangeError: not an amount']]);
      expect(await open()).deep.equal({ n: 3, owed: 6 });
      expect(await projector.caughtUp(1n, 60_000)).equal(null);
      expect(await projector.seen()).deep.include({ is_live: false, failed: 1 });
      await visit().updateOne({ _id: 'v1' }, { $set: { owed: 'much' } });
      await visit().updateOne({ _id: 'v3' }, { $set: { owed: 4 } });
      await until(projector, (state) => state.version > failed.version);
      expect(await open()).deep.equal({ n: 3, owed: 7 });

      await end();
      const state = await expectEqual(hospital, projector);
      expect(state.version).within(version + 1, version + 10);
      expect(await projector.seen()).deep.include({ is_live: true, failed: 0 });
      expect(logged.map(({ collection }) => collection)).deep.equal([visits]);
    });

  it('REP-8: builds all others, and another process knows of it', async () => {
    await visit().updateOne({ _id: 'v1' }, { $set: { owed: 'much' } });
    const first = start();
    expect(asides(await until(first, isFailed))).deep.equal([[visits, 'v1', 'RangeError: not an amount']]);
    expect(await open()).deep.equal({ n: 1, owed: 2 });
    await first.stop();
    const second = start();
    await visit().insertOne({ _id: 'v3', status: 'open', owed: 3 });
    const { version } = await until(second, (state) => isFailed(state) && state.fence > 1);
    await visit().updateOne({ _id: 'v1' }, { $set: { owed: 7 } });
    expect((await expectEqual(hospital, second)).version).within(version, version + 10);
    expect(logged).length(1);
  });

  it('REP-8: never fails for what was put right before it was taken in', async () => {
    await expectEqual(hospital, start());
    await hospital.stop();
    await visit().insertOne({ _id: 'v3', status: 'open', owed: 'much' });
    await visit().updateOne({ _id: 'v3' }, { $set: { owed: 3 } });
    await expectEqual(hospital, start());
    expect(logged).deep.equal([]);
  });

  it('REP-8: tries it again, for what refused it may be another program by then', async () => {
    const refusing = start({ sink: tightSink(hospital.connection, 100, 'lost') });
    const { version } = await expectEqual(hospital, refusing);
    await visit().updateOne({ _id: 'v1' }, { $set: { status: 'lost' } });
    const failed = await until(refusing, isFailed);
    // What MongoDB refuses of a sink is no gap of the stream: nothing is built.
    expect(failed.version).within(version, version + 1);
    expect(asides(failed)).deep.equal([[visits, 'v1', 'MongoServerError: 10334']]);
    await refusing.stop();
    expect((await expectEqual(hospital, start())).version).within(version + 1, version + 10);
  });

  it('REP-8: is being built as long as more cannot be counted than can be kept', async () => {
    const projector = start();
    await expectEqual(hospital, projector);
    await visit().insertOne({ _id: 'v3', status: 'x'.repeat(3_000_000), owed: 'much' });
    await until(projector, ({ status }) => status === 'building');
    expect(await projector.caughtUp(1n, 60_000)).equal(null);
    await projector.stop();
    await visit().deleteOne({ _id: 'v3' });
    await expectEqual(hospital, start());
  });

  it('REP-8: takes in fewer changes at a time when they are too many for the sink, down to one', async () => {
    const { connection } = hospital;
    let isHeldUp = true;
    const sink = tightSink(connection, 1);
    const projector = start({
      sink: {
        ...sink,
        // As when another process has gone on: it begins again in the middle of a transaction's changes.
        apply(changes, from, to) {
          if (!isHeldUp || changes[0]?.id !== 't13') return sink.apply(changes, from, to);
          isHeldUp = false;
          return Promise.resolve(false);
        },
      },
    });
    const { version } = await expectEqual(hospital, projector);
    await createTransact(connection)(async (tx) => {
      const all = Array.from({ length: 40 }, (_, n) => ({ _id: `t${n}`, status: 'open', owed: n }));
      await visit().insertMany(all, sessionOf(tx));
    });
    const state = await expectEqual(hospital, projector);
    expect(state.version).equal(version + 40);
    expect([isHeldUp, state.set_aside]).deep.equal([false, []]);
    expect(logged).deep.equal([]);
  });

  it('REP-8: keeps nothing of it in a state that is built anew', async () => {
    await visit().updateOne({ _id: 'v1' }, { $set: { owed: 'much' } });
    const projector = start();
    await until(projector, isFailed);
    await projector.stop();
    await visit().updateOne({ _id: 'v1' }, { $set: { owed: 7 } });
    await hospital.process().rebuild();
    await expectEqual(hospital, start({ sink: countingSink(hospital.connection) }));
  });
});
