import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type Document } from 'mongodb';
import { say } from '../../scripts/command.js';
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
  /** From the last acknowledgement until the figures held everything. */
  readonly drained_ms: number;
}

export interface Lag extends Lagged {
  readonly load: LoadName;
  readonly rounds: readonly Lagged[];
}

export const loads = { steady: '80 writes/s', saturated: '32 writers' } as const;
export type LoadName = keyof typeof loads;

interface Write {
  readonly at: WriteTime;
  readonly acknowledged_at: number;
}

interface Seen {
  readonly position: WriteTime;
  readonly at: number;
}

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const writers = 32;
const perSecond = 80;
/** As often as a reader looks who waits for its own write; a lag is told this much too long at the most. */
const lookMs = 5;
const drainMs = 120_000;
const templates = 1000;

type Insert = () => Promise<Write>;

/** Appointments like those that are there, straight into the collection, so that the writers can be as fast as they can. */
async function insertsOn(client: MongoClient): Promise<Insert> {
  const appointments = client.db().collection<Document & { _id: string }>('appointments');
  const like = await appointments.aggregate<Document>([{ $sample: { size: templates } }]).toArray();
  let count = 0;
  return async () => {
    const session = client.startSession();
    try {
      const document = { ...like[count++ % like.length]!, _id: randomUUID() };
      await appointments.insertOne(document, { session, writeConcern: { w: 'majority' } });
      return { at: session.operationTime!.toBigInt(), acknowledged_at: performance.now() };
    } finally {
      await session.endSession();
    }
  };
}

/** Each is sent when it is due, whether the last one is acknowledged or not. */
async function steady(insert: Insert, { seconds, signal }: Options): Promise<Write[]> {
  const start = performance.now();
  const under: Promise<Write>[] = [];
  for (let n = 0; n < seconds * perSecond; n += 1) {
    const due = start + (n * 1000) / perSecond;
    await sleep(Math.max(0, due - performance.now()), undefined, { signal });
    under.push(insert());
  }
  return Promise.all(under);
}

async function saturated(insert: Insert, { seconds, signal }: Options): Promise<Write[]> {
  const end = performance.now() + seconds * 1000;
  const write = async (): Promise<Write[]> => {
    const done: Write[] = [];
    while (performance.now() < end && !signal.aborted) done.push(await insert());
    return done;
  };
  return (await Promise.all(Array.from({ length: writers }, write))).flat();
}

const makers = { steady, saturated } as const;

/** Of each write, how long after its acknowledgement the figures were seen to hold it; not less than nothing. */
export function lagsOf(writes: readonly Write[], seen: readonly Seen[]): number[] {
  const inOrder = writes.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  let next = 0;
  return inOrder.map(({ at, acknowledged_at }) => {
    while (next < seen.length && seen[next]!.position < at) next += 1;
    return Math.max(0, (seen[next]?.at ?? Infinity) - acknowledged_at);
  });
}

/** Looks at how far the figures have come, from another process than the one that keeps them, as a reader's may be. */
async function measure({ system }: Sized, insert: Insert, load: LoadName, options: Options): Promise<Lagged> {
  const projector = system.parts.projectors.documents;
  const seen: Seen[] = [];
  let last: WriteTime | undefined;
  let deadline = Infinity;
  const watching = (async () => {
    while (last === undefined || (seen.at(-1)?.position ?? 0n) < last) {
      options.signal.throwIfAborted();
      if (performance.now() > deadline) throw new Error('The figures do not hold what was written.');
      const state = await projector.caughtUp(undefined, 0);
      if (state && state.position !== seen.at(-1)?.position)
        seen.push({ position: state.position, at: performance.now() });
      await sleep(lookMs);
    }
  })();
  const start = performance.now();
  const writing = makers[load](insert, options).then((writes) => {
    last = writes.reduce((newest, { at }) => (at > newest ? at : newest), 0n);
    deadline = performance.now() + drainMs;
    return writes;
  });
  // Whichever fails, the other one is not left alone.
  const [written] = await Promise.allSettled([writing, watching.catch(() => undefined)]);
  options.signal.throwIfAborted();
  await watching;
  if (written.status === 'rejected') throw written.reason as Error;
  const writes = written.value;
  const lags = lagsOf(writes, seen);
  const lastAcknowledged = Math.max(...writes.map(({ acknowledged_at }) => acknowledged_at));
  return {
    writes: writes.length,
    writes_per_second: (writes.length * 1000) / (lastAcknowledged - start),
    p50_ms: percentile(lags, 50),
    p97_5_ms: percentile(lags, 97.5),
    drained_ms: Math.max(0, seen.at(-1)!.at - lastAcknowledged),
  };
}

export async function measureLag(sized: Sized, options: Options): Promise<Lag[]> {
  const client = await MongoClient.connect(sized.system.mongodbUri, { maxPoolSize: 2 * writers });
  try {
    const insert = await insertsOn(client);
    const names = Object.keys(loads) as LoadName[];
    const cells = names.map((name) => ({ name, measure: () => measure(sized, insert, name, options) }));
    const { rounds: count, seconds, signal } = options;
    say(
      `${sized.appointments} appointments: ${count} rounds of ${seconds} s of writes, steady and saturated`,
    );
    await measure(sized, insert, 'saturated', { ...options, seconds: Math.min(1, seconds) });
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
