import { MongoServerError, type Document, type UpdateResult } from 'mongodb';
import type { Connection } from 'mongoose';
import type { WriteTime } from '../../lib/write-time.js';
import { defineCollection } from '../mongo/mongo-model.js';

/*
 * Who may write to a sink: one process at a time, for as long as it says every second that it is there. The clock is the
 * primary's. That a process which was only frozen does no harm when it wakes up is not the lease's work but its fence's.
 *
 * A change stream that follows the sources follows the lease too: each renewal, and each `ask`, comes to the holder in the order
 * of all writes, and so tells it that it has seen everything that was written before.
 */

export interface LeaseDocument {
  readonly _id: string;
  readonly holder: string;
  readonly until: Date;
  /** Raised whenever it is taken. */
  readonly fence: number;
  /** Raised by any process that wants to know that the figures are as new as this. */
  readonly asked?: number;
  /** Where its holder's transactions are. */
  readonly session?: Document | null;
  /** When its holder last had nothing left to take in. */
  readonly in_step_at: Date | null;
}

export const leaseCollection = defineCollection<LeaseDocument>({
  collection: 'projector_leases',
  fields: {
    _id: 'string',
    holder: 'string',
    until: 'date',
    fence: 'number',
    asked: 'number',
    session: 'object',
    in_step_at: 'date',
  },
  indexes: [],
});

export interface Lease {
  /**
   * The fence, above `aboveFence` and all that were given before; null while somebody else holds it. Ends what the holder before
   * has left open in its session.
   */
  take(aboveFence: number, session: Document | undefined): Promise<number | null>;
  /** False when somebody else has taken it meanwhile. */
  renew(fence: number, inStepAt: Date | null): Promise<boolean>;
  /** A moment of the cluster's clock that a majority of the members knows of; null when somebody else has taken the lease. */
  mark(fence: number): Promise<WriteTime | null>;
  giveBack(fence: number): Promise<void>;
  /** Asks the holder to store how far it has come; false when nobody holds the lease. */
  ask(): Promise<boolean>;
  isHeld(): Promise<boolean>;
  read(): Promise<LeaseDocument | null>;
}

/** In a pipeline, text that begins with `$` would be read as a field. */
const literals = (values: Document): Document =>
  Object.fromEntries(Object.entries(values).map(([field, value]) => [field, { $literal: value as unknown }]));

const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11000;

export function createLease(connection: Connection, name: string, holder: string, leaseMs: number): Lease {
  const leases = leaseCollection.on(connection);
  const until = { $add: ['$$NOW', leaseMs] };
  const held = { _id: name, $expr: { $gt: ['$until', '$$NOW'] } };

  async function take(aboveFence: number, session: Document | undefined): Promise<number | null> {
    const fence = { $add: [{ $max: ['$fence', aboveFence] }, 1] };
    const isFree = { _id: name, $expr: { $lte: ['$until', '$$NOW'] } };
    const mine = literals({ holder, session: session ?? null, in_step_at: null });
    const before = await leases.findOneAndUpdate(isFree, [{ $set: { ...mine, until, fence } }], {
      returnDocument: 'before',
    });
    if (!before) return null;
    if (before.session && before.holder !== holder) await endSession(before.session);
    return Math.max(before.fence, aboveFence) + 1;
  }

  /** Best effort: what is not ended runs out. */
  async function endSession(session: Document): Promise<void> {
    const command = { killSessions: [session] };
    await connection.db!.command(command, { readPreference: 'primary' }).catch(() => undefined);
  }

  /** One that nobody holds, where there is none: what asks for the time cannot be an upsert. */
  async function make(): Promise<void> {
    const free = { holder: '', until: new Date(0), fence: 0, in_step_at: null };
    try {
      await leases.updateOne({ _id: name }, { $setOnInsert: free }, { upsert: true });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  const renewal = (fence: number, set: Document): Promise<UpdateResult> =>
    leases.updateOne({ _id: name, holder, fence }, [{ $set: { until, ...set } }]);

  return {
    async take(aboveFence, session) {
      await make();
      return take(aboveFence, session);
    },
    async renew(fence, inStepAt) {
      return (await renewal(fence, { in_step_at: inStepAt })).matchedCount === 1;
    },
    async mark(fence) {
      const session = await connection.startSession();
      try {
        const { matchedCount } = await leases.updateOne(
          { _id: name, holder, fence },
          { $inc: { asked: 1 } },
          { session, writeConcern: { w: 'majority' } },
        );
        return matchedCount === 1 ? session.operationTime!.toBigInt() : null;
      } finally {
        await session.endSession();
      }
    },
    async giveBack(fence) {
      await leases.updateOne({ _id: name, holder, fence }, { $set: { until: new Date(0) } });
    },
    async ask() {
      // The holder sees it when a majority has it: nothing is gained by waiting for that here.
      const { matchedCount } = await leases.updateOne(
        held,
        { $inc: { asked: 1 } },
        { writeConcern: { w: 1 } },
      );
      return matchedCount === 1;
    },
    isHeld: async () => (await leases.findOne(held, { projection: { _id: 1 } })) !== null,
    read: () => leases.findOne({ _id: name }),
  };
}
