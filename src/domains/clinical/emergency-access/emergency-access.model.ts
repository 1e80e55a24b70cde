import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { findings, type EmergencyAccess } from './emergency-access.types.js';

const text = { type: String, required: true };
const time = { type: Date, required: true };

export const emergencyAccessModel = defineModel<DocumentOf<EmergencyAccess, 'emergency_access_id'>>({
  collection: 'emergency_accesses',
  fields: {
    _id: text,
    user_id: text,
    doctor_id: { type: String, default: null },
    patient_id: text,
    reason: text,
    opened_at: time,
    expires_at: time,
    review: {
      type: {
        finding: { ...text, enum: findings },
        note: { type: String, default: null },
        at: time,
        by: text,
      },
      default: null,
      _id: false,
    } as never,
    version: { type: Number, required: true },
  },
  indexes: [
    {
      key: by('user_id', 'patient_id', 'expires_at'),
      serves: 'PAT-8: whether a record is open to a doctor just now',
    },
    { key: by('opened_at', '_id'), serves: 'GET /emergency-accesses' },
    {
      key: by('review.finding', 'opened_at', '_id'),
      serves: 'GET /emergency-accesses?reviewed=: those that wait have no finding',
    },
    {
      key: by('patient_id', 'opened_at', '_id'),
      serves: 'GET /emergency-accesses?patient_id=',
    },
  ],
});
