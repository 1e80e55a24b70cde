import type { KeptFormat, RelativePeriod } from '../engine/index.js';

export const savedFormats = ['csv', 'xlsx', 'pdf'] as const satisfies readonly KeptFormat[];
export type SavedFormat = (typeof savedFormats)[number];

export const schedulePaces = ['day', 'week', 'month'] as const;

/** Once on each of its days, on the clock of its zone. */
export interface Schedule {
  every: (typeof schedulePaces)[number];
  /** Of each week: 1 is Monday. */
  weekday: number | null;
  /** Of each month; in a month that is shorter, its last. */
  day: number | null;
  /** `HH:MM` */
  time: string;
  time_zone: string;
}

/** REP-10: a question that somebody has given a name. */
export interface SavedReport {
  saved_report_id: string;
  /** Whose it is. */
  user_id: string;
  name: string;
  report: string;
  /** As JSON has them, read anew whenever it is asked. */
  parameters: Readonly<Record<string, unknown>>;
  /** Stands for `from` and `to`, and moves on with the calendar. */
  period: RelativePeriod | null;
  /** What it is delivered as. */
  format: SavedFormat;
  schedule: Schedule | null;
  /** Who is sent it on the schedule beside its owner: user ids in the store, addresses to who reads it. */
  recipients: string[];
  /** When it is delivered next. */
  next_due_at: Date | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** `waiting` until its file is made; `failed` when there will be none. */
export const deliveryStatuses = ['waiting', 'done', 'failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** A saved report as it was when it was to be delivered, and what became of that. */
export interface Delivery {
  delivery_id: string;
  saved_report_id: string;
  /** To whom: it is asked, and seen, as they may. */
  user_id: string;
  name: string;
  report: string;
  parameters: Readonly<Record<string, unknown>>;
  period: RelativePeriod | null;
  format: SavedFormat;
  /** What the schedule said; null when it was asked for by hand. */
  due_at: Date | null;
  status: DeliveryStatus;
  /** Why there is no file, in a sentence. */
  failure: string | null;
  /** Of the file. */
  bytes: number | null;
  attempts: number;
  /** Nobody else makes it before that moment. */
  claimed_until: Date;
  /** Who claimed it last: an attempt of its own. */
  claim: string | null;
  version: number;
  created_at: Date;
  ended_at: Date | null;
  /** When it is forgotten, file and all. */
  expires_at: Date | null;
}

/** Whose a list may show, or who is sent them; all of them when nobody is named. */
export interface Visible {
  readonly user_id?: string;
  readonly recipients?: string;
}

/** How the deliveries of everybody stand. */
export interface DeliveriesSummary {
  readonly waiting: number;
  readonly failed: number;
  readonly last_failure: {
    readonly at: Date;
    readonly report: string;
    /** In a sentence. */
    readonly why: string | null;
  } | null;
}
