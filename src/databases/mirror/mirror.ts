import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { loggable, type Logger } from '../../lib/logger.js';
import { dateOf, laterOf, type WriteTime } from '../../lib/write-time.js';
import { TimeLimit } from '../failures.js';
import { lastOperation } from '../mongo/write-times.js';
import { readChunk, readThese } from '../projector/chunks.js';
import { Gap, openFeed, type ChangeEvent, type ChangeFeed, type FeedOptions } from '../projector/stream.js';
import { fieldsOf, foldChanges, rowsOf, splitAtLast, timeOf } from './changes.js';
import { openStore, type Filled, type MirrorStore, type StoreOptions } from './duckdb.js';
import type {
  MirrorQuery,
  MirrorReading,
  MirrorStanding,
  MirrorTable,
  RowChange,
  RowChanges,
} from './mirror.types.js';

export interface MirrorDeps extends StoreOptions {
  readonly connection: Connection;
  readonly tables: readonly MirrorTable[];
  readonly logger: Logger;
}

/** A document that cannot be counted: nothing of the mirror answers until it is put right or removed. */
interface Uncountable {
  readonly collection: string;
  readonly id: string;
  readonly reason: string;
}

export interface MirrorReport {
  /** `off`: it was not started. `failed`: a document cannot be counted. */
  readonly status: 'off' | 'building' | 'live' | 'failed';
  readonly position: Date | null;
  /** For how long something that was written may not be in it; null while it is built. */
  readonly lag_seconds: number | null;
  readonly uncountable: readonly Uncountable[];
}

/** REP-8: what stands longer ago is too old to answer from. */
const stalestMs = 2_000;
/** How long the stream may have nothing to tell: so far may the mirror be behind a write that it does not hold. */
const waitMs = 100;
/** Far more than any question takes. */
const readMs = 20_000;
const batchSize = 5_000;
const chunkSize = 20_000;
const retryMs = 100;
const longestRetryMs = 5_000;

interface Place {
  readonly token: unknown;
  readonly standing: MirrorStanding;
}

/**
 * Holds rows of MongoDB's documents in the process, and follows their changes: a start reads all of them after a change stream
 * was opened, and then takes in what the stream tells from before the reading. An update names the fields it sets, so told again
 * it changes nothing, and in the end each field is as its last change left it, or as it was read.
 */
export function createMirror({ connection, tables, logger, ...sizes }: MirrorDeps) {
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  let store: MirrorStore | undefined;
  let place: Place | undefined;
  /** How far the rows have come. */
  let applied: WriteTime = 0n;
  /** Everything that a majority had at this moment of our stopwatch is in; undefined while it is built. */
  let inStepAt: number | undefined;
  const uncountable = new Map<string, Uncountable>();
  let waiting: (() => void)[] = [];

  const rest = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  function wake(): void {
    const all = waiting;
    waiting = [];
    for (const one of all) one();
  }

  const sources = tables.map((table) => ({ collection: table.collection, fields: fieldsOf(table) }));

  const open = (from: FeedOptions['from']): Promise<ChangeFeed> =>
    openFeed(connection, { sources, tells: 'updates', from, batchSize });

  const keyOf = ({ name }: MirrorTable, id: string): string => `${name} ${id}`;

  function setAside(table: MirrorTable, id: string, reason: string): void {
    const { collection } = table;
    const key = keyOf(table, id);
    if (!uncountable.has(key))
      logger.error(
        { collection, id, reason },
        'a document cannot be counted: reports answer from the records until it is put right or removed',
      );
    uncountable.set(key, { collection, id, reason });
  }

  /** Keeps account of the documents that cannot be counted. */
  function account(changes: RowChanges): void {
    for (const [table, rows] of changes)
      for (const [id, change] of rows)
        if (change.kind === 'uncountable') setAside(table, id, change.reason);
        else uncountable.delete(keyOf(table, id));
  }

  /**
   * The same changes with nothing left that says a part only: of such a document all is read as it was at that moment. Where it
   * could only be read as it is now, `at` is later, and until then it is ahead of the others.
   */
  async function completed(
    told: RowChanges,
    moment: WriteTime,
  ): Promise<{ readonly changes: RowChanges; readonly at: WriteTime }> {
    const changes = new Map(told);
    let readAt = moment;
    for (const [table, rows] of told) {
      const isPart = ([id, { kind }]: readonly [string, RowChange]): boolean =>
        kind === 'within' || (kind === 'set' && uncountable.has(keyOf(table, id)));
      const ids = [...rows].filter(isPart).map(([id]) => id);
      if (ids.length === 0) continue;
      const { found, at } = await readThese(connection, sources[tables.indexOf(table)]!, ids, moment);
      readAt = laterOf(readAt, at)!;
      const whole = (id: string): RowChange => {
        const document = found.get(id);
        return document ? rowsOf(table, document) : { kind: 'remove' };
      };
      changes.set(table, new Map([...rows, ...ids.map((id) => [id, whole(id)] as const)]));
    }
    return { changes, at: readAt };
  }

  /** Reads all documents; answers a moment that is not before any of the readings. */
  async function readAll(into: MirrorStore, since: WriteTime): Promise<WriteTime> {
    let readAt = since;
    for (const [at, table] of tables.entries()) {
      for (let after: string | null = null; ;) {
        const chunk = await readChunk(connection, sources[at]!, after, chunkSize);
        stopping.signal.throwIfAborted();
        // After an election a primary may not know yet what a majority has.
        if (chunk.at < since) {
          await rest(20);
          continue;
        }
        readAt = laterOf(readAt, chunk.at)!;
        if (chunk.lastId === null) break;
        after = chunk.lastId;
        const filled: Filled[] = [];
        for (const document of chunk.found) {
          const id = document['_id'] as string;
          const read = rowsOf(table, document);
          if (read.kind === 'put') filled.push([id, read.rows]);
          else if (read.kind === 'uncountable') setAside(table, id, read.reason);
        }
        await into.fill(table, filled);
      }
    }
    return readAt;
  }

  /** Opens the stream, reads everything, and answers how far the stream must come for the mirror to be whole. */
  async function build(into: MirrorStore): Promise<{ feed: ChangeFeed; wholeAt: WriteTime; from: Place }> {
    const started = performance.now();
    inStepAt = undefined;
    place = undefined;
    uncountable.clear();
    const since = await lastOperation(connection);
    const feed = await open({ at: since });
    try {
      await into.empty();
      const wholeAt = await readAll(into, since);
      logger.info({ seconds: (performance.now() - started) / 1000 }, 'the mirror has read the records');
      // What is told from here on was read already, or is another change.
      const standing = { version: wholeAt, position: since - 1n };
      return { feed, wholeAt, from: { token: feed.token, standing } };
    } catch (error) {
      await feed.close();
      throw error;
    }
  }

  async function follow(into: MirrorStore, feed: ChangeFeed, from: Place, wholeAt: WriteTime): Promise<void> {
    let here = from;
    /** Of a moment that the stream may not have told to its end. */
    let held: readonly ChangeEvent[] = [];
    /** What was written until then, the next batch tells at the latest. */
    let told: WriteTime | undefined;
    let wasWhole = false;
    let answersFrom = wholeAt;
    while (!stopping.signal.aborted) {
      const sentAt = performance.now();
      const batch = await feed.next(waitMs);
      const { whole, rest } = splitAtLast([...held, ...batch.events], batch.isFull);
      held = rest;
      const last = whole.at(-1);
      const { changes, at } = await completed(foldChanges(whole, tables), last ? timeOf(last) : 0n);
      answersFrom = laterOf(answersFrom, at)!;
      account(changes);
      const isLeft = held.length > 0;
      const reached = isLeft ? timeOf(held[0]!) - 1n : laterOf(last && timeOf(last), told);
      const { standing, token } = here;
      const position = laterOf(standing.position, reached)!;
      const version = changes.size > 0 ? laterOf(standing.version, timeOf(last!))! : standing.version;
      const isWhole = position >= answersFrom && uncountable.size === 0;
      if (changes.size > 0 || position > standing.position || isWhole !== wasWhole)
        await into.apply(changes, { version, position }, isWhole);
      applied = position;
      wasWhole = isWhole;
      here = { token: isLeft ? (last?._id ?? token) : batch.token, standing: { version, position } };
      told = laterOf(told, batch.readAt);
      if (position < answersFrom) continue;
      if (place === undefined) logger.info('the mirror is in step');
      place = here;
      if (!isLeft) inStepAt = sentAt;
      wake();
    }
  }

  async function work(into: MirrorStore): Promise<void> {
    const at = place;
    const { feed, wholeAt, from } = at
      ? // The rows may be ahead of it: what is told again is older than they are.
        { feed: await open({ token: at.token }), wholeAt: applied, from: at }
      : await build(into);
    try {
      await follow(into, feed, from, wholeAt);
    } finally {
      await feed.close();
    }
  }

  async function loop(): Promise<void> {
    store = await openStore(tables, sizes);
    for (let failures = 0; !stopping.signal.aborted;) {
      const started = performance.now();
      try {
        await work(store);
      } catch (error) {
        if (stopping.signal.aborted) break;
        if (error instanceof Gap) {
          place = undefined;
          logger.warn({ reason: error.message }, 'the mirror has missed changes, and is built anew');
        } else {
          // Half of a change may be in what is not the store's: rows stay as they stood.
          logger.warn({ error: loggable(error) }, 'the mirror has failed and will try again');
        }
        if (performance.now() - started > longestRetryMs) failures = 0;
        await rest(Math.min(retryMs * 2 ** failures++, longestRetryMs));
      }
    }
  }

  /**
   * Whether nothing is missing that is older than two seconds, and everything up to `after`. Where nothing is written, the cluster's
   * clock may stand ahead of the last change for ten seconds; but a look that began after `askedAt` has seen what was acknowledged
   * before.
   */
  function standingAfter(after: WriteTime | undefined, askedAt: number): MirrorStanding | null {
    if (!place || inStepAt === undefined || performance.now() - inStepAt > stalestMs) return null;
    const { standing } = place;
    return after === undefined || standing.position >= after || inStepAt >= askedAt ? standing : null;
  }

  return {
    start(): void {
      if (running) return;
      stopping = new AbortController();
      running = loop().catch((error: unknown) =>
        logger.error({ error: loggable(error) }, 'the mirror could not be opened: the records answer'),
      );
    },

    async stop(): Promise<void> {
      stopping.abort();
      wake();
      await running;
      running = undefined;
      place = undefined;
      inStepAt = undefined;
      store?.close();
      store = undefined;
    },

    /** How it stands once everything up to `after`, which was acknowledged, is in; null when that takes too long, and while it cannot answer. */
    async standing(after: WriteTime | undefined, withinMs: number): Promise<MirrorStanding | null> {
      const askedAt = performance.now();
      for (;;) {
        if (!place || uncountable.size > 0) return null;
        const found = standingAfter(after, askedAt);
        const left = askedAt + withinMs - performance.now();
        if (found || left <= 0) return found;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          waiting.push(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
    },

    /**
     * All of a question at one moment; null when the rows have come to be built anew. Throws the reason of `signal`, and TimeLimit.
     */
    async read(query: MirrorQuery, signal?: AbortSignal): Promise<MirrorReading | null> {
      if (!store) return null;
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new TimeLimit()), readMs);
      try {
        return await store.read(query, AbortSignal.any([late.signal, ...(signal ? [signal] : [])]));
      } finally {
        clearTimeout(timer);
      }
    },

    /** For the metrics, as a projector tells how it stands. */
    seen: () =>
      Promise.resolve({
        ...{ name: 'mirror', version: null, failed: uncountable.size },
        is_live: place !== undefined && uncountable.size === 0,
        lag_seconds: inStepAt === undefined ? null : (performance.now() - inStepAt) / 1000,
      }),

    report(): MirrorReport {
      const status = uncountable.size > 0 ? 'failed' : place ? 'live' : running ? 'building' : 'off';
      return {
        status,
        position: place ? dateOf(place.standing.position) : null,
        lag_seconds: inStepAt === undefined ? null : (performance.now() - inStepAt) / 1000,
        uncountable: [...uncountable.values()],
      };
    },
  };
}

export type Mirror = ReturnType<typeof createMirror>;
