import type { RelativePeriod } from '../engine/index.js';

/**
 * REP-14: shows one report to whoever has it, as long as it is good. The link is the id and our signature of it, so that no store
 * holds one.
 */
export interface ReportLink {
  report_link_id: string;
  /** Who has made it: it shows what they may see, and nothing when they have left. */
  user_id: string;
  report: string;
  /** As JSON has them, read anew whenever it is opened. */
  parameters: Readonly<Record<string, unknown>>;
  /** Stands for `from` and `to`, and moves on with the calendar. */
  period: RelativePeriod | null;
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
  /** How often it was opened; each opening is in the audit log. */
  opened: number;
  last_opened_at: Date | null;
}

/** A link with its address, for the one who has made it; null for others. */
export type ShownLink = ReportLink & { readonly url: string | null };
