import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { allergyStates } from '../patients/patients.types.js';
import { fates, type PatientMerge } from './merges.types.js';

const text = { type: String, required: true };
const time = { type: Date, required: true };

export const patientMergeModel = defineModel<DocumentOf<PatientMerge, 'merge_id'>>({
  collection: 'patient_merges',
  fields: {
    _id: text,
    from_patient_id: text,
    into_patient_id: text,
    reason: text,
    merged_at: time,
    merged_by: text,
    moved: [
      { _id: false, what: text, records: [{ _id: false, id: text, version: { type: Number } }] },
    ] as never,
    folded: {
      filled: [String],
      diagnoses: [Number],
      allergies: [Number],
      allergy_state: { ...text, enum: allergyStates },
    },
    undone: {
      type: {
        at: time,
        by: text,
        reason: text,
        changed: [{ _id: false, what: text, id: text, fate: { ...text, enum: fates } }],
      },
      default: null,
      _id: false,
    } as never,
    version: { type: Number, required: true },
  },
  indexes: [{ key: by('merged_at', '_id'), serves: 'GET /patient-merges' }],
});
