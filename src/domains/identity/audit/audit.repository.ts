import type { Connection } from 'mongoose';
import { createDocumentStore } from '../../../databases/mongo/document-store.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { auditEventModel } from './audit.model.js';
import type { AuditEvent } from './audit.types.js';

/** Append-only: there is no update and no remove to call. */
export function createAuditRepository(connection: Connection) {
  const store = createDocumentStore<AuditEvent, 'event_id'>(auditEventModel.on(connection), 'event_id');
  return {
    async append(event: AuditEvent, tx: MongoTransaction): Promise<void> {
      await store.insert(event, tx);
    },
  };
}

export type AuditRepository = ReturnType<typeof createAuditRepository>;
