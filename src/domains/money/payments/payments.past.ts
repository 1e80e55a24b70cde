import { fromCents, sumMoney, toCents, type Money } from '../../../lib/money.js';
import type { Journal } from './ledger.repository.js';
import {
  forfeitJournal,
  isAboveLimit,
  paymentJournal,
  percentOf,
  priceOf,
  refundJournal,
  splitRefund,
} from './payments.amounts.js';
import { policyRefund } from './payments.cancelled.js';
import type { AccountRow, RefundRow, TransactionRow } from './payments.model.js';
import type { PastPayment, PastRefund } from './payments.past.types.js';
import type { JournalLine, Price } from './payments.types.js';

/* What the books would say of a payment of the past, had it been made here: pure, by the rules of `payments.amounts`. */

/** What the configuration says of the past too. */
export interface PastRules {
  readonly currency: string;
  readonly approvalAbove: Money;
  priceFor(fee: Money, specialty: string | null): Price;
}

export interface PostedJournal {
  readonly journal: Journal;
  readonly lines: readonly JournalLine[];
}

/** Numbers are null: they are taken when the rows are stored. */
export interface PastBooks {
  readonly account: AccountRow;
  readonly rows: readonly TransactionRow[];
  /** `isGiven`: the money went back, and a credit note is to be numbered. */
  readonly refunds: readonly { readonly row: RefundRow; readonly isGiven: boolean }[];
  readonly journals: readonly PostedJournal[];
}

type Asked = Pick<RefundRow, 'refund_id' | 'amount' | 'reason' | 'requested_by' | 'requested_at' | 'cause'>;

/** As `books.refund`: what is above the limit waits for the second person, and what is not has gone back at once. */
function refundOf(
  transaction_id: string,
  asked: Asked,
  decision: PastRefund['decision'],
  isAbove: boolean,
): { row: RefundRow; isGiven: boolean } {
  const common = { ...asked, transaction_id, decision_reason: null, credit_note_number: null };
  if (!isAbove)
    return { row: { ...common, decided_by: null, decided_at: asked.requested_at }, isGiven: true };
  const { by: decided_by = null, at: decided_at = null, isApproved = false } = decision ?? {};
  return { row: { ...common, decided_by, decided_at }, isGiven: isApproved };
}

/** What was asked to go back: by the policy of a visit that did not take place, or by somebody. */
function askedOf(past: PastPayment, price: Price, transaction_id: string): Asked[] {
  const { cancelled } = past;
  if (!cancelled)
    return past.refunds.map(({ refund_id, percent, reason, requested_by, requested_at }) => ({
      ...{ refund_id, amount: percentOf(price.total_fee, percent), reason, requested_by, requested_at },
      cause: 'request',
    }));
  const { total_fee } = price;
  const byPolicy = policyRefund({ total_fee, refunded: fromCents(0n) }, cancelled);
  const requested_at = cancelled.cancelled_at;
  return byPolicy ? [{ ...byPolicy, refund_id: `${transaction_id}-RF`, requested_at }] : [];
}

function accountOf({ bill_id, snapshot, cancelled }: PastPayment): AccountRow {
  const { appointment_id, patient_id } = snapshot;
  return {
    ...{ appointment_id: bill_id ?? appointment_id!, patient_id },
    closed_at: cancelled?.cancelled_at ?? null,
    refund_percent: cancelled?.refund_percent ?? null,
  };
}

export function pastBooks(past: PastPayment, rules: PastRules): PastBooks {
  const { bill_id, snapshot, fee, cancelled } = past;
  const { appointment_id, patient_id } = snapshot;
  // As `chargeBill`: the tax is on consultations.
  const price = bill_id === null ? rules.priceFor(fee, past.specialty) : priceOf(fee, null);
  const account = accountOf(past);
  const rows = past.tries.map((one): TransactionRow => ({
    ...{ ...one, ...snapshot, ...price, bill_id, account_id: account.appointment_id },
    ...{ currency: rules.currency, attempt: one.paid_at && 1, invoice_number: null, receipt_number: null },
  }));
  const paid = rows.find(({ paid_at }) => paid_at !== null);
  if (!paid) return { account, rows, refunds: [], journals: [] };

  const { transaction_id } = paid;
  const about = { patient_id, appointment_id, transaction_id };
  const journals: PostedJournal[] = [
    {
      journal: { ...about, journal_id: transaction_id, kind: 'payment', posted_at: paid.paid_at! },
      lines: paymentJournal(price),
    },
  ];
  const refunds: PastBooks['refunds'][number][] = [];
  let refunded = fromCents(0n);
  let left = toCents(price.fee);
  for (const [index, asked] of askedOf(past, price, transaction_id).entries()) {
    const { amount, refund_id } = asked;
    const isAbove = isAboveLimit(refunded, amount, rules.approvalAbove);
    const refund = refundOf(transaction_id, asked, past.refunds[index]?.decision ?? null, isAbove);
    const split = splitRefund(price, refunded, amount);
    refunds.push(refund);
    // Of a cancelled booking, what waits is not kept yet.
    left -= toCents(split.fee);
    if (!refund.isGiven) continue;
    refunded = sumMoney([refunded, amount]);
    journals.push({
      journal: { ...about, journal_id: refund_id, kind: 'refund', posted_at: refund.row.decided_at! },
      lines: refundJournal(split, cancelled === null),
    });
  }
  // As `keepRest`: what does not go back of a fee that was never billed is the hospital's.
  if (cancelled && left > 0n)
    journals.push({
      journal: {
        ...{ ...about, transaction_id: null, journal_id: `forfeit:${appointment_id}`, kind: 'forfeit' },
        posted_at: cancelled.cancelled_at,
      },
      lines: forfeitJournal(fromCents(left)),
    });
  return { account, rows, refunds, journals };
}
