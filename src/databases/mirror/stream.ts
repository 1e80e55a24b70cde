import { BSON, Long, MongoServerError, Timestamp, type ClientSession, type Document } from 'mongodb';
import type { Connection } from 'mongoose';
import type { WriteTime } from '../../lib/write-time.js';

/** A collection whose changes are followed, and the fields of its documents (beside `_id`) that are looked at. */
export interface Source {
  readonly collection: string;
  readonly fields: readonly string[];
}

/** What a change stream tells of a change, cut down to what is looked at. */
export interface ChangeEvent {
  /** Where the stream goes on after it. */
  readonly _id: unknown;
  readonly operationType: string;
  readonly clusterTime: Timestamp;
  readonly ns?: { readonly coll?: string };
  readonly documentKey?: { readonly _id: string };
  /** Of what was inserted or replaced. */
  readonly fullDocument?: Document;
  /** Which fields an update has set or removed. */
  readonly updateDescription?: {
    readonly updatedFields?: Readonly<Record<string, unknown>>;
    readonly removedFields?: readonly string[];
    readonly truncatedArrays?: readonly { readonly field: string }[];
  };
}

export interface Batch {
  readonly events: readonly ChangeEvent[];
  /** Where to go on after it. */
  readonly token: unknown;
  /** Of its last event; undefined in a batch of nothing. */
  readonly last: WriteTime | undefined;
  /** More may be waiting, of that moment too: the changes of a transaction have one time. */
  readonly isFull: boolean;
  /** A moment of which a majority had all when it was answered: of what was written until then the next batch tells, if this does not. */
  readonly readAt: WriteTime | undefined;
}

export interface ChangeFeed {
  /** Where it begins. */
  readonly token: unknown;
  /** What has happened since; waits up to `waitMs` for something to happen. */
  next(waitMs: number): Promise<Batch>;
  close(): Promise<void>;
}

interface CursorReply {
  readonly cursor: {
    readonly id: Long | number | bigint;
    readonly ns: string;
    readonly firstBatch?: readonly ChangeEvent[];
    readonly nextBatch?: readonly ChangeEvent[];
    readonly postBatchResumeToken: unknown;
  };
  readonly operationTime?: Timestamp;
}

/** That the stream does not tell everything that happened: what was kept of it must be built anew. */
export class Gap extends Error {
  override readonly name = 'Gap';
}

/**
 * That a stream cannot be resumed (ChangeStreamHistoryLost, ChangeStreamFatalError, InvalidResumeToken, and a token that is
 * none) or that a change is too large for it. Of another command the same codes mean something else.
 */
const gapCodes = new Map<unknown, string>([
  [286, 'the oplog no longer reaches back so far'],
  [280, 'the change stream has failed for good'],
  [260, 'the resume token is not valid'],
  [9, 'the resume token cannot be read'],
  [50811, 'the resume token cannot be read'],
  [10334, 'a change was too large to be told'],
]);

/** What a command of the stream has thrown, or the gap that it means. */
function asGap(error: unknown): unknown {
  if (!(error instanceof MongoServerError)) return error;
  const { code } = error;
  const reason = error.hasErrorLabel('NonResumableChangeStreamError')
    ? `the change stream has ended: ${String(code)}`
    : gapCodes.get(code);
  return reason === undefined ? error : new Gap(reason, { cause: error });
}

/**
 * A reply ends before an event that would not fit into its 16 MB: after this much one may be waiting that is nearly as large as
 * a document can be.
 */
const wholeBytes = 64 * 1024;

/** `_id` and the fields, without those that are within another one. */
export const projectionOf = (fields: readonly string[], path = ''): Record<string, 1> =>
  Object.fromEntries(
    ['_id', ...fields]
      .filter((field) => !fields.some((other) => field.startsWith(`${other}.`)))
      .map((field) => [`${path}${field}`, 1]),
  );

/** Changes of the sources. What befalls a whole collection is told too. */
function stagesOf({ sources }: FeedOptions): Document[] {
  const collections = sources.map(({ collection }) => collection);
  const fields = [...new Set(sources.flatMap((source) => source.fields))];
  return [
    {
      $match: {
        $or: [
          { 'ns.coll': { $in: collections } },
          { 'to.coll': { $in: collections } },
          { operationType: { $in: ['dropDatabase', 'invalidate'] } },
        ],
      },
    },
    {
      $project: {
        operationType: 1,
        clusterTime: 1,
        'ns.coll': 1,
        'documentKey._id': 1,
        ...projectionOf(fields, 'fullDocument.'),
        // Whole: of what is within a field the name has a dot in it, which no projection can say.
        updateDescription: 1,
      },
    },
  ];
}

export interface FeedOptions {
  readonly sources: readonly Source[];
  /** A token, or the moment at which to begin: what happened at it is told. */
  readonly from: { readonly token: unknown } | { readonly at: WriteTime };
  readonly batchSize: number;
}

/**
 * A change stream read batch by batch, which the driver's own does not offer: a batch is taken in at once, and its end is
 * where to go on. It knows no retries: the one who reads it opens another one at the last token that was stored.
 */
export async function openFeed(connection: Connection, options: FeedOptions): Promise<ChangeFeed> {
  const { from, batchSize } = options;
  const db = connection.db!;
  // A cursor is bound to the session that has opened it.
  const session = connection.getClient().startSession({ causalConsistency: false });
  async function send(command: Document): Promise<CursorReply> {
    try {
      return (await db.command(command, { session, readPreference: 'primary' })) as unknown as CursorReply;
    } catch (error) {
      throw asGap(error);
    }
  }
  const start = 'at' in from ? { startAtOperationTime: new Timestamp(from.at) } : { resumeAfter: from.token };
  try {
    const { cursor } = await send({
      aggregate: 1,
      pipeline: [{ $changeStream: start }, ...stagesOf(options)],
      cursor: { batchSize: 0 },
      readConcern: { level: 'majority' },
    });
    return feedOf(cursor, { session, send, batchSize });
  } catch (error) {
    await session.endSession();
    throw error;
  }
}

function feedOf(
  opened: CursorReply['cursor'],
  {
    session,
    send,
    batchSize,
  }: { session: ClientSession; send: (command: Document) => Promise<CursorReply>; batchSize: number },
): ChangeFeed {
  // The server takes nothing but a 64-bit number, which the driver reads as a plain one when it is small.
  const id = Long.fromValue(opened.id as number);
  const collection = opened.ns.slice(opened.ns.indexOf('.') + 1);
  return {
    token: opened.postBatchResumeToken,
    async next(waitMs) {
      const { cursor, operationTime } = await send({
        ...{ getMore: id, collection, batchSize, maxTimeMS: waitMs },
      });
      const events = cursor.nextBatch ?? [];
      if (events.length === 0 && Long.fromValue(cursor.id as number).isZero())
        throw new Gap('the change stream has ended');
      const isFull = events.length >= batchSize || BSON.calculateObjectSize({ events }) > wholeBytes;
      const last = events.at(-1)?.clusterTime.toBigInt();
      return { events, token: cursor.postBatchResumeToken, last, isFull, readAt: operationTime?.toBigInt() };
    },
    async close() {
      await send({ killCursors: collection, cursors: [id] }).catch(() => undefined);
      await session.endSession();
    },
  };
}
