import { defineModel } from '../../../databases/mongo/mongo-model.js';

/** How far the loading of something that is loaded once has come; `_id` names it. */
export interface LoadingDocument {
  _id: string;
  started_at: Date;
  finished_at: Date | null;
}

export const loadingModel = defineModel<LoadingDocument>({
  collection: 'loadings',
  fields: {
    _id: { type: String, required: true },
    started_at: { type: Date, required: true },
    finished_at: { type: Date, default: null },
  },
  indexes: [],
});
