import type { AppointmentCancelled } from '../../../contracts/hand-overs.js';
import type { Money } from '../../../lib/money.js';
import type { TransactionRow } from './payments.model.js';
import type { Snapshot } from './payments.visits.js';

/** A try at paying; one with neither time waits for its provider. */
export type PastTry = Pick<
  TransactionRow,
  | 'transaction_id'
  | 'payment_method'
  | 'provider'
  | 'paid_by'
  | 'created_at'
  | 'paid_at'
  | 'failed_at'
  | 'failure'
>;

/** A refund of a payment of a bill. */
export interface PastRefund {
  readonly refund_id: string;
  /** Whole, of what was paid. */
  readonly percent: number;
  readonly reason: string;
  readonly requested_by: string;
  readonly requested_at: Date;
  /** By a second person, where one is asked; null: nobody has looked at it. */
  readonly decision: { readonly by: string; readonly at: Date; readonly isApproved: boolean } | null;
}

/**
 * How a booking or a bill was paid, and what became of it: what happened, for what it comes to is said by the rules here. At most
 * one of the tries was paid, and it is the last.
 */
export interface PastPayment {
  /** What was paid, when that is one bill and not a booking. */
  readonly bill_id: string | null;
  readonly snapshot: Snapshot;
  readonly fee: Money;
  /** Of the doctor: whether the consultation is taxed. */
  readonly specialty: string;
  readonly tries: readonly PastTry[];
  readonly refunds: readonly PastRefund[];
  /** The visit did not take place. */
  readonly cancelled: AppointmentCancelled | null;
}
