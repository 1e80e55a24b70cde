import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type { AuditEvent } from './audit.types.js';

type AuditEventDocument = DocumentOf<AuditEvent, 'event_id'>;

export const auditEventModel = defineModel<AuditEventDocument>({
  collection: 'audit_events',
  fields: {
    _id: { type: String, required: true },
    action: { type: String, required: true },
    outcome: { type: String, required: true },
    actor_user_id: { type: String, default: null },
    role: { type: String, default: null },
    subject: { type: String, default: null },
    patient_id: { type: String, default: null },
    address: { type: String, default: null },
    request_id: { type: String, default: null },
    at: { type: Date, required: true },
  },
  indexes: [],
});
