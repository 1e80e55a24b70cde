import type { Document, Timestamp } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Chunk } from './build.js';
import type { ProjectedSource } from './projector.types.js';
import { projectionOf } from './stream.js';

const limitMs = 60_000;

interface FindReply {
  readonly cursor: {
    readonly firstBatch: readonly (Document & { readonly _id: string })[];
    readonly atClusterTime: Timestamp;
  };
}

/**
 * The documents after `after` by ascending id, as they were at one moment that a majority of the members knows of. Fewer than
 * `limit` do not mean the end (a reply holds 16 MB): none do.
 */
export async function readChunk(
  connection: Connection,
  { collection, fields }: ProjectedSource,
  after: string | null,
  limit: number,
): Promise<Chunk & { readonly found: readonly Document[] }> {
  const reply = (await connection.db!.command(
    {
      find: collection,
      filter: after === null ? {} : { _id: { $gt: after } },
      sort: { _id: 1 },
      projection: projectionOf(fields),
      limit,
      batchSize: limit,
      singleBatch: true,
      readConcern: { level: 'snapshot' },
      maxTimeMS: limitMs,
    },
    { readPreference: 'primary' },
  )) as unknown as FindReply;
  const { firstBatch: found, atClusterTime } = reply.cursor;
  return {
    found,
    documents: found.length,
    lastId: found.at(-1)?._id ?? null,
    at: atClusterTime.toBigInt(),
  };
}
