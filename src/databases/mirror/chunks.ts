import { Timestamp, type Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { laterOf, type WriteTime } from '../../lib/write-time.js';
import { isMomentGone } from '../failures.js';
import { projectionOf, type Source } from './stream.js';

const limitMs = 60_000;

interface Chunk {
  readonly found: readonly Document[];
  readonly lastId: string | null;
  readonly at: WriteTime;
}

interface FindReply {
  readonly cursor: {
    readonly firstBatch: readonly (Document & { readonly _id: string })[];
    readonly atClusterTime: Timestamp;
  };
}

/** Some documents as they were at one moment that a majority of the members knows of: that moment, or the newest one. */
async function findAt(
  connection: Connection,
  { collection, fields }: Source,
  { filter, limit, at }: { readonly filter: Document; readonly limit: number; readonly at?: WriteTime },
): Promise<{ readonly found: FindReply['cursor']['firstBatch']; readonly at: WriteTime }> {
  const { cursor } = (await connection.db!.command(
    {
      find: collection,
      filter,
      sort: { _id: 1 },
      projection: projectionOf(fields),
      limit,
      batchSize: limit,
      singleBatch: true,
      readConcern: { level: 'snapshot', ...(at !== undefined && { atClusterTime: new Timestamp(at) }) },
      maxTimeMS: limitMs,
    },
    { readPreference: 'primary' },
  )) as unknown as FindReply;
  return { found: cursor.firstBatch, at: cursor.atClusterTime.toBigInt() };
}

/**
 * The documents after `after` by ascending id, as they were at one moment. Fewer than `limit` do not mean the end (a reply holds
 * 16 MB): none do.
 */
export async function readChunk(
  connection: Connection,
  source: Source,
  after: string | null,
  limit: number,
): Promise<Chunk> {
  const filter = after === null ? {} : { _id: { $gt: after } };
  const { found, at } = await findAt(connection, source, { filter, limit });
  return { found, lastId: found.at(-1)?._id ?? null, at };
}

const idsAtOnce = 1_000;

/**
 * Those of the documents that were there at a moment, as they were then; or, when MongoDB no longer knows, as they are: `at` is
 * a moment that is not before any of the readings.
 */
export async function readThese(
  connection: Connection,
  source: Source,
  ids: readonly string[],
  moment: WriteTime,
): Promise<{ readonly found: ReadonlyMap<string, Document>; readonly at: WriteTime }> {
  const documents = new Map<string, Document>();
  let at: WriteTime | undefined = moment;
  let readAt = moment;
  const left = new Set(ids);
  while (left.size > 0) {
    const some = [...left].slice(0, idsAtOnce);
    const filter = { _id: { $in: some } };
    try {
      const reply = await findAt(connection, source, { filter, limit: some.length, ...(at && { at }) });
      readAt = laterOf(readAt, reply.at)!;
      for (const document of reply.found) {
        documents.set(document._id, document);
        left.delete(document._id);
      }
      // Fewer may be all that a reply holds: none are gone but for those that were asked for last.
      if (reply.found.length === 0) for (const id of some) left.delete(id);
    } catch (error) {
      if (at === undefined || !isMomentGone(error)) throw error;
      at = undefined;
    }
  }
  return { found: documents, at: readAt };
}
