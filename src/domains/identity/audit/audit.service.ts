import type { Clock } from '../../../lib/clock.js';
import type { NewId } from '../../../lib/ids.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { AuditRepository } from './audit.repository.js';
import type { AuditRecord } from './audit.types.js';

export interface AuditDeps {
  readonly events: AuditRepository;
  readonly clock: Clock;
  readonly newId: NewId;
}

export function createAuditService({ events, clock, newId }: AuditDeps) {
  return {
    /** Writes down what `tx` does, in `tx`: either both happen or neither does. */
    record(record: AuditRecord, tx: MongoTransaction): Promise<void> {
      const { subject = null, patient_id = null } = record;
      return events.append({ ...record, subject, patient_id, event_id: newId('AE'), at: clock.now() }, tx);
    },
  };
}

export type AuditService = ReturnType<typeof createAuditService>;
