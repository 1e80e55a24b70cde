import { toCents } from '../../../lib/money.js';
import type { PaymentMark } from '../../clinical/appointments/index.js';
import { stateOf, sumOf } from './payments.amounts.js';
import { demoProvider, isDemo } from './payments.provider.js';
import type { RefundRow, Series, TransactionRow } from './payments.model.js';
import type { LedgerEntry, Refund, RefundStatus, Transaction } from './payments.types.js';

/* Rows and ledger entries as the API shows them: pure. */

const prefixes: Readonly<Record<Series, string>> = { invoice: 'INV', receipt: 'RCT', credit_note: 'CRN' };

/** `INV-000001`; a number beyond six digits is longer. */
const numbered = <N extends string | null>(series: Series, number: N): N =>
  number === null ? number : (`${prefixes[series]}-${number.padStart(6, '0')}` as N);

const refundStatusOf = ({
  decided_at,
  credit_note_number,
}: Pick<RefundRow, 'decided_at' | 'credit_note_number'>): RefundStatus =>
  credit_note_number !== null ? 'posted' : decided_at === null ? 'pending' : 'rejected';

/** `entries` are those of its payment. */
export function toRefund(row: RefundRow, entries: readonly LedgerEntry[]): Refund {
  const status = refundStatusOf(row);
  const own = entries.filter(({ journal_id }) => journal_id === row.refund_id);
  return {
    ...row,
    status,
    gst: status === 'posted' ? sumOf(own, { account: 'gst_payable' }) : null,
    credit_note_number: numbered('credit_note', row.credit_note_number),
  };
}

/** `entries` and `refunds` are those of this payment. */
export function toTransaction(
  row: TransactionRow,
  refunds: readonly RefundRow[],
  entries: readonly LedgerEntry[],
): Transaction {
  const { status, refunded, voided_at } = stateOf(row.total_fee, entries);
  const isPending = row.paid_at === null && row.failed_at === null;
  const { provider, paid_at, failed_at, failure, bill_id } = row;
  const { transaction_id, appointment_id, patient_id, fee, gst_rate, gst, total_fee, currency } = row;
  const { patient_name, doctor_id, doctor_name, department_id, department_name } = row;
  const { hospital_id, hospital_name, payment_method, paid_by, created_at } = row;
  return {
    ...{ transaction_id, appointment_id, bill_id, patient_id, fee, gst_rate, gst, total_fee, currency },
    payment_method,
    status: isPending ? 'pending' : failed_at !== null ? 'failed' : status,
    refunded,
    refunds: refunds.map((refund) => toRefund(refund, entries)),
    invoice_number: numbered('invoice', row.invoice_number),
    receipt_number: numbered('receipt', row.receipt_number),
    ...{ provider, is_demo: isDemo(provider), paid_at, failed_at, failure },
    checkout_path: isPending && isDemo(provider) ? demoProvider('').checkoutPath(transaction_id) : null,
    booking: {
      ...{ appointment_id, patient_id, patient_name, doctor_id, doctor_name, department_id, department_name },
      ...{ hospital_id, hospital_name, date: row.visit_date },
    },
    ...{ paid_by, created_at, voided_at },
  };
}

/** What the appointment is told of its newest payment. */
export function toMark(
  { transaction_id, total_fee }: Pick<TransactionRow, 'transaction_id' | 'total_fee'>,
  entries: readonly LedgerEntry[],
): PaymentMark {
  const { status, refunded, as_of } = stateOf(total_fee, entries);
  return { transaction_id, status, total_fee, refunded, as_of };
}

/** In cents, what a further refund may come to: refunds that wait count as given. */
export const leftOf = ({ total_fee, refunds }: Transaction): bigint =>
  refunds
    .filter(({ status }) => status !== 'rejected')
    .reduce((left, { amount }) => left - toCents(amount), toCents(total_fee));
