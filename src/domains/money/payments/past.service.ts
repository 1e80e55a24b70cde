import type { BulkResult } from '../../../lib/bulk.js';
import { importChecked, type Existing } from '../../../lib/references.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import type { LedgerRepository } from './ledger.repository.js';
import type { Series, TransactionRow } from './payments.model.js';
import { pastBooks, type PastBooks, type PastRules } from './payments.past.js';
import type { PastPayment } from './payments.past.types.js';
import type { PaymentRepository } from './payments.repository.js';
import type { BookingMoney, LedgerEntry } from './payments.types.js';
import { toMark } from './payments.views.js';
import type { RefundRepository } from './refunds.repository.js';

export interface PastDeps {
  readonly payments: PaymentRepository;
  readonly refunds: RefundRepository;
  readonly ledger: LedgerRepository;
  readonly appointments: {
    readonly existing: Existing;
    raiseMarks(marks: readonly Mark[]): Promise<void>;
  };
  readonly transactSql: TransactSql;
  readonly rules: PastRules;
  moneyOf(appointment_ids: readonly string[]): Promise<BookingMoney[]>;
}

type Mark = Pick<BookingMoney, 'appointment_id' | 'mark' | 'changed_at'>;

interface Stored {
  /** Bookings and bills. */
  readonly opened: ReadonlySet<string>;
  readonly marks: readonly Mark[];
}

/** As `moneyOf`: of payments whose entries these are. */
function marksOf(rows: readonly TransactionRow[], entries: readonly LedgerEntry[]): Mark[] {
  const byPayment = new Map<string | null, LedgerEntry[]>();
  for (const entry of entries) {
    const own = byPayment.get(entry.transaction_id);
    if (own) own.push(entry);
    else byPayment.set(entry.transaction_id, [entry]);
  }
  return rows.flatMap((row) => {
    const own = byPayment.get(row.transaction_id);
    if (!own || row.bill_id !== null) return [];
    return [{ appointment_id: row.account_id, mark: toMark(row, own), changed_at: own.at(-1)!.posted_at }];
  });
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
   * `books.receive`, journals are first and numbers last. Gives the marks of those that were stored now.
   */
  async function store(all: readonly PastBooks[], tx: SqlTransaction): Promise<Stored> {
    const accounts = all.map(({ account }) => account);
    const opened = await payments.openAccounts(accounts, tx);
    const own = all.filter(({ account }) => opened.has(account.appointment_id));
    const rows = own.flatMap((one) => one.rows);
    const given = own.flatMap((one) => one.refunds);
    const entries = await ledger.postMany(
      own.flatMap((one) => one.journals),
      tx,
    );
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
    return { opened, marks: marksOf(rows, entries.flat()) };
  }

  async function storeMarked(good: readonly PastPayment[]): Promise<BulkResult> {
    const all = good.map((past) => pastBooks(past, deps.rules));
    // Beside the answer, which is kept for a week: of whichever attempt was committed.
    let done: Stored = { opened: new Set(), marks: [] };
    const stored = await deps.transactSql(async (tx) => {
      done = await store(all, tx);
      return done.opened.size;
    });
    // Set again where it was there: the process may have died between the commit and the marks.
    const there = good
      .filter(({ bill_id, snapshot }) => bill_id === null && !done.opened.has(snapshot.appointment_id!))
      .map(({ snapshot }) => snapshot.appointment_id!);
    const money = there.length > 0 ? await deps.moneyOf(there) : [];
    await deps.appointments.raiseMarks([...money, ...done.marks]);
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
