import type { Connection } from 'mongoose';
import { queryLimitMs } from '../../../databases/mongo/mongo.js';
import type { MirrorReport } from '../../../databases/mirror/mirror.types.js';
import { mirrorsCollection, type MirrorDocument } from './mirrors.model.js';

export type MirrorSign = Pick<MirrorDocument, keyof MirrorReport | 'memory'> & {
  readonly rebuilt_for?: Date | undefined;
};

/** Two signs of life that failed to come. */
const silentMs = 10_000;

/** The mirrors of all processes. */
export function createMirrorsRepository(connection: Connection) {
  const mirrors = mirrorsCollection.on(connection);
  const isAlive = { $expr: { $gt: ['$seen_at', { $subtract: ['$$NOW', silentMs] }] } };
  const living = (): Promise<MirrorDocument[]> =>
    mirrors.find(isAlive, { maxTimeMS: queryLimitMs }).sort({ _id: 1 }).toArray();
  return {
    living,

    /** Says how it stands; answers what it was asked. */
    async say(_id: string, { rebuilt_for, ...report }: MirrorSign): Promise<MirrorDocument> {
      const set = { ...report, ...(rebuilt_for && { rebuilt_for }) };
      return (await mirrors.findOneAndUpdate(
        { _id },
        { $set: set, $currentDate: { seen_at: true } },
        { upsert: true, returnDocument: 'after' },
      ))!;
    },

    async remove(_id: string): Promise<void> {
      await mirrors.deleteOne({ _id });
    },

    /** Asks all that live to be built anew. Answers who they are, each with the time of the asking. */
    async askRebuild(): Promise<MirrorDocument[]> {
      await mirrors.updateMany(isAlive, { $currentDate: { rebuild_asked_at: true } });
      return (await living()).filter(({ rebuild_asked_at }) => rebuild_asked_at);
    },
  };
}

export type MirrorsRepository = ReturnType<typeof createMirrorsRepository>;
