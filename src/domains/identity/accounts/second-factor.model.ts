import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type { SecondFactor } from './second-factor.types.js';

export const secondFactorModel = defineModel<DocumentOf<SecondFactor, 'user_id'>>({
  collection: 'second_factors',
  fields: {
    _id: { type: String, required: true },
    sealed_secret: { type: String, required: true },
    confirmed_at: { type: Date, default: null },
    last_step: { type: Number, default: null },
    recovery_hashes: { type: [String], required: true },
    created_at: { type: Date, required: true },
  },
  indexes: [],
});
