import type { Money } from '../../lib/money.js';

export const paymentMethods = ['card', 'cash', 'bank_transfer'] as const;
export type PaymentMethod = (typeof paymentMethods)[number];

/** Read from the ledger, stored nowhere. */
export const transactionStatuses = ['paid', 'partially_refunded', 'refunded', 'voided'] as const;
export type TransactionStatus = (typeof transactionStatuses)[number];

/** `pending`: it waits for a second admin. `posted`: the money went back. */
export const refundStatuses = ['pending', 'posted', 'rejected'] as const;
export type RefundStatus = (typeof refundStatuses)[number];

export interface Refund {
  refund_id: string;
  transaction_id: string;
  amount: Money;
  /** Of `amount`, what is tax. */
  gst: Money;
  reason: string;
  status: RefundStatus;
  /** null: by the cancellation policy. */
  requested_by: string | null;
  requested_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
  /** `CRN-000001`; null until the money goes back. */
  credit_note_number: string | null;
}

/** What a payment paid for, as it stood then. */
export interface Booking {
  appointment_id: string;
  patient_id: string;
  patient_name: string;
  doctor_id: string;
  doctor_name: string;
  department_id: string;
  department_name: string;
  hospital_id: string;
  hospital_name: string;
  date: Date;
}

/** BILL-2: a payment of a booking. All amounts are exact; `total_fee` = `fee` + `gst`. */
export interface Transaction {
  transaction_id: string;
  appointment_id: string;
  patient_id: string;
  fee: Money;
  /** Percent, as text with two decimals; null: the item is exempt. */
  gst_rate: string | null;
  gst: Money;
  total_fee: Money;
  currency: string;
  payment_method: PaymentMethod;
  status: TransactionStatus;
  refunded: Money;
  refunds: Refund[];
  invoice_number: string;
  receipt_number: string;
  booking: Booking;
  paid_by: string;
  created_at: Date;
  voided_at: Date | null;
}

export const documentKinds = ['invoice', 'receipt', 'credit_note'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** BILL-6: what an invoice, a receipt or a credit note says. Times are shown on the clock of `time_zone`. */
export interface PaymentDocument {
  kind: DocumentKind;
  /** `INV-000001`, `RCT-000001`, `CRN-000001` */
  number: string;
  /** Of a credit note or receipt: the invoice that it belongs to. */
  refers_to: string | null;
  issued_at: Date;
  time_zone: string;
  seller: { name: string; address: string | null };
  buyer: { patient_id: string; name: string };
  transaction_id: string;
  appointment_id: string;
  visit: { doctor_name: string; department_name: string; date: Date };
  /** `gst_rate` null: exempt. `total` = `amount` + `gst`. Of a credit note the amounts are what goes back, above zero. */
  lines: { description: string; amount: Money; gst_rate: string | null; gst: Money; total: Money }[];
  fee: Money;
  gst: Money;
  total_fee: Money;
  currency: string;
  payment_method: PaymentMethod;
  reason: string | null;
  /** When the transaction was voided: the document says so across the page. */
  voided_at: Date | null;
}

/**
 * The news of what the ledger says of a payment (payload of the outbox entry `payment.changed`): for the mark in the
 * appointment and the notification of the patient.
 */
export interface PaymentChanged {
  appointment_id: string;
  patient_id: string;
  transaction_id: string;
  change: 'paid' | 'refunded' | 'voided';
  /** What was paid, went back, or was voided. */
  amount: Money;
  currency: string;
  /** The newest ledger entry of the appointment. */
  as_of: number;
  status: TransactionStatus;
  total_fee: Money;
  refunded: Money;
}

/** Its kind in the outbox. */
export const paymentChanged = 'payment.changed';
