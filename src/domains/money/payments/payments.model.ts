import { defineTable, type Written } from '../../../databases/postgres/postgres-table.js';
import type { Money } from '../../../lib/money.js';
import type {
  JournalKind,
  LedgerAccount,
  PaymentFailure,
  PaymentMethod,
  Price,
  RefundCause,
} from './payments.types.js';

/* The tables of migration 0002, as their rows are read. A bigint comes as text. */

export interface AccountRow {
  appointment_id: string;
  patient_id: string;
  /** When the booking was cancelled; since then it takes no payment. */
  closed_at: Date | null;
  refund_percent: number | null;
}

export const bookingAccounts = defineTable<AccountRow>({
  table: 'booking_accounts',
  columns: {
    appointment_id: 'text',
    patient_id: 'text',
    closed_at: 'timestamptz(3)',
    refund_percent: 'integer',
  },
  primaryKey: ['appointment_id'],
  indexes: [],
});

export interface TransactionRow extends Price {
  transaction_id: string;
  /** null: of a bill without a visit. */
  appointment_id: string | null;
  /** What it pays, when that is one bill and not a booking. */
  bill_id: string | null;
  /** The booking's or the bill's id: whose account it is on. */
  account_id: string;
  /** 1, and one more each time that all of the payment before went back; null until it is paid. */
  attempt: number | null;
  patient_id: string;
  doctor_id: string | null;
  department_id: string | null;
  hospital_id: string | null;
  currency: string;
  payment_method: PaymentMethod;
  invoice_number: string | null;
  receipt_number: string | null;
  patient_name: string;
  doctor_name: string;
  department_name: string;
  hospital_name: string;
  hospital_address: string | null;
  visit_date: Date;
  time_zone: string;
  paid_by: string;
  created_at: Date;
  /** Who confirms it; null: it was taken at the desk. */
  provider: string | null;
  paid_at: Date | null;
  failed_at: Date | null;
  failure: PaymentFailure | null;
}

export const transactionsTable = defineTable<TransactionRow>({
  table: 'transactions',
  columns: {
    transaction_id: 'text',
    appointment_id: 'text',
    attempt: 'integer',
    patient_id: 'text',
    doctor_id: 'text',
    department_id: 'text',
    hospital_id: 'text',
    fee: 'numeric(12,2)',
    gst_rate: 'numeric(5,2)',
    gst: 'numeric(12,2)',
    total_fee: 'numeric(12,2)',
    currency: 'text',
    payment_method: 'text',
    invoice_number: 'bigint',
    receipt_number: 'bigint',
    patient_name: 'text',
    doctor_name: 'text',
    department_name: 'text',
    hospital_name: 'text',
    hospital_address: 'text',
    visit_date: 'timestamptz(3)',
    time_zone: 'text',
    paid_by: 'text',
    created_at: 'timestamptz(3)',
    bill_id: 'text',
    provider: 'text',
    paid_at: 'timestamptz(3)',
    failed_at: 'timestamptz(3)',
    failure: 'text',
    account_id: 'text',
  },
  primaryKey: ['transaction_id'],
  references: { account_id: 'booking_accounts', bill_id: 'billing' },
  indexes: [
    {
      name: 'transactions_one_pending',
      unique: true,
      columns: '(account_id) WHERE ((paid_at IS NULL) AND (failed_at IS NULL))',
      serves: 'BILL-7: one card at a time is asked for a payment (made by migration 0004)',
    },
    {
      name: 'transactions_by_appointment',
      columns: '(appointment_id, created_at, transaction_id)',
      serves: 'GET /transactions?appointment_id=, the first payment of a visit (made by migration 0004)',
    },
    {
      name: 'transactions_by_time',
      columns: '(created_at, transaction_id)',
      serves: 'GET /transactions',
    },
    {
      name: 'transactions_by_patient',
      columns: '(patient_id, created_at, transaction_id)',
      serves: 'GET /transactions of a patient',
    },
  ],
});

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
  cause: RefundCause;
}

export const refundsTable = defineTable<RefundRow>({
  table: 'refunds',
  columns: {
    refund_id: 'text',
    transaction_id: 'text',
    amount: 'numeric(12,2)',
    reason: 'text',
    requested_by: 'text',
    requested_at: 'timestamptz(3)',
    decided_by: 'text',
    decided_at: 'timestamptz(3)',
    decision_reason: 'text',
    credit_note_number: 'bigint',
    cause: 'text',
  },
  primaryKey: ['refund_id'],
  references: { transaction_id: 'transactions' },
  indexes: [
    {
      name: 'refunds_by_transaction',
      columns: '(transaction_id)',
      serves: 'the refunds of a payment',
    },
    {
      name: 'refunds_by_time',
      columns: '(requested_at, refund_id)',
      serves: 'GET /refunds',
    },
  ],
});

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

export const ledgerEntries = defineTable<EntryRow & Written>({
  table: 'ledger_entries',
  columns: {
    entry_number: 'bigint',
    journal_id: 'text',
    line: 'integer',
    kind: 'text',
    account: 'text',
    amount: 'numeric(12,2)',
    patient_id: 'text',
    appointment_id: 'text',
    transaction_id: 'text',
    posted_at: 'timestamptz(3)',
    written_by: 'xid8',
  },
  primaryKey: ['entry_number'],
  references: { transaction_id: 'transactions' },
  indexes: [
    {
      name: 'ledger_entries_transaction',
      columns: '(transaction_id) WHERE (transaction_id IS NOT NULL)',
      serves: 'the sums of what was posted for a payment before its row (made by migration 0003)',
    },
    {
      name: 'ledger_by_transaction',
      columns: '(transaction_id) WHERE (transaction_id IS NOT NULL)',
      serves: 'the status of a payment, and what is left of it',
    },
    {
      name: 'ledger_by_patient',
      columns: '(patient_id, account)',
      serves: 'what a patient owes: whether the record can be removed',
    },
    {
      name: 'ledger_by_appointment',
      columns: '(appointment_id, entry_number)',
      serves: 'what was billed and paid for a visit',
    },
    {
      name: 'ledger_by_writer',
      columns: '(written_by)',
      serves: 'what was posted since the mirror of the reports looked last',
    },
  ],
});

export type Series = 'invoice' | 'receipt' | 'credit_note';

export const numberSeries = defineTable<{ series: Series; last: string }>({
  table: 'number_series',
  columns: {
    series: 'text',
    last: 'bigint',
  },
  primaryKey: ['series'],
  indexes: [],
});
