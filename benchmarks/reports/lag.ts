import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type Document } from 'mongodb';
import { say } from '../../scripts/command.js';
import type { Mirror } from '../../src/databases/mirror/mirror.js';
import { median } from '../../src/lib/median.js';
import type { WriteTime } from '../../src/lib/write-time.js';
import { percentile } from '../load/load.js';
import { interleave } from '../load/rounds.js';
import type { Sized } from './systems.js';

/** Of one round. Milliseconds. */
export interface Lagged {
  readonly writes: number;
  readonly writes_per_second: number;
  readonly p50_ms: number;
  readonly p97_5_ms: number;
  /** From the last acknowledgement until the mirror held everything. */
  readonly drained_ms: number;
}

export interface Lag extends Lagged {
  readonly load: LoadName;
  readonly rounds: readonly Lagged[];
}

export type LoadName = '80 writes/s' | '600 writes/s' | '32 writers';

interface Write {
  readonly acknowledged_at: number;
  /** When the mirror held it; infinite when it did not in time. */
  readonly held_at: Promise<number>;
}

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const writers = 32;
const drainMs = 120_000;
const templates = 1000;

type Insert = () => Promise<Write>;

/** Appointments like those that are there, straight into the collection, so that the writers can be as fast as they can. */
async function insertsOn(client: MongoClient, mirror: Mirror): Promise<Insert> {
  const appointments = client.db().collection<Document & { _id: string }>('appointments');
  const like = await appointments.aggregate<Document>([{ $sample: { size: templates } }]).toArray();
  let count = 0;
  const heldAt = async (at: WriteTime): Promise<number> =>
    (await mirror.standing(['mongodb'], { time: at, heard_at: performance.now() }, drainMs))
      ? performance.now()
      : Infinity;
  return async () => {
    const session = client.startSession();
    try {
      const document = { ...like[count++ % like.length]!, _id: randomUUID() };
      await appointments.insertOne(document, { session, writeConcern: { w: 'majority' } });
      return { acknowledged_at: performance.now(), held_at: heldAt(session.operationTime!.toBigInt()) };
    } finally {
      await session.endSession();
    }
  };
}

type Writers = (insert: Insert, options: Options) => Promise<Write[]>;

/** Each is sent when it is due, whether the last one is acknowledged or not. */
const paced =
  (perSecond: number): Writers =>
  async (insert, { seconds, signal }) => {
    const start = performance.now();
    const under: Promise<Write>[] = [];
    for (let n = 0; n < seconds * perSecond; n += 1) {
      const due = start + (n * 1000) / perSecond;
      await sleep(Math.max(0, due - performance.now()), undefined, { signal });
      under.push(insert());
    }
    return Promise.all(under);
  };

async function saturated(insert: Insert, { seconds, signal }: Options): Promise<Write[]> {
  const end = performance.now() + seconds * 1000;
  const write = async (): Promise<Write[]> => {
    const done: Write[] = [];
    while (performance.now() < end && !signal.aborted) done.push(await insert());
    return done;
  };
  return (await Promise.all(Array.from({ length: writers }, write))).flat();
}

const loads: Readonly<Record<LoadName, Writers>> = {
  '80 writes/s': paced(80),
  '600 writes/s': paced(600),
  '32 writers': saturated,
};

/** From when a write is acknowledged until somebody who waits for it finds it in the mirror. */
async function measure(insert: Insert, load: LoadName, options: Options): Promise<Lagged> {
  const start = performance.now();
  const writes = await loads[load](insert, options);
  options.signal.throwIfAborted();
  const held = await Promise.all(writes.map(({ held_at }) => held_at));
  const heldAt = Math.max(...held);
  if (heldAt === Infinity) throw new Error('The mirror does not hold what was written.');
  const lags = writes.map(({ acknowledged_at }, n) => held[n]! - acknowledged_at);
  const lastAcknowledged = Math.max(...writes.map(({ acknowledged_at }) => acknowledged_at));
  return {
    writes: writes.length,
    writes_per_second: (writes.length * 1000) / (lastAcknowledged - start),
    p50_ms: percentile(lags, 50),
    p97_5_ms: percentile(lags, 97.5),
    drained_ms: heldAt - lastAcknowledged,
  };
}

/** The mirror is one of these records. */
export async function measureLag(
  mirror: Mirror,
  { system, appointments }: Sized,
  options: Options,
): Promise<Lag[]> {
  const client = await MongoClient.connect(system.mongodbUri, { maxPoolSize: 2 * writers });
  try {
    const insert = await insertsOn(client, mirror);
    const names = Object.keys(loads) as LoadName[];
    const cells = names.map((name) => ({ name, measure: () => measure(insert, name, options) }));
    const { rounds: count, seconds, signal } = options;
    say(`${appointments} appointments: ${count} rounds of ${seconds} s of writes: ${names.join(', ')}`);
    await measure(insert, '32 writers', { ...options, seconds: Math.min(1, seconds) });
    const results = await interleave(cells, { rounds: count, signal });
    return names.map((load) => {
      const rounds = results.get(load)!;
      const of = (figure: keyof Lagged): number => median(rounds.map((one) => one[figure]));
      return {
        ...{ load, rounds, writes: rounds.reduce((sum, { writes }) => sum + writes, 0) },
        ...{ writes_per_second: of('writes_per_second'), drained_ms: of('drained_ms') },
        ...{ p50_ms: of('p50_ms'), p97_5_ms: of('p97_5_ms') },
      };
    });
  } finally {
    await client.close();
  }
}
