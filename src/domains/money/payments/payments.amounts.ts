import { fromCents, sumMoney, toCents, type Money } from '../../../lib/money.js';
import type {
  JournalKind,
  JournalLine,
  LedgerAccount,
  LedgerEntry,
  Price,
  TransactionStatus,
} from './payments.types.js';

/* What money comes to: pure, exact to the cent, and the only place that says so. */

/** `numerator / denominator`, both not negative, rounded half up to a whole number. */
const halfUp = (numerator: bigint, denominator: bigint): bigint =>
  (2n * numerator + denominator) / (2n * denominator);

/** `gst_rate` in percent with two decimals (`'18.00'`), null when the item is exempt. */
export function priceOf(fee: Money, gst_rate: string | null): Price {
  const gst = gst_rate === null ? 0n : halfUp(toCents(fee) * toCents(gst_rate), 10_000n);
  return { fee, gst_rate, gst: fromCents(gst), total_fee: fromCents(toCents(fee) + gst) };
}

/** BILL-7: a further refund that brings those of a payment above the limit waits for a second person. */
export const isAboveLimit = (refunded: Money, amount: Money, limit: Money): boolean =>
  toCents(refunded) + toCents(amount) > toCents(limit);

/** The whole percentage of an amount. */
export const percentOf = (amount: Money, percent: number): Money =>
  fromCents(halfUp(toCents(amount) * BigInt(percent), 100n));

/**
 * Of a refund that follows refunds of `before`, what is fee and what is tax. The tax is rounded over all that has gone
 * back so far and not for each refund, so that the parts of many refunds add up to those of the payment.
 */
export function splitRefund(
  { gst, total_fee }: Price,
  before: Money,
  amount: Money,
): { amount: Money; fee: Money; gst: Money } {
  const gstUpTo = (refunded: bigint): bigint => halfUp(toCents(gst) * refunded, toCents(total_fee));
  const [from, to] = [toCents(before), toCents(before) + toCents(amount)];
  const part = gstUpTo(to) - gstUpTo(from);
  return { amount, fee: fromCents(toCents(amount) - part), gst: fromCents(part) };
}

/** Lines of nothing are left out. What is given balances, or it throws: the ledger would refuse it too. */
function journal(...lines: readonly (readonly [LedgerAccount, bigint])[]): JournalLine[] {
  const sum = lines.reduce((total, [, cents]) => total + cents, 0n);
  if (sum !== 0n) throw new RangeError(`a journal does not balance: ${fromCents(sum)}`);
  return lines
    .filter(([, cents]) => cents !== 0n)
    .map(([account, cents]) => ({ account, amount: fromCents(cents) }));
}

/** Money came in; of it the fee pays what the patient owes or will owe, the tax is the state's. */
export const paymentJournal = ({ fee, gst, total_fee }: Price): JournalLine[] =>
  journal(['cash', toCents(total_fee)], ['receivable', -toCents(fee)], ['gst_payable', -toCents(gst)]);

/**
 * Money goes back. While the visit is to come, the patient's account is as it was before; what the hospital has earned
 * already (`isEarned`: billed, or kept by the cancellation policy) it gives away.
 */
export const refundJournal = (
  { amount, fee, gst }: { amount: Money; fee: Money; gst: Money },
  isEarned: boolean,
): JournalLine[] =>
  journal(
    ['cash', -toCents(amount)],
    [isEarned ? 'refunds_given' : 'receivable', toCents(fee)],
    ['gst_payable', toCents(gst)],
  );

/** The payment never was: the patient owes the fee again, unless the booking is cancelled (`isClosed`). */
export const voidJournal = ({ fee, gst, total_fee }: Price, isClosed: boolean): JournalLine[] =>
  journal(
    ['cash', -toCents(total_fee)],
    [isClosed ? 'refunds_given' : 'receivable', toCents(fee)],
    ['gst_payable', toCents(gst)],
  );

/** The visit is billed whole, and a part of its payment had gone back before: nobody asks the patient for it again. */
export const allowanceJournal = (fee: Money): JournalLine[] =>
  journal(['refunds_given', toCents(fee)], ['receivable', -toCents(fee)]);

/** The booking is cancelled, and this much of its fee stays with the hospital. */
export const forfeitJournal = (fee: Money): JournalLine[] =>
  journal(['receivable', toCents(fee)], ['cancellation_fees', -toCents(fee)]);

/** The sum of some of the entries: of a kind, of an account. */
export const sumOf = (
  entries: readonly LedgerEntry[],
  { kind, account }: { kind?: JournalKind; account: LedgerAccount },
): Money =>
  sumMoney(
    entries
      .filter((entry) => entry.account === account && (kind === undefined || entry.kind === kind))
      .map(({ amount }) => amount),
  );

/** What the ledger says of a payment; `entries` are those of its transaction. */
interface PaymentState {
  readonly status: Exclude<TransactionStatus, 'pending' | 'failed'>;
  readonly refunded: Money;
  readonly voided_at: Date | null;
  /** The number of the newest entry. */
  readonly as_of: number;
}

export function stateOf(total_fee: Money, entries: readonly LedgerEntry[]): PaymentState {
  const refunded = -toCents(sumOf(entries, { kind: 'refund', account: 'cash' }));
  const voided_at = entries.find(({ kind }) => kind === 'void')?.posted_at ?? null;
  const status =
    voided_at !== null
      ? 'voided'
      : refunded === 0n
        ? 'paid'
        : refunded < toCents(total_fee)
          ? 'partially_refunded'
          : 'refunded';
  const as_of = Math.max(0, ...entries.map(({ entry_number }) => entry_number));
  return { status, refunded: fromCents(refunded), voided_at, as_of };
}

/** Whether money of the payment is still here. */
export const isLive = ({ status }: { readonly status: TransactionStatus }): boolean =>
  status === 'paid' || status === 'partially_refunded';
