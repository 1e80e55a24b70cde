import {
  BSON,
  ReadPreference,
  Timestamp,
  type AggregateOptions,
  type ClientSession,
  type Document,
} from 'mongodb';
import type { Connection } from 'mongoose';
import { TimeLimit } from '../../../databases/failures.js';
import { dateOf, type WriteTime } from '../../../lib/write-time.js';
import type { MongoQuery, ReadOptions, Results, StoreReading } from './reports.types.js';

/** Where heavy reads go: a member that others do not wait for. */
export interface ReadFrom {
  readonly mode: 'primary' | 'secondary' | 'secondaryPreferred' | 'nearest';
  readonly tags: Readonly<Record<string, string>>;
}

export interface ReadLimits {
  /** Both stores stop a query that takes longer. */
  readonly seconds: number;
  readonly from: ReadFrom;
}

/** The seconds of the store's own clock (the high half of a BSON timestamp). */
const clusterTime = (time: Timestamp | undefined): Date | null =>
  time ? new Date(time.getHighBitsUnsigned() * 1000) : null;

function optionsOf({ seconds, from: { mode, tags } }: ReadLimits) {
  const tagSets = Object.keys(tags).length > 0 ? [{ ...tags }] : undefined;
  return {
    ...{ maxTimeMS: seconds * 1000, allowDiskUse: true },
    readPreference: new ReadPreference(mode, tagSets),
    readConcern: { level: 'majority' },
  } as const satisfies AggregateOptions;
}

/** Asks MongoDB. When the signal is given the driver cuts the connection, and mongod ends what ran on it. */
export function createMongoReader(connection: Connection, limits: ReadLimits) {
  /**
   * What the session has heard of is sent as afterClusterTime: a member that has not come so far waits until it has. So a secondary is
   * never behind what the primary had when it was asked (REP-8).
   */
  async function bind(session: ClientSession, after: WriteTime | undefined): Promise<void> {
    if (limits.from.mode !== 'primary')
      await connection.db!.command({ ping: 1 }, { session, readPreference: 'primary' });
    if (after !== undefined) session.advanceOperationTime(new Timestamp(after));
  }

  /** As it was at a moment: the driver has that for sessions, whose moment the server chooses. */
  async function readAt(
    { collection, pipeline }: MongoQuery,
    at: WriteTime,
    session: ClientSession,
  ): Promise<Results['mongodb']> {
    const { readPreference, ...how } = optionsOf(limits);
    const readConcern = { level: 'snapshot', atClusterTime: new Timestamp(at) };
    const command = { ...{ aggregate: collection, pipeline, cursor: {} }, ...how, readConcern };
    return connection.db!.runCursorCommand(command, { session, readPreference }).toArray();
  }

  return async (source: MongoQuery, options: ReadOptions): Promise<StoreReading<Results['mongodb']>> => {
    const { explain, after, at } = options;
    // Where no member has the tags there is nobody who would stop it.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(new TimeLimit()), limits.seconds * 1000 + 500);
    const signal = AbortSignal.any([deadline.signal, ...(options.signal ? [options.signal] : [])]);
    // A session that waits for what it has heard of is not let choose its moment.
    const session = await connection.startSession({ causalConsistency: at === undefined });
    const pipeline = [...source.pipeline];
    const collection = connection.db!.collection(source.collection);
    const how = { ...optionsOf(limits), session, signal };
    try {
      await bind(session, after);
      const start = performance.now();
      if (at !== undefined) {
        const found = await readAt(source, at, session);
        return { rows: found, as_of: dateOf(at), ms: performance.now() - start };
      }
      const rows = await collection.aggregate<Document>(pipeline, how).toArray();
      const ms = performance.now() - start;
      const as_of = clusterTime(session.operationTime);
      if (!explain) return { rows, as_of, ms };
      const { readConcern: _majority, ...explained } = how;
      const plan = await collection.aggregate(pipeline, explained).explain('executionStats');
      return { rows, as_of, ms, plan: BSON.EJSON.serialize(plan) };
    } finally {
      clearTimeout(timer);
      await session.endSession();
    }
  };
}
