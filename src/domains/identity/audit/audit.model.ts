import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type { Link } from './audit.chain.js';
import type { AuditEvent } from './audit.types.js';

/** With its place in the chain, once it is sealed. */
type AuditEventDocument = DocumentOf<AuditEvent, 'event_id'> & Partial<Link>;

export const auditEventModel = defineModel<AuditEventDocument>({
  collection: 'audit_events',
  fields: {
    _id: { type: String, required: true },
    action: { type: String, required: true },
    outcome: { type: String, required: true },
    actor_user_id: { type: String, default: null },
    role: { type: String, default: null },
    subject: { type: String, default: null },
    patient_ids: { type: [String], default: [] },
    problem: { type: String, default: null },
    purpose: { type: String, default: null },
    address: { type: String, default: null },
    request_id: { type: String, default: null },
    at: { type: Date, required: true },
    year: { type: Number },
    seq: { type: Number },
    previous: { type: String },
    key_id: { type: String },
    mac: { type: String },
  },
  indexes: [
    { key: by('year', 'seq', '_id'), serves: 'AUTH-8: what is to be sealed, and the chain in its order' },
    { key: by('at', '_id'), serves: 'GET /audit-events' },
    { key: by('actor_user_id', 'at', '_id'), serves: 'GET /audit-events of a user' },
    {
      key: by('patient_ids', 'at', '_id'),
      serves: 'GET /audit-events of a patient, GET /patients/{patient_id}/accesses',
    },
    { key: by('action', 'at', '_id'), serves: 'GET /audit-events of an action' },
  ],
});
