import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { projectorPoints } from '../../../src/contracts/crash-points.js';
import { withOwnServers } from '../../../scripts/own-servers.js';
import { countingSink, patients, visits } from './counting-sink.js';
import { expectEqual, leaseMs, openHospital, settled, type Hospital } from './hospital.js';

type Doc = { _id: string } & Record<string, unknown>;

describe('createProjector, when its process ends', function () {
  this.timeout(120_000);
  const open: Hospital[] = [];

  async function hospital(mongodbUri?: string): Promise<Hospital> {
    const opened = await openHospital(mongodbUri);
    open.push(opened);
    await opened.connection
      .collection<Doc>(visits)
      .insertMany(Array.from({ length: 45 }, (_, n) => ({ _id: `v${n}`, status: 'abc'[n % 3]!, owed: n })));
    return opened;
  }

  async function write({ connection }: Hospital, from: number, to: number): Promise<void> {
    for (let n = from; n < to; n++) {
      await connection
        .collection<Doc>(visits)
        .updateOne({ _id: `v${n % 45}` }, { $set: { status: `${n % 4}` } });
      await connection.collection<Doc>(patients).insertOne({ _id: `p${n}`, ward: `${n % 3}` });
    }
  }

  async function until(what: () => Promise<boolean>): Promise<void> {
    while (!(await what())) await sleep(20);
  }

  const isLive =
    ({ connection }: Hospital) =>
    async (): Promise<boolean> =>
      (await countingSink(connection).read())?.status === 'live';

  const closeAll = () => Promise.all(open.splice(0).map((one) => one.close()));
  afterEach(closeAll);

  it('REP-8: one that is killed at any point is followed by another one, and nothing is lost or counted twice', async () => {
    const killedAt = async (point: string): Promise<void> => {
      const at = await hospital();
      const child = at.child(point);
      let isEnded = false;
      const ended = child.ended().finally(() => (isEnded = true));
      await until(async () => isEnded || (await isLive(at)()));
      for (let n = 0; !isEnded; n++) await write(at, n, n + 1);
      expect(await ended, point).equal('SIGKILL');
      const next = at.process({ sizes: { chunk: 10, batch: 10 } });
      next.start();
      await write(at, 1_000, 1_010);
      await expectEqual(at, next);
    };
    // Some at a time: each is another hospital.
    const left = [...projectorPoints];
    await Promise.all(
      [1, 2, 3, 4].map(async () => {
        for (let point = left.shift(); point; point = left.shift()) await killedAt(point);
      }),
    );
  });

  it('REP-9: another process takes over within seconds, and one that was only frozen does no harm when it wakes up', async () => {
    const at = await hospital();
    const { pid, ended } = at.child();
    await until(isLive(at));
    const first = (await countingSink(at.connection).read())!.fence;
    const second = at.process();
    second.start();
    await write(at, 0, 10);
    process.kill(pid, 'SIGSTOP');
    await write(at, 10, 20);
    const state = await expectEqual(at, second);
    expect(state.fence).above(first);
    process.kill(pid, 'SIGCONT');
    await write(at, 20, 40);
    await sleep(leaseMs);
    expect((await expectEqual(at, second)).fence).equal(state.fence);

    // The other way round: it waits for its turn.
    await second.stop();
    await write(at, 40, 45);
    const reader = at.process();
    expect((await expectEqual(at, reader)).fence).above(state.fence);
    process.kill(pid, 'SIGKILL');
    await ended();
  });

  it('REP-9: one that is stopped gives the lease back, and anyone who starts next goes on at once', async () => {
    const at = await hospital();
    const first = at.process({ leaseMs: 600_000 });
    first.start();
    const { version } = await expectEqual(at, first);
    await first.stop();
    await write(at, 0, 5);
    const second = at.process({ leaseMs: 600_000 });
    second.start();
    const state = await expectEqual(at, second);
    expect(state.version)
      .above(version)
      .and.below(version + 20);
  });

  it('REP-8: an election in the middle of it loses nothing and counts nothing twice', async () => {
    const { signal } = new AbortController();
    // A set of its own: anyone who else writes just then would notice.
    await withOwnServers({ nodes: 3, log: () => undefined, signal }, async ({ mongodbUri }) => {
      try {
        const at = await hospital(mongodbUri);
        const projector = at.process({ sizes: { chunk: 5, batch: 5 } });
        projector.start();
        const writing = (async () => {
          for (let n = 0; n < 40; n++) await retrying(() => write(at, n, n + 1));
        })();
        await settled(at, projector);
        await at.connection.db!.admin().command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 8 });
        await writing;
        await expectEqual(at, projector);
      } finally {
        await closeAll();
      }
    });
  });

  /** A write may fail in an election, done or not: what counts is that the counts agree with it. */
  async function retrying(work: () => Promise<void>): Promise<void> {
    for (let n = 0; n < 20; n++) {
      try {
        return await work();
      } catch (error) {
        if ((error as { code?: number }).code === 11000) return;
        await sleep(250);
      }
    }
  }
});
