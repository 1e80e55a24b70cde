import type { BulkResult } from '../../../lib/bulk.js';
import { importChecked, type Existing } from '../../../lib/references.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import type { LedgerRepository } from './ledger.repository.js';
import type { Series } from './payments.model.js';
import { pastBooks, type PastBooks, type PastRules } from './payments.past.js';
import type { PastPayment } from './payments.past.types.js';
import type { PaymentRepository } from './payments.repository.js';
import type { BookingMoney } from './payments.types.js';
import type { RefundRepository } from './refunds.repository.js';

export interface PastDeps {
  readonly payments: PaymentRepository;
  readonly refunds: RefundRepository;
  readonly ledger: LedgerRepository;
  readonly appointments: {
    readonly existing: Existing;
    raiseMarks(marks: readonly Pick<BookingMoney, 'appointment_id' | 'mark' | 'changed_at'>[]): Promise<void>;
  };
  readonly transactSql: TransactSql;
  readonly rules: PastRules;
  moneyOf(appointment_ids: readonly string[]): Promise<BookingMoney[]>;
}

const faultOf = ({ bill_id, snapshot, tries }: PastPayment): string | undefined => {
  if (bill_id === null && snapshot.appointment_id === null) return 'it pays neither a booking nor a bill';
  return tries.slice(0, -1).some(({ failed_at }) => failed_at === null)
    ? 'a try follows one that has not failed'
    : undefined;
};

/** Payments that come in bulk, with the time at which they were made. */
export function createPastService(deps: PastDeps) {
  const { payments, refunds, ledger } = deps;

  /** So many next numbers, of those that are to have one, in their order. */
  async function numbering<T>(
    series: Series,
    all: readonly T[],
    isNumbered: (one: T) => boolean,
    tx: SqlTransaction,
  ): Promise<(string | null)[]> {
    const count = all.filter(isNumbered).length;
    let next = count > 0 ? await payments.takeNumbers(series, count, tx) : 0n;
    return all.map((one) => (isNumbered(one) ? String(next++) : null));
  }

  /**
   * An account is opened once: one that is there already was stored before, or somebody here has decided about its money since. As in
   * `books.receive`, journals are first and numbers last.
   */
  async function store(all: readonly PastBooks[], tx: SqlTransaction): Promise<number> {
    const accounts = all.map(({ account }) => account);
    const opened = await payments.openAccounts(accounts, tx);
    const own = all.filter(({ account }) => opened.has(account.appointment_id));
    const rows = own.flatMap((one) => one.rows);
    const given = own.flatMap((one) => one.refunds);
    const journals = own.flatMap((one) => one.journals);
    await ledger.postMany(journals, tx);
    const invoices = await numbering('invoice', rows, ({ paid_at }) => paid_at !== null, tx);
    const receipts = await numbering('receipt', rows, ({ paid_at }) => paid_at !== null, tx);
    const notes = await numbering('credit_note', given, ({ isGiven }) => isGiven, tx);
    const numbered = rows.map((row, index) => ({
      ...row,
      ...{ invoice_number: invoices[index]!, receipt_number: receipts[index]! },
    }));
    await payments.insertMany(numbered, tx);
    await refunds.insertMany(
      given.map(({ row }, index) => ({ ...row, credit_note_number: notes[index]! })),
      tx,
    );
    return own.length;
  }

  async function storeMarked(good: readonly PastPayment[]): Promise<BulkResult> {
    const all = good.map((past) => pastBooks(past, deps.rules));
    const stored = await deps.transactSql((tx) => store(all, tx));
    // Read and set again when all of it was there: the process may have died between the commit and the marks.
    const bookings = good.filter(({ bill_id }) => bill_id === null);
    const money = await deps.moneyOf(bookings.map(({ snapshot }) => snapshot.appointment_id!));
    await deps.appointments.raiseMarks(money);
    return { stored, unchanged: all.length - stored, rejected: [] };
  }

  return {
    /**
     * Payments of the past, as if they had been made here: the same journals, numbers and marks, but at their own time, and nobody is
     * notified. Idempotent by the booking or bill. The bills must be there.
     */
    importMany: (records: readonly PastPayment[]): Promise<BulkResult> =>
      importChecked(
        records.map((past) => ({ ...past, appointment_id: past.snapshot.appointment_id })),
        {
          idOf: ({ bill_id, appointment_id }) => bill_id ?? appointment_id ?? '',
          fault: faultOf,
          references: [{ field: 'appointment_id', existing: deps.appointments.existing }],
          store: storeMarked,
        },
      ),
  };
}

export type PastService = ReturnType<typeof createPastService>;
