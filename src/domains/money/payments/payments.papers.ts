import { toCents, fromCents } from '../../../lib/money.js';
import type { TransactionRow } from './payments.model.js';
import { isDemo } from './payments.provider.js';
import type { PaperKind, PaymentPaper, Price, Refund, Transaction } from './payments.types.js';

/* BILL-6: what the papers say, as of the payment: pure. */

interface Issued {
  readonly kind: PaperKind;
  readonly number: string;
  readonly refers_to: string | null;
  readonly issued_at: Date;
  readonly price: Price;
  readonly reason: string | null;
}

function documentOf(
  row: TransactionRow,
  { voided_at }: Transaction,
  { price, ...issued }: Issued,
): PaymentPaper {
  const { fee, gst_rate, gst, total_fee } = price;
  const what = row.bill_id === null ? 'Consultation with' : 'Medicines prescribed by';
  const description = `${what} ${row.doctor_name}, ${row.department_name}`;
  return {
    ...issued,
    time_zone: row.time_zone,
    seller: { name: row.hospital_name, address: row.hospital_address },
    buyer: { patient_id: row.patient_id, name: row.patient_name },
    transaction_id: row.transaction_id,
    appointment_id: row.appointment_id,
    visit: { doctor_name: row.doctor_name, department_name: row.department_name, date: row.visit_date },
    lines: [{ description, amount: fee, gst_rate, gst, total: total_fee }],
    ...{ fee, gst, total_fee },
    currency: row.currency,
    payment_method: row.payment_method,
    is_demo: isDemo(row.provider),
    voided_at,
  };
}

/** Of a payment that came about; null for any other, as of the receipt. */
export function invoiceOf(row: TransactionRow, payment: Transaction): PaymentPaper | null {
  const { invoice_number: number, paid_at: issued_at } = payment;
  if (number === null || issued_at === null) return null;
  const issued = { kind: 'invoice', number, refers_to: null, issued_at } as const;
  return documentOf(row, payment, { ...issued, price: payment, reason: null });
}

export function receiptOf(row: TransactionRow, payment: Transaction): PaymentPaper | null {
  const { receipt_number: number, invoice_number: refers_to, paid_at: issued_at } = payment;
  if (number === null || issued_at === null) return null;
  const issued = { kind: 'receipt', number, refers_to, issued_at } as const;
  return documentOf(row, payment, { ...issued, price: payment, reason: null });
}

/** Of a refund that was given; null for any other. */
export function creditNoteOf(
  row: TransactionRow,
  payment: Transaction,
  { amount, gst, reason, decided_at, credit_note_number }: Refund,
): PaymentPaper | null {
  if (credit_note_number === null || decided_at === null || gst === null) return null;
  const fee = fromCents(toCents(amount) - toCents(gst));
  return documentOf(row, payment, {
    kind: 'credit_note',
    number: credit_note_number,
    refers_to: payment.invoice_number,
    issued_at: decided_at,
    price: { fee, gst_rate: payment.gst_rate, gst, total_fee: amount },
    reason,
  });
}
