import type { Actor } from '../../../lib/actor.js';
import type { AuditRecord } from '../audit/index.js';
import type { Origin, User } from './accounts.types.js';

/** What somebody did with their own account. */
export const auditEntry = (
  action: AuditRecord['action'],
  outcome: AuditRecord['outcome'],
  user: User | null,
  origin: Origin | null,
): AuditRecord => ({
  action,
  outcome,
  actor_user_id: user?.user_id ?? null,
  role: user?.role ?? null,
  subject: user?.user_id ?? null,
  patient_id: user?.patient_id ?? null,
  address: origin?.address ?? null,
  request_id: origin?.id ?? null,
});

/** The same, done by somebody else. */
export const byActor = (record: AuditRecord, actor: Actor | null): AuditRecord =>
  actor ? { ...record, actor_user_id: actor.user_id, role: actor.role } : record;
