import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { ReachPoint } from '../../contracts/crash-points.js';
import type { Logger } from '../../lib/logger.js';
import { dateOf, type WriteTime } from '../../lib/write-time.js';
import { afterChunk, afterStream, isAllRead, newBuild, nextSize } from './build.js';
import { changesOf, isAsked } from './changes.js';
import { LeaseLost, Overtaken } from './failures.js';
import { readChunk } from './chunks.js';
import { ensureImages } from './images.js';
import { createIntake } from './intake.js';
import type { Lease } from './lease.js';
import type { Change, ProjectionSink, ProjectionState } from './projector.types.js';
import { openFeed, type Batch, type ChangeFeed } from './stream.js';

export interface Sizes {
  /** Changes that are taken in at once, at the most. */
  readonly batch: number;
  /** Documents that a build reads at once, at the most. */
  readonly chunk: number;
}

interface HolderDeps {
  readonly connection: Connection;
  readonly sink: ProjectionSink;
  readonly lease: Lease;
  readonly fence: number;
  readonly sizes: Sizes;
  readonly logger: Logger;
  readonly reach: ReachPoint;
  readonly isStopped: () => boolean;
}

/** How far the holder has come, which it need not have stored. */
interface Seen {
  readonly fence: number;
  readonly position: WriteTime;
  /** When nothing was left to take in; else when what was last taken in had happened. */
  readonly in_step_at: Date;
}

/** For how long MongoDB waits for a change before it says that there was none; also what a stop waits for at the most. */
const waitMs = 100;
/** A batch of nothing is stored this often, so that the next start need not read on from long ago. */
const storeMs = 30_000;
/** Documents that a build reads first: how long they take tells how many it can read at once. */
const firstChunk = 5_000;
/** A build reads on after so many full batches of the stream, even if there are more. */
const batchesPerChunk = 8;

const later = (a: WriteTime, b: WriteTime | undefined): WriteTime => (b !== undefined && b > a ? b : a);

/** What the process that holds the lease does: takes changes in, and builds what must be built anew. */
export function createHolder(deps: HolderDeps): {
  /** Throws LeaseLost; Gap, when it must `begin` anew; Overtaken and the stores' errors, when it may run again. */
  run(): Promise<void>;
  /** Empties the figures: `run` builds them. */
  begin(reason: string): Promise<void>;
  seen(): Seen | undefined;
} {
  const { connection, sink, lease, fence, sizes, logger, reach, isStopped } = deps;
  const collections = sink.sources.map(({ collection }) => collection);
  const sourceOf = new Map(sink.sources.map((source) => [source.collection, source]));
  let seen: Seen | undefined;
  let chunkSize = Math.min(firstChunk, sizes.chunk);

  const open = (from: { token: unknown } | { at: WriteTime }): Promise<ChangeFeed> =>
    openFeed(connection, { sources: sink.sources, name: sink.name, from, batchSize: sizes.batch });

  async function stored(): Promise<ProjectionState | null> {
    const state = await sink.read();
    if (state && state.fence > fence) throw new LeaseLost();
    return state;
  }

  async function begin(reason: string): Promise<void> {
    seen = undefined;
    const before = await stored();
    logger.info({ sink: sink.name, reason }, 'figures are built from the start');
    await ensureImages(connection, collections);
    // A majority knows of this moment, so no snapshot is from before it: what it does not hold, the stream tells.
    const at = await lease.mark(fence);
    if (at === null) throw new LeaseLost();
    const feed = await open({ at });
    await feed.close();
    const state: ProjectionState = {
      definition: sink.definition,
      status: 'building',
      token: feed.token,
      position: at - 1n,
      // No version comes twice, even if the state was lost: a clock in milliseconds is ahead of any count of batches.
      version: Math.max((before?.version ?? 0) + 1, Date.now()),
      fence,
      build: newBuild(collections),
    };
    if (!(await sink.reset(state))) throw new LeaseLost();
    reach('projector', 'reset');
  }

  /** What is stored, once it is ours to go on with. */
  async function adopt(): Promise<ProjectionState> {
    let state = await stored();
    const reason = !state
      ? 'there are none'
      : state.definition !== sink.definition
        ? 'another definition'
        : '';
    if (reason) {
      await begin(reason);
      state = await stored();
    }
    if (!state) throw new Overtaken();
    return state.fence === fence ? state : store(state, { fence });
  }

  async function store(
    from: ProjectionState,
    what: Partial<ProjectionState>,
    changes: readonly Change[] = [],
  ): Promise<ProjectionState> {
    const version = from.version + (changes.length > 0 ? 1 : 0);
    const next = { ...from, version, ...what };
    const status = next.build ? 'building' : next.set_aside?.length ? 'failed' : 'live';
    const to = { ...next, status } as const;
    if (!(await sink.apply(changes, from, to))) throw new Overtaken();
    return to;
  }

  const { takeIn, tryAgain } = createIntake({ store, name: sink.name, logger });

  async function run(): Promise<void> {
    let state = await adopt();
    let storedAt = performance.now();
    const feed = await open({ token: state.token });
    /** Where the stream has come to; what is stored follows when there is something to store. */
    let ahead = { token: state.token, position: state.position };
    /** Of the last change that was told, even if there may be more of that time. */
    let told = state.position;
    const since = state.position + 1n;
    /** What was stored last may be all of its moment, which only the next batch tells. */
    let isOpen = false;
    seen = { fence, position: ahead.position, in_step_at: dateOf(ahead.position) };

    /** Takes one batch in. */
    async function follow(forMs: number): Promise<Batch> {
      const batch = await feed.next(forMs);
      const changes = changesOf(batch.events, sink.sources, state.build);
      if (changes.length > 0) reach('projector', 'taken');
      told = later(told, batch.last);
      const position = later(ahead.position, batch.isFull ? told - 1n : told);
      ahead = { token: batch.token, position };
      const build = state.build && afterStream(state.build, collections, position);
      const isDue =
        isAsked(batch.events) || (isOpen && !batch.isFull) || performance.now() - storedAt > storeMs;
      const before = state.status;
      if (changes.length > 0) {
        state = await takeIn(state, changes, (n) => {
          const last = changes[n - 1]!;
          const isLast = n === changes.length;
          return isLast
            ? { ...ahead, build }
            : { token: last.token, position: later(last.at - 1n, state.position) };
        });
        reach('projector', 'applied');
      } else if (state.build ? build === null : isDue) state = await store(state, { ...ahead, build });
      state = await tryAgain(state, ahead);
      if (changes.length > 0 || isDue) {
        storedAt = performance.now();
        isOpen = batch.isFull;
      }
      if (before !== 'live' && state.status === 'live') live();
      seen = { fence, position, in_step_at: batch.isFull ? dateOf(position) : new Date() };
      return batch;
    }

    function live(): void {
      reach('projector', 'live');
      logger.info({ sink: sink.name, version: state.version }, 'figures are live');
    }

    async function readOn(): Promise<void> {
      const { build } = state;
      if (!build || isAllRead(build, collections)) return;
      const source = sourceOf.get(build.collection)!;
      const chunk = await readChunk(connection, source, build.done_to, chunkSize);
      // After an election a primary may not know yet what a majority has: changes that were left to this read are missing.
      if (chunk.at < later(told, since)) return sleep(20);
      reach('projector', 'chunk-read');
      const changes = chunk.found.map((after) => ({
        collection: build.collection,
        id: after['_id'] as string,
        before: null,
        after,
      }));
      const left = afterStream(build, collections, ahead.position) ?? build;
      const started = performance.now();
      const size = chunkSize;
      // Until it is known to have succeeded.
      chunkSize = nextSize(size, sizes.chunk, null);
      const upTo = (n: number): Partial<ProjectionState> => {
        const part =
          n === changes.length ? chunk : { documents: n, lastId: changes[n - 1]!.id, at: chunk.at };
        return { ...ahead, build: afterChunk(left, collections, part) };
      };
      state = changes.length > 0 ? await takeIn(state, changes, upTo) : await store(state, upTo(0));
      const { documents } = chunk;
      chunkSize = nextSize(size, sizes.chunk, { documents, ms: performance.now() - started });
      reach('projector', 'chunk-applied');
      // The stream has passed the last snapshot when it tells of this.
      if (isAllRead(state.build!, collections)) await lease.mark(fence);
    }

    try {
      while (!isStopped()) {
        const isReading = state.build && !isAllRead(state.build, collections);
        let batch = await follow(isReading ? 1 : waitMs);
        for (let n = 1; isReading && batch.isFull && n < batchesPerChunk; n++) batch = await follow(1);
        await readOn();
      }
    } finally {
      await feed.close();
    }
  }

  return { run, begin, seen: () => seen };
}
