import { expect } from 'chai';
import { createTransact, sessionOf } from '../../../src/databases/mongo/mongo.js';
import { retry } from '../../../src/databases/retry.js';
import { Gap, openFeed, type ChangeFeed } from '../../../src/databases/mirror/stream.js';
import { nowOf, openHospital, type Hospital } from './hospital.js';

const scans = 'scans';
/**
 * Of a change of 1970, of a document `v0` of a collection that is nobody's. Not a high-water mark: from one of 1970 a set whose oplog
 * still begins with its initiation tells everything again.
 */
const lostToken =
  '82' + '0000000100000001' + '2B022C0100296E5A1004375B6D7D52AF41939B00A454C81F97F0463C5F6964003C7630000004';
const megabyte = 1024 * 1024;

describe('openFeed', () => {
  let hospital: Hospital;
  let feed: ChangeFeed | undefined;

  before(async () => (hospital = await openHospital()));
  afterEach(() => feed?.close());
  after(() => hospital.close());

  /** One transaction of documents so large, as the stream tells it. */
  async function told(sizes: readonly number[]): Promise<[ids: string, isFull: boolean][]> {
    const { connection } = hospital;
    await connection.collection(scans).deleteMany({});
    const at = await nowOf(connection);
    const write = (): Promise<void> =>
      createTransact(connection)(async (tx) => {
        for (const [n, size] of sizes.entries())
          await connection
            .collection<{ _id: string; text: string }>(scans)
            .insertOne({ _id: `s${n}`, text: 'x'.repeat(size * megabyte) }, sessionOf(tx));
      });
    // The set is shared: while others fill its cache, so large a transaction is rolled back, and leaves nothing.
    await retry(write, (error) => String(error).includes('storage engine cache'), 20_000);
    const sources = [{ collection: scans, fields: ['text'] }];
    feed = await openFeed(connection, { sources, from: { at }, batchSize: 100 });
    const batches: [string, boolean][] = [];
    for (let left = sizes.length; left > 0;) {
      const { events, isFull } = await feed.next(1_000);
      left -= events.length;
      batches.push([events.map(({ documentKey }) => documentKey?._id).join(' '), isFull]);
    }
    return batches;
  }

  it('REP-9: never says that all of a moment was told when the rest of it did not fit into the reply', async () => {
    for (const sizes of [
      [7, 12],
      [1, 15.5],
    ])
      expect((await told(sizes))[0]).deep.equal(['s0', true]);
  });

  it('REP-8: where it cannot go on from, that is a gap and no failure that passes', async () => {
    const sources = [{ collection: scans, fields: ['text'] }];
    for (const _data of [lostToken, 'bogus']) {
      const from = { token: { _data } };
      const follow = async (): Promise<never> => {
        const opened = await openFeed(hospital.connection, { sources, from, batchSize: 100 });
        // It is found out by a change that comes behind it.
        await hospital.connection.collection(scans).insertOne({});
        for (;;) await opened.next(1_000);
      };
      const failure: unknown = await follow().catch((error: unknown) => error);
      expect(failure).instanceOf(Gap);
    }
  });

  it('REP-9: says that all was told when there is nothing more', async () => {
    expect(await told([0.01, 0.01])).deep.equal([['s0 s1', false]]);
  });
});
