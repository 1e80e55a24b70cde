import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { ReachPoint } from '../../contracts/crash-points.js';
import { loggable, type Logger } from '../../lib/logger.js';
import { within } from '../../lib/within.js';
import { laterOf, type WriteTime } from '../../lib/write-time.js';
import { newBuild } from './build.js';
import { createClusterClock } from './cluster-clock.js';
import { createHolder, type Sizes } from './holder.js';
import { LeaseLost, Overtaken } from './failures.js';
import { createLease, type LeaseDocument } from './lease.js';
import type { ProjectionSink, ProjectionState, Projector } from './projector.types.js';
import { Gap } from './stream.js';

interface ProjectorDeps {
  readonly connection: Connection;
  readonly sink: ProjectionSink;
  /** Of this process, and of no other one. */
  readonly holder: string;
  readonly logger: Logger;
  readonly reach: ReachPoint;
  readonly sizes?: Partial<Sizes>;
  /** For how long a process that says nothing any more keeps the others from taking over. */
  readonly leaseMs?: number;
}

/** How a projection is doing, as any process can see it. */
export interface ProjectionReport {
  readonly name: string;
  readonly state: ProjectionState | null;
  /** Its figures mean what this program's are to mean. */
  readonly isCurrent: boolean;
  readonly lease: LeaseDocument | null;
  /** Since when the figures may not hold what was written; null while nobody keeps them. */
  readonly lag_seconds: number | null;
}

export interface SupervisedProjector extends Projector {
  readonly name: string;
  /** The collections it follows. */
  readonly sources: readonly string[];
  report(): Promise<ProjectionReport>;
  /** The same in figures. */
  seen(): Promise<{
    readonly name: string;
    readonly is_live: boolean;
    readonly version: number | null;
    readonly lag_seconds: number | null;
    /** Documents that cannot be counted. */
    readonly failed: number;
  }>;
  /** Has the process that holds the lease build the figures from the start. */
  rebuild(): Promise<void>;
}

/** REP-8: figures are never further behind the cluster's clock, or the definition answers. Its seconds are the high half. */
const stalest = 2n << 32n;
const standbyMs = 500;
/** A reader looks this often whether its write is in. */
const lookMs = 5;
/** It asks for its write when it has not come by itself by then, and every so often. */
const askMs = 20;
/** Figures that no one writes to are asked for before they are too old: nobody waits for them then. */
const soonStale = 1n << 32n;
const askAheadMs = 250;
/** For the last look to be answered. */
const answerMs = 500;
const retryMs = 100;
const longestRetryMs = 5_000;

/** What `rebuild` stores: no figures mean this. */
const unknownDefinition = 'to be built';

/**
 * Keeps the figures of a sink in step with its sources. Any number of processes may run one: the one that holds the lease
 * works, the others wait for it to be gone, and all of them can tell whether the figures are as new as a reader needs.
 */
export function createProjector(deps: ProjectorDeps): SupervisedProjector {
  const { connection, sink, holder: me, logger, reach, leaseMs = 5_000 } = deps;
  const { name } = sink;
  const now = createClusterClock(connection);
  const sizes = { batch: 2_000, chunk: 40_000, ...deps.sizes };
  const lease = createLease(connection, name, me, leaseMs);
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  let held: ReturnType<typeof createHolder> | undefined;

  const rest = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  /** Takes the lease whenever it is free, and works until it is lost. */
  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const fence = await takeLease();
        if (fence === null) await rest(standbyMs);
        else await hold(fence);
      } catch (error) {
        logger.warn({ error: loggable(error), sink: name }, 'a projector cannot reach its database yet');
        await rest(standbyMs);
      }
    }
  }

  /** To look is cheaper than to try. */
  const takeLease = async (): Promise<number | null> =>
    (await lease.isHeld()) ? null : lease.take((await sink.read())?.fence ?? 0, sink.sessionId?.());

  async function hold(fence: number): Promise<void> {
    reach('projector', 'lease-taken');
    logger.debug({ sink: name, fence }, 'a projector has taken its lease');
    let isLost = false;
    const isStopped = (): boolean => isLost || stopping.signal.aborted;
    const holder = createHolder({ connection, sink, lease, fence, sizes, logger, reach, isStopped });
    held = holder;
    const timer = setInterval(() => {
      lease.renew(fence, holder.seen()?.in_step_at ?? null).then(
        (isHeld) => (isLost ||= !isHeld),
        // A lease that cannot be renewed runs out by itself.
        () => undefined,
      );
    }, leaseMs / 5);
    try {
      await work(holder, isStopped);
    } finally {
      clearInterval(timer);
      held = undefined;
      await lease.giveBack(fence).catch(() => undefined);
    }
  }

  async function work(holder: ReturnType<typeof createHolder>, isStopped: () => boolean): Promise<void> {
    let gap: Gap | undefined;
    for (let failures = 0; !isStopped();) {
      const started = performance.now();
      try {
        if (gap) await holder.begin(gap.message);
        // Readers know by now that there are no figures.
        if (gap?.waitMs) await rest(gap.waitMs);
        gap = undefined;
        await holder.run();
      } catch (error) {
        if (error instanceof LeaseLost) return;
        if (error instanceof Gap) gap = error;
        if (gap) logger.warn({ sink: name, reason: gap.message }, 'figures have missed changes');
        else if (!(error instanceof Overtaken))
          logger.warn({ error: loggable(error), sink: name }, 'a projector has failed and will try again');
        if (performance.now() - started > longestRetryMs) failures = 0;
        await rest(Math.min(retryMs * 2 ** failures++, longestRetryMs));
      }
    }
  }

  /** Null when the figures cannot answer, no matter who asks. */
  async function liveState(): Promise<ProjectionState | null> {
    // Looked at first: what was seen before the state was read is in what the state tells of.
    const seen = held?.seen();
    const state = await sink.read();
    if (!state || state.status !== 'live' || state.definition !== sink.definition) return null;
    const isAhead = seen?.fence === state.fence && seen.position > state.position;
    return isAhead ? { ...state, position: seen.position } : state;
  }

  /** The state that holds what was written until `after`; null when it does not come in time, or nobody keeps the figures. */
  async function waitFor(after: WriteTime | undefined, withinMs: number): Promise<ProjectionState | null> {
    const started = performance.now();
    const needed = laterOf((await now()) - stalest, after)!;
    for (let askAt = started + askMs; ;) {
      const state = await liveState();
      if (!state || state.position >= needed) return state;
      const at = performance.now();
      if (at + lookMs > started + withinMs) return null;
      if (at >= askAt) {
        askAt = at + 5 * askMs;
        if (!(await lease.ask())) return null;
      }
      await sleep(lookMs);
    }
  }

  let askedAheadAt = -Infinity;

  function askAhead(): void {
    const at = performance.now();
    if (at - askedAheadAt < askAheadMs) return;
    askedAheadAt = at;
    // Whoever needs it then asks again, and hears why it fails.
    lease.ask().catch(() => undefined);
  }

  let asNew: Promise<ProjectionState | null> | undefined;

  /** Of those who have written nothing and ask at once, one looks and asks the holder, and the others wait for what it gets. */
  async function waitForNow(withinMs: number): Promise<ProjectionState | null> {
    const needed = (await now()) - stalest;
    const state = await (asNew ??= waitFor(undefined, withinMs).finally(() => (asNew = undefined)));
    if (state && state.position < needed + soonStale) askAhead();
    // Who came late to a long wait may need more than it was for.
    return state && state.position < needed ? waitFor(undefined, withinMs) : state;
  }

  async function report(): Promise<ProjectionReport> {
    const [state, document] = await Promise.all([sink.read(), lease.read()]);
    const seen = held?.seen()?.in_step_at ?? document?.in_step_at;
    return {
      name,
      state,
      isCurrent: state?.definition === sink.definition,
      lease: document,
      lag_seconds: seen ? Math.max(0, (Date.now() - seen.getTime()) / 1000) : null,
    };
  }

  return {
    name,
    sources: sink.sources.map(({ collection }) => collection),
    report,
    async seen() {
      const { state, isCurrent, lag_seconds } = await report();
      const is_live = state?.status === 'live' && isCurrent;
      const failed = state?.set_aside?.length ?? 0;
      return { name, is_live, version: state?.version ?? null, lag_seconds, failed };
    },
    start() {
      if (running) return;
      stopping = new AbortController();
      running = loop();
    },
    async stop() {
      stopping.abort();
      await running;
      running = undefined;
    },
    caughtUp: (after, withinMs) =>
      within(
        withinMs + answerMs,
        after === undefined ? waitForNow(withinMs) : waitFor(after, withinMs),
        () => null,
      ),
    async rebuild() {
      // Only marked here: the process that holds the lease empties them, and no other.
      let isMarked = false;
      while (!isMarked) {
        const state = await sink.read();
        if (!state) return;
        isMarked = await sink.apply([], state, {
          ...state,
          definition: unknownDefinition,
          status: 'building',
          build: newBuild(sink.sources.map(({ collection }) => collection)),
        });
      }
      await lease.ask();
    },
  };
}
