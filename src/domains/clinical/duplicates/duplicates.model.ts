import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { agreements, comparedFields, duplicateStatuses, type Duplicate } from './duplicates.types.js';

const text = { type: String, required: true };
const number = { type: Number, required: true };

export const duplicateModel = defineModel<DocumentOf<Duplicate, 'duplicate_id'>>({
  collection: 'patient_duplicates',
  fields: {
    _id: text,
    patient_ids: { type: [String], required: true },
    score: number,
    reasons: [
      {
        _id: false,
        field: { ...text, enum: comparedFields },
        agreement: { ...text, enum: agreements },
        weight: number,
      },
    ],
    status: { ...text, enum: duplicateStatuses },
    found_at: { type: Date, required: true },
    dismissed: {
      type: { at: { type: Date, required: true }, by: text, note: { type: String, default: null } },
      default: null,
      _id: false,
    } as never,
    version: number,
  },
  indexes: [
    { key: by('status', 'score', '_id'), serves: 'GET /patient-duplicates' },
    { key: by('patient_ids', 'status'), serves: 'the pairs of a patient' },
  ],
});
