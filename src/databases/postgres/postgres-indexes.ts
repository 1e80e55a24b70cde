/** An index of Postgres that we own, beside its primary keys. `serves` says which query or rule needs it. */
export interface PostgresIndex {
  readonly table: string;
  readonly name: string;
  readonly unique?: true;
  /** What stands behind `using btree`, spelled as `pg_get_indexdef` spells it, for the two are compared. */
  readonly columns: string;
  readonly serves: string;
}

export const postgresIndexes: readonly PostgresIndex[] = [
  {
    table: 'billing',
    name: 'billing_consultation_once',
    unique: true,
    columns: `(appointment_id) WHERE (kind = 'consultation'::text)`,
    serves: 'BILL-1: an appointment is billed once (made by migration 0001)',
  },
  {
    table: 'billing',
    name: 'billing_by_time',
    columns: '(created_at, id)',
    serves: 'GET /billing, what was billed in a period',
  },
  {
    table: 'billing',
    name: 'billing_by_kind',
    columns: '(kind, created_at, id)',
    serves: 'GET /billing?kind=, the report average-prescription-cost of a period',
  },
  {
    table: 'billing',
    name: 'billing_by_hospital',
    columns: '(hospital_id, created_at, id)',
    serves: 'GET /billing?hospital_id=, reports of one hospital',
  },
  {
    table: 'billing',
    name: 'billing_by_disease',
    columns: '(disease, created_at, id) INCLUDE (disease_code)',
    serves: 'GET /billing?disease=, which codes a disease goes by, for the reports',
  },
  {
    table: 'billing',
    name: 'billing_by_patient',
    columns: '(patient_id, created_at, id)',
    serves: 'GET /billing?patient_id=, and of a patient',
  },
  {
    table: 'billing',
    name: 'billing_by_appointment',
    columns: '(appointment_id, created_at, id)',
    serves: 'GET /billing?appointment_id=',
  },
  {
    table: 'ledger_entries',
    name: 'ledger_entries_transaction',
    columns: '(transaction_id) WHERE (transaction_id IS NOT NULL)',
    serves: 'the sums of what was posted for a payment before its row (made by migration 0003)',
  },
  {
    table: 'transactions',
    name: 'transactions_by_time',
    columns: '(created_at, transaction_id)',
    serves: 'GET /transactions',
  },
  {
    table: 'transactions',
    name: 'transactions_by_patient',
    columns: '(patient_id, created_at, transaction_id)',
    serves: 'GET /transactions of a patient',
  },
  {
    table: 'refunds',
    name: 'refunds_by_transaction',
    columns: '(transaction_id)',
    serves: 'the refunds of a payment',
  },
  {
    table: 'refunds',
    name: 'refunds_by_time',
    columns: '(requested_at, refund_id)',
    serves: 'GET /refunds',
  },
  {
    table: 'ledger_entries',
    name: 'ledger_by_transaction',
    columns: '(transaction_id) WHERE (transaction_id IS NOT NULL)',
    serves: 'the status of a payment, and what is left of it',
  },
  {
    table: 'ledger_entries',
    name: 'ledger_by_patient',
    columns: '(patient_id, account)',
    serves: 'what a patient owes: whether the record can be removed',
  },
  {
    table: 'ledger_entries',
    name: 'ledger_by_appointment',
    columns: '(appointment_id, entry_number)',
    serves: 'what was billed and paid for a visit',
  },
  {
    table: 'outbox',
    name: 'outbox_waiting',
    columns: '(entry_id) WHERE (applied_at IS NULL)',
    serves: 'the relay',
  },
  {
    table: 'idempotency_keys',
    name: 'idempotency_keys_by_time',
    columns: '(created_at)',
    serves: 'BILL-3: answers are kept for a week',
  },
];
