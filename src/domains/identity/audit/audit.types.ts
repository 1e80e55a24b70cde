import type { Role } from '../../../lib/actor.js';

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
  'record.merged',
  'record.unmerged',
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
] as const;
export type AuditAction = (typeof auditActions)[number];

/** What is told to `audit.record`: who did what to whom, from where, and how it ended. */
export interface AuditRecord {
  readonly action: AuditAction;
  readonly outcome: 'success' | 'failure';
  /** null when nobody is known: an unknown email, or the system itself. */
  readonly actor_user_id: string | null;
  readonly role: Role | null;
  /** The id of what it was done to: a user, a session. */
  readonly subject?: string | null;
  readonly patient_id?: string | null;
  readonly address: string | null;
  readonly request_id: string | null;
}

/** An entry of the log. Entries are only ever added. */
export interface AuditEvent extends AuditRecord {
  readonly event_id: string;
  readonly subject: string | null;
  readonly patient_id: string | null;
  readonly at: Date;
}
