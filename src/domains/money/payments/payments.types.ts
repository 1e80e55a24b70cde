import type { Money } from '../../../lib/money.js';
import type { PaymentMark } from '../../clinical/appointments/appointments.types.js';

export const paymentMethods = ['card', 'cash', 'bank_transfer'] as const;
export type PaymentMethod = (typeof paymentMethods)[number];

/** Why a card's payment did not come about: so its provider said, it took too long, or it was not needed any more. */
export const paymentFailures = ['declined', 'expired', 'not_needed'] as const;
export type PaymentFailure = (typeof paymentFailures)[number];

/** What asked for a refund: somebody, or the cancellation of the booking. */
export const refundCauses = ['request', 'cancellation'] as const;
export type RefundCause = (typeof refundCauses)[number];

/** What a visit costs: `total_fee` = `fee` + `gst`. `gst_rate` is in percent, as text with two decimals; null: exempt. */
export interface Price {
  fee: Money;
  gst_rate: string | null;
  gst: Money;
  total_fee: Money;
}

/** Assets first: what is in the till and what patients owe; then what is owed to the state, earned and given back. */
export const ledgerAccounts = [
  'cash',
  'receivable',
  'gst_payable',
  'revenue',
  'refunds_given',
  'cancellation_fees',
] as const;
export type LedgerAccount = (typeof ledgerAccounts)[number];

export type JournalKind = 'bill' | 'payment' | 'refund' | 'void' | 'allowance' | 'forfeit';

/** A line of a journal: a debit above zero, a credit below. */
export interface JournalLine {
  account: LedgerAccount;
  amount: Money;
}

/** A line as the ledger has it. */
export interface LedgerEntry extends JournalLine {
  entry_number: number;
  journal_id: string;
  kind: JournalKind;
  transaction_id: string | null;
  posted_at: Date;
}

/** `pending`: its provider has not confirmed it. The others but `failed` are read from the ledger, and stored nowhere. */
export const transactionStatuses = [
  'pending',
  'failed',
  'paid',
  'partially_refunded',
  'refunded',
  'voided',
] as const;
export type TransactionStatus = (typeof transactionStatuses)[number];

/** `pending`: it waits for a second admin. `posted`: the money went back. */
export const refundStatuses = ['pending', 'posted', 'rejected'] as const;
export type RefundStatus = (typeof refundStatuses)[number];

export interface Refund {
  refund_id: string;
  transaction_id: string;
  amount: Money;
  /** Of `amount`, what is tax; null until the money goes back. */
  gst: Money | null;
  reason: string;
  status: RefundStatus;
  cause: RefundCause;
  /** Of a cancellation: who cancelled; null: nobody knows. */
  requested_by: string | null;
  requested_at: Date;
  /** null: nobody had to, or the cancellation policy did. */
  decided_by: string | null;
  decided_at: Date | null;
  decision_reason: string | null;
  /** `CRN-000001`; null until the money goes back. */
  credit_note_number: string | null;
}

/** What a payment paid for, as it stood then. */
export interface Booking {
  appointment_id: string | null;
  patient_id: string;
  patient_name: string;
  doctor_id: string | null;
  doctor_name: string;
  department_id: string | null;
  department_name: string;
  hospital_id: string | null;
  hospital_name: string;
  date: Date;
}

/** BILL-2, BILL-8: a payment of a booking or a bill. */
export interface Transaction extends Price {
  transaction_id: string;
  /** null: of a bill without a visit. */
  appointment_id: string | null;
  /** What it pays, when that is one bill and not a booking. */
  bill_id: string | null;
  patient_id: string;
  currency: string;
  payment_method: PaymentMethod;
  status: TransactionStatus;
  refunded: Money;
  refunds: Refund[];
  /** null until it is paid, both. */
  invoice_number: string | null;
  receipt_number: string | null;
  /** Who confirms it; null: it was taken at the desk. */
  provider: string | null;
  /** The provider moves no money: it is there to try the system with. */
  is_demo: boolean;
  /** While it is pending: where the payer goes on, below the address of the pages. */
  checkout_path: string | null;
  paid_at: Date | null;
  failed_at: Date | null;
  failure: PaymentFailure | null;
  booking: Booking;
  paid_by: string;
  created_at: Date;
  voided_at: Date | null;
}

export const documentKinds = ['invoice', 'receipt', 'credit_note'] as const;
export type PaperKind = (typeof documentKinds)[number];

/** BILL-6: what an invoice, a receipt or a credit note says. Times are shown on the clock of `time_zone`. */
export interface PaymentPaper {
  kind: PaperKind;
  /** `INV-000001`, `RCT-000001`, `CRN-000001` */
  number: string;
  /** Of a credit note or receipt: the invoice that it belongs to. */
  refers_to: string | null;
  issued_at: Date;
  time_zone: string;
  seller: { name: string; address: string | null };
  buyer: { patient_id: string; name: string };
  transaction_id: string;
  appointment_id: string | null;
  visit: { doctor_name: string; department_name: string; date: Date };
  /** `gst_rate` null: exempt. `total` = `amount` + `gst`. Of a credit note the amounts are what goes back, above zero. */
  lines: { description: string; amount: Money; gst_rate: string | null; gst: Money; total: Money }[];
  fee: Money;
  gst: Money;
  total_fee: Money;
  currency: string;
  payment_method: PaymentMethod;
  /** Paid through a provider that moves no money. */
  is_demo: boolean;
  reason: string | null;
  /** When the transaction was voided: the document says so across the page. */
  voided_at: Date | null;
}

/** What the books say of a booking that was ever paid: its newest payment, and whether its cancellation is applied. */
export interface BookingMoney {
  appointment_id: string;
  patient_id: string;
  doctor_id: string;
  /** What the appointment should say. */
  mark: PaymentMark;
  /** Money of it is still here. */
  is_live: boolean;
  is_closed: boolean;
  /** When the ledger last posted about it. */
  changed_at: Date;
}
