/** The worst first: the order in which checks are told. */
export const checkStatuses = ['failed', 'warning', 'ok'] as const;
export type CheckStatus = (typeof checkStatuses)[number];

/** How one part of what runs stands. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly status: CheckStatus;
  /** Since when it is so, or when it was last looked at; null where nothing says. */
  readonly since: Date | null;
  /** In a sentence or two, without a person's data. */
  readonly detail: string;
  readonly counts: Readonly<Record<string, number>>;
  /** What to type next; null where no command helps. */
  readonly command: string | null;
}

export interface Operations {
  /** That of the worst check. */
  readonly status: CheckStatus;
  readonly at: Date;
  readonly checks: readonly Check[];
}

/** What is looked at by itself: one that does not answer keeps no other waiting. */
export interface Probe {
  readonly id: string;
  readonly title: string;
  /** For whom it does not answer. */
  readonly command: string | null;
  look(now: Date): Promise<readonly Check[]>;
}
