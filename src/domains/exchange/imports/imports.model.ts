import type { Connection } from 'mongoose';
import { defineModel } from '../../../databases/mongo/mongo.js';

/** How far the loading of something that is loaded once has come; `_id` names it. */
export interface LoadingDocument {
  _id: string;
  started_at: Date;
  finished_at: Date | null;
}

export const loadingModel = (connection: Connection) =>
  defineModel<LoadingDocument>(connection, 'Loading', 'loadings', {
    _id: { type: String, required: true },
    started_at: { type: Date, required: true },
    finished_at: { type: Date, default: null },
  });
