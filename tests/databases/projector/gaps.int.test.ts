import { expect } from 'chai';
import { countingSink, forgeToken, patients, readCounts, visits } from './counting-sink.js';
import { expectEqual, nowOf, openHospital, settled, type Hospital } from './hospital.js';

/**
 * Of a change of 1970, of a document `v0` of a collection that is nobody's. Not a high-water mark: from one of 1970 a set whose oplog
 * still begins with its initiation tells everything again.
 */
const lostToken =
  '82' + '0000000100000001' + '2B022C0100296E5A1004375B6D7D52AF41939B00A454C81F97F0463C5F6964003C7630000004';

type Doc = { _id: string } & Record<string, unknown>;

describe('createProjector, when it has missed something', () => {
  let hospital: Hospital;

  beforeEach(async () => {
    hospital = await openHospital();
    await hospital.connection
      .collection<Doc>(visits)
      .insertMany(Array.from({ length: 20 }, (_, n) => ({ _id: `v${n}`, status: 'open', owed: n })));
  });
  afterEach(() => hospital.close());

  /** Goes wrong while nobody follows, and then is found out. */
  async function expectRebuilt(goWrong: () => Promise<unknown>, options = {}): Promise<void> {
    const first = hospital.process();
    first.start();
    const { version } = await expectEqual(hospital, first);
    await first.stop();
    await goWrong();
    const second = hospital.process(options);
    second.start();
    const state = await expectEqual(hospital, second);
    // A build begins with a version from the clock; a batch would have raised it by one.
    expect(state.version).above(version + 20);
  }

  const change = (): Promise<unknown> =>
    hospital.connection.collection<Doc>(visits).updateMany({}, { $set: { status: 'done' } });

  it('REP-8: builds anew when the oplog no longer reaches back to where it was', () =>
    expectRebuilt(async () => {
      await change();
      await forgeToken(hospital.connection, () => ({ _data: lostToken }));
    }));

  it('REP-8: builds anew when its token is none', () =>
    expectRebuilt(async () => {
      await change();
      await forgeToken(hospital.connection, () => ({ _data: 'bogus' }));
    }));

  it('REP-8: builds anew when MongoDB was told not to keep what documents were', () =>
    expectRebuilt(async () => {
      const images = (enabled: boolean) =>
        hospital.connection.db!.command({ collMod: visits, changeStreamPreAndPostImages: { enabled } });
      await images(false);
      await change();
      await images(true);
    }));

  it('REP-8: builds anew when a source was dropped, also while it follows', async () => {
    const { connection } = hospital;
    await expectRebuilt(() => connection.collection(visits).drop());
    const projector = hospital.process();
    projector.start();
    await connection.collection<Doc>('imported').insertOne({ _id: 'p1', ward: 'west' });
    await connection.db!.collection('imported').rename(patients, { dropTarget: true });
    await expectEqual(hospital, projector);
    expect(await readCounts(connection)).deep.equal({ 'patient west': { n: 1, owed: 0 } });
  });

  it('REP-8: builds anew when the figures come to mean something else, and answers nobody who means the old ones', async () => {
    const old = hospital.process();
    await expectRebuilt(change, { definition: 'v2' });
    expect(await old.caughtUp(undefined, 0)).equal(null);
  });

  it('REP-8: builds anew when it is told to, no matter who is at it', async () => {
    const running = hospital.process();
    running.start();
    const { version } = await expectEqual(hospital, running);
    await hospital.connection
      .collection<Doc & { n: number }>('counts')
      .updateOne({ _id: 'visit open' }, { $set: { n: 7 } });
    await hospital.process().rebuild();
    const state = await expectEqual(hospital, running);
    expect(state.version).above(version);
  });
});

describe('caughtUp', () => {
  let hospital: Hospital;

  beforeEach(async () => (hospital = await openHospital()));
  afterEach(() => hospital.close());

  it('REP-9: is null at once where nothing is kept, and while it is built', async () => {
    const { connection } = hospital;
    const reader = hospital.process();
    expect(await reader.caughtUp(undefined, 60_000)).equal(null);
    const sink = countingSink(connection);
    await sink.reset({
      ...{ definition: 'v1', status: 'building', token: null, position: 1n, version: 1, fence: 1 },
      build: { collection: patients, done_to: null, documents: 0, chunks: [] },
    });
    expect(await reader.caughtUp(undefined, 60_000)).equal(null);
    expect(await reader.caughtUp(await nowOf(connection), 60_000)).equal(null);
  });

  it('REP-9: a caller finds its own write, in the process that follows and in any other', async () => {
    const { connection } = hospital;
    const follower = hospital.process();
    follower.start();
    const reader = hospital.process();
    await settled(hospital, follower);
    for (let n = 1; n <= 10; n++) {
      const session = await connection.startSession();
      await connection.collection<Doc>(visits).insertOne({ _id: `v${n}`, status: 'open' }, { session });
      const after = session.operationTime!.toBigInt();
      await session.endSession();
      const state = await (n % 2 ? follower : reader).caughtUp(after, 10_000);
      expect(state!.position >= after).equal(true);
      expect(await readCounts(connection)).deep.equal({ 'visit open': { n, owed: 0 } });
    }
  });

  it('REP-9: a write that touched nothing of it is waited for too, and stores its position once, not at every look', async () => {
    const { connection } = hospital;
    const follower = hospital.process();
    follower.start();
    const reader = hospital.process();
    const { version } = await settled(hospital, follower);
    const after = await nowOf(connection);
    const state = await reader.caughtUp(after, 10_000);
    expect(state!.position >= after).equal(true);
    expect(state!.version).equal(version);
    expect((await reader.report()).state?.position).equal(state!.position);
  });

  it('REP-9: does not wait for a projector that there is not', async () => {
    const follower = hospital.process();
    follower.start();
    await settled(hospital, follower);
    await follower.stop();
    const reader = hospital.process();
    const later = await nowOf(hospital.connection);
    expect(await reader.caughtUp(undefined, 60_000)).not.equal(null);
    expect(await reader.caughtUp(later, 60_000)).equal(null);
  });

  for (const minutes of [-10, 10])
    it(`REP-8, REP-9: goes by the cluster's clock alone, and is never more than two seconds behind it: one of a process that is ${minutes} minutes off changes nothing`, async () => {
      const follower = hospital.process();
      follower.start();
      await settled(hospital, follower);
      const reader = hospital.process();
      const right = Date.now;
      Date.now = () => right() + minutes * 60_000;
      try {
        expect(await reader.caughtUp(undefined, 60_000)).not.equal(null);
        await follower.stop();
        const sink = countingSink(hospital.connection);
        const state = (await sink.read())!;
        await sink.apply([], state, { ...state, position: state.position - (4n << 32n) });
        expect(await reader.caughtUp(undefined, 60_000)).equal(null);
        // Nor for one who needs no more than what was there then.
        expect(await reader.caughtUp(1n, 60_000)).equal(null);
      } finally {
        Date.now = right;
      }
    });

  it('REP-9: tells how it is doing', async () => {
    const follower = hospital.process();
    expect(await follower.report()).deep.equal({
      ...{ name: 'counts', state: null, isCurrent: false, lease: null, lag_seconds: null },
    });
    follower.start();
    const { fence } = await settled(hospital, follower);
    const report = await follower.report();
    expect(report).deep.include({ name: 'counts', isCurrent: true });
    expect(report.lease).deep.include({ holder: 'process 1', fence });
    expect(report.lag_seconds).within(0, 60);
  });
});
