import type { RelativePeriod } from '../engine/index.js';

export const targetDirections = ['at_least', 'at_most'] as const;
export type TargetDirection = (typeof targetDirections)[number];

export const directionWords: Readonly<Record<TargetDirection, string>> = {
  at_least: 'at least',
  at_most: 'at most',
};

/** Half-open, as `YYYY-MM-DD`. */
export interface TargetDays {
  readonly from: string;
  readonly to: string;
}

/** In the whole network. */
export const mostTargets = 2_000;

/** REP-14: a number that the figure of a report is to reach, or not to exceed, of a place and in a period. */
export interface Target {
  target_id: string;
  report: string;
  /** The places and the report's own parameters, without a period. */
  parameters: Readonly<Record<string, unknown>>;
  /** The same for the same report and parameters. */
  question_key: string;
  /** The column whose figure of all rows it is about. */
  figure: string;
  direction: TargetDirection;
  /** In the unit of the column: a rate from 0 to 1. A wish, and no amount that anybody owes. */
  goal: number;
  /** Moves on with the calendar; null where the days say when: midnight UTC, half-open. */
  period: RelativePeriod | null;
  from: Date | null;
  to: Date | null;
  /** Who is told when the figure crosses it: user ids in the store, addresses to who reads it. */
  recipients: string[];
  set_by: string;
  /** How it stood when it was last looked at; null: it was not yet, or has no figure. */
  standing: TargetStanding | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

export interface TargetStanding {
  readonly is_met: boolean;
  /** Those that the period was then. */
  readonly days: TargetDays;
  /** Of the rows that say so, which only rises; null: every record was summed up. */
  readonly version: string | null;
  readonly since: Date;
}
