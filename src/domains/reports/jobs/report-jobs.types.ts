import type { KeptFormat, RelativePeriod } from '../engine/index.js';

export const jobStatuses = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** Where a job has come to. */
export const jobPhases = ['waiting', 'computing', 'writing', 'over'] as const;
export type JobPhase = (typeof jobPhases)[number];

/** REP-12: a report that nobody waits for. */
export interface ReportJob {
  job_id: string;
  user_id: string;
  report: string;
  parameters: Readonly<Record<string, unknown>>;
  period: RelativePeriod | null;
  format: KeptFormat;
  status: JobStatus;
  phase: JobPhase;
  /** Why it failed, in a sentence. */
  failure: string | null;
  /** Of the result. */
  bytes: number | null;
  attempts: number;
  /** The attempt that works on it. */
  holder: string | null;
  /** When its process counts as dead unless it says otherwise. */
  lease_until: Date | null;
  version: number;
  created_at: Date;
  /** Of the attempt that came last. */
  started_at: Date | null;
  ended_at: Date | null;
  /** When it is forgotten, result and all. */
  expires_at: Date | null;
}

/** The last of those that failed. */
export interface LastFailure {
  readonly at: Date;
  readonly report: string;
  /** In a sentence. */
  readonly why: string | null;
}

/** How the jobs of everybody stand. */
export interface JobsSummary {
  readonly waiting: number;
  readonly running: number;
  readonly failed: number;
  readonly oldest_waiting_at: Date | null;
  readonly last_failure: LastFailure | null;
}
