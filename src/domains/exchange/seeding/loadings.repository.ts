import type { Connection } from 'mongoose';
import { loadingModel, type LoadingDocument } from './loadings.model.js';

export function createLoadingRepository(connection: Connection) {
  const model = loadingModel.on(connection);
  return {
    find: (key: string): Promise<LoadingDocument | null> =>
      model.findById(key).lean<LoadingDocument>().exec(),

    /** Idempotent: the first start counts. */
    async start(key: string, at: Date): Promise<void> {
      await model.updateOne(
        { _id: key },
        { $setOnInsert: { started_at: at, finished_at: null } },
        { upsert: true },
      );
    },

    async finish(key: string, at: Date): Promise<void> {
      await model.updateOne({ _id: key }, { $set: { finished_at: at } });
    },
  };
}

export type LoadingRepository = ReturnType<typeof createLoadingRepository>;
