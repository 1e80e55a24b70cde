import type { Knex } from 'knex';
import type { Connection } from 'mongoose';
import { loggable, type Logger } from '../../lib/logger.js';
import type { LastWrite } from '../../lib/write-time.js';
import { TimeLimit } from '../failures.js';
import { followAppended } from './appended.js';
import { followDocuments } from './documents.js';
import { isOutOfMemory, rest, stalestMs } from './following.js';
import { createSnapshot, type SnapshotOptions } from './snapshot.js';
import { openStore, type MirrorStore, type StoreOptions } from './duckdb.js';
import type {
  MirrorQuery,
  MirrorReading,
  MirrorReport,
  MirrorSide,
  MirrorStanding,
  MirrorTables,
} from './mirror.types.js';

export interface MirrorDeps extends StoreOptions {
  readonly connection: Connection;
  readonly knex: Knex;
  readonly tables: MirrorTables;
  readonly logger: Logger;
  /** When this process has last committed to Postgres, by `performance.now()`. */
  readonly writtenSqlAt?: (() => number | undefined) | undefined;
  /** Left out: a start reads all records. */
  readonly snapshot?: SnapshotOptions | undefined;
}

/** Far more than any question takes. */
const readMs = 20_000;
const openAgainMs = 5_000;
/** What is further behind than this may not be in step again soon. */
const catchingUpMs = 60_000;

/** Holds rows of both stores in the process, and follows their changes. */
export function createMirror({
  connection,
  knex,
  tables,
  logger,
  writtenSqlAt,
  snapshot,
  ...sizes
}: MirrorDeps) {
  const documents = followDocuments({ connection, tables: tables.mongodb, logger });
  const appended = followAppended({ knex, tables: tables.postgres, logger });
  const followers = { mongodb: documents, postgres: appended };
  const all = Object.values(followers);
  const saved = snapshot && createSnapshot(tables, snapshot, logger);
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  let store: MirrorStore | undefined;
  /** It could not be opened. */
  let isClosed = false;

  async function hold(signal: AbortSignal): Promise<void> {
    store = await openStore(tables, sizes);
    try {
      const places = await saved?.load(store);
      isClosed = false;
      await Promise.all([
        documents.run(store, signal, places?.mongodb),
        appended.run(store, signal, places?.postgres),
        saved?.keep(store, () => report().position !== null, signal),
      ]);
    } finally {
      store.close();
      store = undefined;
    }
  }

  /** The system may have no memory for it now, and have it later. */
  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted)
      try {
        await hold(signal);
      } catch (error) {
        isClosed = true;
        logger.error({ error: loggable(error) }, 'the mirror could not be opened: the records answer');
        await rest(openAgainMs, signal);
      }
  }

  /** For how long something that was acknowledged may not be in the rows of these stores; null while they are not whole. */
  function behindMs(sides: readonly MirrorSide[]): number | null {
    const inStep = sides.map((side) => followers[side].inStepAt());
    return inStep.every((at) => at !== undefined) ? performance.now() - Math.min(...inStep) : null;
  }

  function report(): MirrorReport {
    const uncountable = [...documents.uncountable.values()];
    const reached = all.map((follower) => follower.reached());
    const behind = behindMs(['mongodb', 'postgres']);
    // The rows of a snapshot have reached some moment, and nobody knows yet what they miss.
    const isLive = behind !== null && reached.every((at) => at !== null);
    const isFull = all.some((follower) => follower.isTooLarge());
    return {
      status:
        uncountable.length > 0 || isFull || isClosed
          ? 'failed'
          : isLive
            ? 'live'
            : running
              ? 'building'
              : 'off',
      position: isLive ? new Date(Math.min(...reached.map((at) => at.getTime()))) : null,
      lag_seconds: behind === null ? null : behind / 1000,
      uncountable,
      is_full: isFull,
    };
  }

  function start(): void {
    if (running) return;
    stopping = new AbortController();
    running = run(stopping.signal);
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await running;
    running = undefined;
  }

  return {
    ...{ report, start, stop },

    /** Forgets all rows and reads them anew. */
    async rebuild(): Promise<void> {
      await stop();
      await saved?.forget();
      start();
    },

    /**
     * How the rows of these stores stand, once what the asker has written last, as `after` says, is in, and what this process has; null
     * when that takes too long, and while they cannot answer.
     */
    async standing(
      sides: readonly MirrorSide[],
      after: LastWrite | undefined,
      withinMs: number,
    ): Promise<readonly MirrorStanding[] | null> {
      const standing = await Promise.all(
        sides.map((side) =>
          side === 'mongodb'
            ? documents.standing(after?.time, withinMs)
            : appended.standing(Math.max(after?.heard_at ?? 0, writtenSqlAt?.() ?? 0), withinMs),
        ),
      );
      return standing.every((one) => one !== null) ? standing : null;
    },

    /** The rows of these stores are whole, and only so far behind that they will soon be in step. */
    isCatchingUp(sides: readonly MirrorSide[]): boolean {
      const behind = behindMs(sides);
      return behind !== null && behind <= catchingUpMs;
    },

    /**
     * All of a question at one moment, from the rows of these stores; null when they have come to be built anew, or too far behind
     * (REP-8), and when the question takes more memory than there is. Throws the reason of `signal`, and TimeLimit.
     */
    async read(
      queries: Readonly<Record<string, MirrorQuery>>,
      sides: readonly MirrorSide[],
      signal?: AbortSignal,
    ): Promise<MirrorReading | null> {
      const behind = behindMs(sides);
      if (!store || behind === null || behind > stalestMs) return null;
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new TimeLimit()), readMs);
      try {
        const either = AbortSignal.any([late.signal, ...(signal ? [signal] : [])]);
        const answer = await store.read(queries, sides, either);
        return answer && { ...answer, behind_seconds: behind / 1000 };
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
        logger.warn({ queries: Object.keys(queries) }, 'a question did not fit into MIRROR_MEGABYTES');
        return null;
      } finally {
        clearTimeout(timer);
      }
    },

    /** For the metrics. */
    seen: () => {
      const { status, lag_seconds, uncountable } = report();
      return { is_live: status === 'live', lag_seconds, failed: uncountable.length };
    },
  };
}

export type Mirror = ReturnType<typeof createMirror>;
