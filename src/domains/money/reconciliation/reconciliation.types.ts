/** The ways in which the two stores can differ, in the order in which they are looked for and repaired. */
export const driftKinds = [
  'outbox_stuck',
  'completed_without_bill',
  'bill_without_visit',
  'cancelled_not_settled',
  'paid_without_visit',
  'payment_mark_wrong',
  'appointment_without_claim',
  'claim_without_appointment',
  'ledger_unbalanced',
  'bill_not_posted',
  'payment_not_posted',
  'refund_above_payment',
  'paid_twice',
  'number_gap',
  'not_accepted_today',
] as const;
export type DriftKind = (typeof driftKinds)[number];

/** One difference. `detail` says what each side has, without a name or a diagnosis: it is printed and logged. */
export interface Drift {
  readonly id: string;
  readonly detail: string;
}

export interface Example extends Drift {
  readonly repaired: boolean;
}

export interface KindReport {
  readonly kind: DriftKind;
  readonly title: string;
  /** How many records were looked at. */
  readonly compared: number;
  readonly found: number;
  readonly repaired: number;
  readonly left: number;
  /** Twenty at the most, those that are left first. */
  readonly examples: readonly Example[];
  /** What somebody is to do about those that are left. */
  readonly advice: string;
}

export interface ReconcileReport {
  readonly at: Date;
  readonly seconds: number;
  readonly applied: boolean;
  readonly kinds: readonly KindReport[];
  readonly found: number;
  readonly repaired: number;
  readonly left: number;
}

export interface ReconcileProgress {
  readonly kind: DriftKind;
  readonly compared: number;
  /** 0 to 1. */
  readonly fraction: number;
}

export interface ReconcileOptions {
  /** Repairs what can be repaired. */
  readonly apply: boolean;
  /** Only these; all by default. */
  readonly kinds?: readonly DriftKind[] | undefined;
  /**
   * What has changed for less than this is still on its way, and no drift: an outbox entry that explains it was written in
   * the same transaction. A minute by default; 0 when nothing else runs on these stores.
   */
  readonly graceMs?: number | undefined;
  /** Ends the run between two batches. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReconcileProgress) => void) | undefined;
}

/** What was left of each kind when it was last looked for, by whichever process. */
export interface LastReconcile {
  readonly left: Readonly<Partial<Record<DriftKind, number>>>;
  /** The end of the last run over all kinds; null before the first. */
  readonly at: Date | null;
}
