import type { Role } from '../../../lib/actor.js';
import { recordActions, type Purpose } from '../../../lib/audited.js';
import type { ProblemCode } from '../../../lib/errors.js';

/** What is written down. A name that was once written is never renamed: the log is read for years. */
export const auditActions = [
  'auth.register',
  'auth.login',
  'auth.refresh_reuse',
  'auth.logout',
  'auth.session_ended',
  'account.created',
  'account.invited',
  'account.invitation_accepted',
  'account.email_confirmed',
  'account.vendor_decided',
  'account.erased',
  'record.glass_broken',
  'auth.reset_asked',
  'auth.password_changed',
  'auth.password_accepted',
  'auth.step_up',
  'account.profile_changed',
  'account.activated',
  'account.deactivated',
  'account.role_changed',
  'account.identity_linked',
  'account.factor_begun',
  'account.factor_confirmed',
  'account.factor_removed',
  'account.recovery_codes',
  'report_link.created',
  'report_link.opened',
  'report_link.revoked',
  ...recordActions,
] as const;
export type AuditAction = (typeof auditActions)[number];

export const auditOutcomes = ['success', 'failure'] as const;

/** What is told to `audit.record`: who did what to whom, from where, and how it ended. */
export interface AuditRecord {
  readonly action: AuditAction;
  readonly outcome: (typeof auditOutcomes)[number];
  /** null when nobody is known: an unknown email, or the system itself. */
  readonly actor_user_id: string | null;
  readonly role: Role | null;
  /** The id of what it was done to: a user, a session, a record. */
  readonly subject?: string | null;
  readonly patient_id?: string | null;
  readonly purpose?: Purpose | null;
  readonly address: string | null;
  readonly request_id: string | null;
}

/** An entry of the trail. Entries are only ever added. */
export interface AuditEvent extends Omit<AuditRecord, 'patient_id' | 'purpose'> {
  readonly event_id: string;
  readonly subject: string | null;
  /** Whose records it shows or has changed, or whose were asked for. */
  readonly patient_ids: readonly string[];
  /** What it was refused with. */
  readonly problem: ProblemCode | null;
  /** null: not stated. */
  readonly purpose: Purpose | null;
  readonly at: Date;
  /** Its number in the chain of its year; not there until it is sealed. */
  readonly seq?: number;
}
