import type { CollectionInfo } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Logger } from '../../lib/logger.js';
import { dateOf, laterOf, type WriteTime } from '../../lib/write-time.js';
import { lastOperation } from '../mongo/write-times.js';
import { readChunk, readThese } from './chunks.js';
import { openFeed, type ChangeEvent, type ChangeFeed, type FeedOptions } from './stream.js';
import { fieldsOf, foldChanges, rowsOf, splitAtLast, timeOf } from './changes.js';
import type { Filled, MirrorStore } from './duckdb.js';
import { keepAt, rest, stalestMs, type Follower, type Standing } from './following.js';
import type {
  CollectionTable,
  MirrorPlace,
  MirrorStanding,
  RowChange,
  RowChanges,
  Uncountable,
} from './mirror.types.js';

/** How long the stream may have nothing to tell: so far may the mirror be behind a write that it does not hold. */
const waitMs = 100;
const batchSize = 5_000;
const chunkSize = 20_000;

interface Place {
  /** Which collections the rows are of: dropped and made again, or on another server, they are others. */
  readonly collections: string;
  readonly token: unknown;
  /** The moment of the last change of a row. */
  readonly version: WriteTime;
  /** Everything up to this moment is in. */
  readonly position: WriteTime;
}

type Changes = RowChanges<CollectionTable>;

const keyOf = ({ name }: CollectionTable, id: string): string => `${name} ${id}`;

const standingOf = ({ version, position }: Place): MirrorStanding => ({
  ...{ version: String(version), at: dateOf(position) },
});

function placeOf(place: Place): MirrorPlace {
  const [version, position] = [place.version, place.position].map(String);
  return { ...standingOf(place), place: JSON.stringify({ ...place, version, position }) };
}

function placeFrom(text: string): Place {
  const { version, position, ...place } = JSON.parse(text) as Place & Record<'version' | 'position', string>;
  return { ...place, version: BigInt(version), position: BigInt(position) };
}

export interface DocumentsDeps {
  readonly connection: Connection;
  readonly tables: readonly CollectionTable[];
  readonly logger: Logger;
}

/**
 * Holds rows of MongoDB's documents and follows their changes: a start reads all of them after a change stream was opened, and then
 * takes in what the stream tells from before the reading. An update names the fields it sets, so told again it changes nothing, and
 * in the end each field is as its last change left it, or as it was read.
 */
export function followDocuments({ connection, tables, logger }: DocumentsDeps) {
  let place: Place | undefined;
  /** The rows may hold what was written until then, and nothing that was inserted later. */
  let held: WriteTime = 0n;
  /** Everything that a majority had at this moment of our stopwatch is in; undefined while it is built. */
  let inStepAt: number | undefined;
  const uncountable = new Map<string, Uncountable>();
  let isTooLarge = false;
  let waiting: (() => void)[] = [];

  function wake(): void {
    const all = waiting;
    waiting = [];
    for (const one of all) one();
  }

  const sources = tables.map((table) => ({ collection: table.collection, fields: fieldsOf(table) }));

  const open = (from: FeedOptions['from']): Promise<ChangeFeed> =>
    openFeed(connection, { sources, from, batchSize });

  function setAside(table: CollectionTable, id: string, reason: string): void {
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
  function account(changes: Changes): void {
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
    told: Changes,
    moment: WriteTime,
  ): Promise<{ readonly changes: Changes; readonly at: WriteTime }> {
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
  async function readAll(into: MirrorStore, since: WriteTime, signal: AbortSignal): Promise<WriteTime> {
    let readAt = since;
    for (const [at, table] of tables.entries()) {
      for (let after: string | null = null; ;) {
        const chunk = await readChunk(connection, sources[at]!, after, chunkSize);
        signal.throwIfAborted();
        // After an election a primary may not know yet what a majority has.
        if (chunk.at < since) {
          await rest(20, signal);
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

  function begin(): void {
    inStepAt = undefined;
    place = undefined;
    uncountable.clear();
  }

  async function collections(): Promise<string> {
    const names = sources.map(({ collection }) => collection);
    const found = await connection.db!.listCollections({ name: { $in: names } }).toArray();
    return (found as CollectionInfo[])
      .map(({ name, info }) => `${name} ${String(info?.uuid)}`)
      .sort()
      .join();
  }

  /** Goes on from where the rows of a snapshot stand; not where these are other collections, or have not come so far. */
  async function resume(from: Place): Promise<void> {
    const [now, of] = await Promise.all([lastOperation(connection), collections()]);
    if (of !== from.collections || now < from.position)
      return logger.warn('the snapshot of the mirror is of other collections: they are read anew');
    place = from;
    held = from.position;
  }

  /** Opens the stream, reads everything, and answers how far the stream must come for the rows to be whole. */
  async function build(
    into: MirrorStore,
    signal: AbortSignal,
  ): Promise<{ feed: ChangeFeed; wholeAt: WriteTime; from: Place }> {
    const started = performance.now();
    begin();
    isTooLarge = false;
    const [since, of] = await Promise.all([lastOperation(connection), collections()]);
    const feed = await open({ at: since });
    try {
      await into.empty('mongodb');
      const wholeAt = await readAll(into, since, signal);
      logger.info({ seconds: (performance.now() - started) / 1000 }, 'the mirror has read the documents');
      // What is told from here on was read already, or is another change.
      return {
        feed,
        wholeAt,
        from: { collections: of, token: feed.token, version: wholeAt, position: since - 1n },
      };
    } catch (error) {
      await feed.close();
      throw error;
    }
  }

  async function follow(
    into: MirrorStore,
    { feed, from, wholeAt }: { feed: ChangeFeed; from: Place; wholeAt: WriteTime },
    signal: AbortSignal,
  ): Promise<void> {
    let here = from;
    held = laterOf(held, wholeAt)!;
    /** Of a moment that the stream may not have told to its end. */
    let kept: readonly ChangeEvent[] = [];
    /** What was written until then, the next batch tells at the latest. */
    let told: WriteTime | undefined;
    let wasWhole = false;
    let answersFrom = wholeAt;
    /** Milliseconds that the last changes took: as long it rests, so that it never takes more than half of a processor. */
    let worked = 0;
    while (!signal.aborted) {
      await rest(worked, signal);
      const sentAt = performance.now();
      const batch = await feed.next(waitMs);
      const { whole, rest: left } = splitAtLast([...kept, ...batch.events], batch.isFull);
      kept = left;
      const last = whole.at(-1);
      const { changes, at } = await completed(foldChanges(whole, tables, held), last ? timeOf(last) : 0n);
      answersFrom = laterOf(answersFrom, at)!;
      account(changes);
      const isLeft = kept.length > 0;
      const reached = isLeft ? timeOf(kept[0]!) - 1n : laterOf(last && timeOf(last), told);
      const position = laterOf(here.position, reached)!;
      const version = changes.size > 0 ? laterOf(here.version, timeOf(last!))! : here.version;
      const isWhole = position >= answersFrom && uncountable.size === 0;
      const next = { ...here, token: isLeft ? (last?._id ?? here.token) : batch.token, version, position };
      const begunAt = performance.now();
      // Also when it fails: it may have been taken in all the same.
      held = laterOf(held, position)!;
      if (changes.size > 0 || position > here.position || isWhole !== wasWhole)
        await into.apply('mongodb', changes, placeOf(next), isWhole);
      worked = changes.size > 0 ? performance.now() - begunAt : 0;
      if (isWhole && !wasWhole) logger.info('the mirror of the documents is in step');
      wasWhole = isWhole;
      here = next;
      told = laterOf(told, batch.readAt);
      if (position < answersFrom) continue;
      place = here;
      if (!isLeft) inStepAt = sentAt;
      wake();
    }
  }

  async function work(into: MirrorStore, signal: AbortSignal): Promise<void> {
    const at = place;
    const begun = at
      ? // The rows may be ahead of it: what is told again is older than they are.
        { feed: await open({ token: at.token }), wholeAt: held, from: at }
      : await build(into, signal);
    try {
      await follow(into, begun, signal);
    } finally {
      await begun.feed.close();
    }
  }

  /**
   * Whether nothing is missing that is older than two seconds, and everything up to `after`. Where nothing is written, the cluster's
   * clock may stand ahead of the last change for ten seconds; but a look that began after `askedAt` has seen what was acknowledged
   * before.
   */
  function standingAfter(after: WriteTime | undefined, askedAt: number): MirrorStanding | null {
    if (!place || inStepAt === undefined || performance.now() - inStepAt > stalestMs) return null;
    return after === undefined || place.position >= after || inStepAt >= askedAt ? standingOf(place) : null;
  }

  return {
    uncountable,
    inStepAt: () => inStepAt,
    isTooLarge: () => isTooLarge,
    reached: () => (place ? dateOf(place.position) : null),

    async run(into: MirrorStore, signal: AbortSignal, from?: string): Promise<void> {
      let left = from;
      await keepAt('the documents', signal, logger, {
        begin,
        async work() {
          if (left !== undefined) await resume(placeFrom(left));
          left = undefined;
          await work(into, signal);
        },
        empty() {
          isTooLarge = true;
          return into.empty('mongodb');
        },
      });
      begin();
      wake();
    },

    /** Once everything up to `after`, which was acknowledged, is in; null when that takes too long, and while they cannot answer. */
    async standing(after: WriteTime | undefined, withinMs: number): Standing {
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
  } satisfies Follower & Record<string, unknown>;
}
