import type { Money } from '../../../lib/money.js';
import type { JournalKind, LedgerAccount, PaymentMethod, Price } from './payments.types.js';

/* The tables of migration 0002, as their rows are read. A bigint comes as text. */

export interface AccountRow {
  appointment_id: string;
  patient_id: string;
  /** When the booking was cancelled; since then it takes no payment. */
  closed_at: Date | null;
  refund_percent: number | null;
}

export interface TransactionRow extends Price {
  transaction_id: string;
  appointment_id: string;
  /** 1, and one more each time that all of the payment before went back. */
  attempt: number;
  patient_id: string;
  doctor_id: string;
  department_id: string;
  hospital_id: string;
  currency: string;
  payment_method: PaymentMethod;
  invoice_number: string;
  receipt_number: string;
  patient_name: string;
  doctor_name: string;
  department_name: string;
  hospital_name: string;
  hospital_address: string | null;
  visit_date: Date;
  time_zone: string;
  paid_by: string;
  created_at: Date;
}

export interface RefundRow {
  refund_id: string;
  transaction_id: string;
  amount: Money;
  reason: string;
  requested_by: string | null;
  requested_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
  decision_reason: string | null;
  credit_note_number: string | null;
}

export interface EntryRow {
  entry_number: string;
  journal_id: string;
  line: number;
  kind: JournalKind;
  account: LedgerAccount;
  amount: Money;
  patient_id: string;
  appointment_id: string | null;
  transaction_id: string | null;
  posted_at: Date;
}

export type Series = 'invoice' | 'receipt' | 'credit_note';
