import type { Knex } from '../../../databases/postgres/postgres.js';
import { bulkInsert } from '../../../databases/postgres/bulk-insert.js';
import { newestFirst } from '../../../databases/postgres/sql-page.js';
import { sqlOf } from '../../../databases/postgres/sql-transact.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { SqlTransaction } from '../../../lib/transaction.js';
import {
  bookingAccounts,
  transactionsTable,
  type AccountRow,
  type Series,
  type TransactionRow,
} from './payments.model.js';

/** What a list filters by; the period is half-open. */
interface TransactionFilter {
  readonly patient_id?: string | undefined;
  readonly appointment_id?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

const notVoided = `not exists (select from ledger_entries
  where ledger_entries.transaction_id = transactions.transaction_id and kind = 'void') and failed_at is null`;

const accountColumns = Object.keys(bookingAccounts.columns) as (keyof AccountRow)[];
const openMany = `${bulkInsert(bookingAccounts, accountColumns)} on conflict do nothing returning appointment_id`;

/** The table works these out itself. */
const { total_fee: _fee, account_id: _account, ...givenColumns } = transactionsTable.columns;
const insertMany = bulkInsert(transactionsTable, Object.keys(givenColumns) as (keyof typeof givenColumns)[]);

export function createPaymentRepository(knex: Knex) {
  const accounts = (tx?: SqlTransaction) => sqlOf(knex, tx)<AccountRow>('booking_accounts');
  const payments = (tx?: SqlTransaction) => sqlOf(knex, tx)<TransactionRow>('transactions');

  /**
   * The next numbers of a series; gives the first. Its row stays locked until the end of `tx`, so that a number is used or was never
   * taken; every transaction takes invoices before receipts, and both last, because all payments meet here.
   */
  async function takeNumbers(series: Series, count: number, tx: SqlTransaction): Promise<bigint> {
    const [row] = await sqlOf(
      knex,
      tx,
    )<{ series: Series; last: string }>('number_series')
      .where({ series })
      .increment('last', count)
      .returning('last');
    return BigInt(row!.last) - BigInt(count) + 1n;
  }

  return {
    inSnapshot: <T>(read: (tx: SqlTransaction) => Promise<T>): Promise<T> =>
      knex.transaction((trx) => read(trx as unknown as SqlTransaction), {
        ...{ isolationLevel: 'repeatable read', readOnly: true },
      }),

    /**
     * The account of a booking, made when it is missing, locked until the end of `tx`: anyone who decides about its money
     * comes one after the other, and reads what the one before has committed.
     */
    async lockAccount(appointment_id: string, patient_id: string, tx: SqlTransaction): Promise<AccountRow> {
      await accounts(tx).insert({ appointment_id, patient_id }).onConflict().ignore();
      return (await accounts(tx).where({ appointment_id }).forUpdate().first())!;
    },

    /** Those that were not there; they are locked as by `lockAccount`. */
    async openAccounts(all: readonly AccountRow[], tx: SqlTransaction): Promise<ReadonlySet<string>> {
      const opened = await sqlOf(knex, tx).raw<{ rows: { appointment_id: string }[] }>(openMany, [
        JSON.stringify(all),
      ]);
      return new Set(opened.rows.map(({ appointment_id }) => appointment_id));
    },

    async hasAccount(appointment_id: string): Promise<boolean> {
      return (await accounts().where({ appointment_id }).first('appointment_id')) !== undefined;
    },

    async closeAccount(
      appointment_id: string,
      closing: { closed_at: Date; refund_percent: number },
      tx: SqlTransaction,
    ): Promise<void> {
      await accounts(tx).where({ appointment_id }).update(closing);
    },

    /** Of these bookings, those whose cancellation is applied. */
    closedOf(appointment_ids: readonly string[]): Promise<string[]> {
      return accounts()
        .whereNotNull('closed_at')
        .whereIn('appointment_id', appointment_ids)
        .pluck('appointment_id');
    },

    async find(transaction_id: string, tx?: SqlTransaction): Promise<TransactionRow | null> {
      return (await payments(tx).where({ transaction_id }).first()) ?? null;
    },

    /** The payment that a refund is of. */
    async findByRefund(refund_id: string): Promise<TransactionRow | null> {
      const refund = knex('refunds').select('transaction_id').where({ refund_id });
      return (await payments().whereIn('transaction_id', refund).first()) ?? null;
    },

    /** The newest payment that came about of each of these bookings or bills. */
    newestOf(account_ids: readonly string[], tx?: SqlTransaction): Promise<TransactionRow[]> {
      return payments(tx)
        .distinctOn('account_id')
        .whereIn('account_id', account_ids)
        .whereNotNull('attempt')
        .orderBy([{ column: 'account_id' }, { column: 'attempt', order: 'desc' }]);
    },

    /** The bookings that were ever paid, in the order of their ids' bytes. */
    listPaid(after: string, limit: number): Promise<string[]> {
      return payments()
        .distinct('appointment_id')
        .where('appointment_id', '>', after)
        .whereNotNull('paid_at')
        .whereNull('bill_id')
        .orderBy('appointment_id')
        .limit(limit)
        .pluck<string[]>('appointment_id');
    },

    /** The newest first, without the voided and failed; `owner` keeps the list to one patient's, whatever the filter says. */
    listPage(
      owner: { readonly [column: string]: string | null } | undefined,
      { from, to, ...equal }: TransactionFilter,
      page: PageRequest,
    ): Promise<Page<TransactionRow>> {
      const query = payments().whereRaw(notVoided);
      if (owner) void query.where(owner);
      for (const [column, value] of Object.entries(equal))
        if (value !== undefined) void query.where(column, value);
      if (from) void query.where('created_at', '>=', from);
      if (to) void query.where('created_at', '<', to);
      return newestFirst(query, { time: 'created_at', id: 'transaction_id' }, page);
    },

    /** The card's payment of an account that is locked that waits for its provider, if any. */
    async pendingOf(account_id: string, tx: SqlTransaction): Promise<TransactionRow | null> {
      const found = await payments(tx).where({ account_id, paid_at: null, failed_at: null }).first();
      return found ?? null;
    },

    /** What a payment that waited has become: the table takes it once. */
    async decide(
      transaction_id: string,
      decision: Partial<TransactionRow>,
      tx: SqlTransaction,
    ): Promise<void> {
      await payments(tx).where({ transaction_id }).update(decision);
    },

    /** False when somebody else has this attempt at paying the booking, or another card waits. */
    async insert(
      { total_fee: _fee, account_id: _account, ...row }: TransactionRow,
      tx: SqlTransaction,
    ): Promise<boolean> {
      const stored = await payments(tx).insert(row).onConflict().ignore().returning('transaction_id');
      return stored.length === 1;
    },

    /** On accounts that were opened in `tx`: nobody else can have paid them. */
    async insertMany(rows: readonly TransactionRow[], tx: SqlTransaction): Promise<void> {
      await sqlOf(knex, tx).raw(insertMany, [JSON.stringify(rows)]);
    },

    takeNumbers,

    nextNumber: async (series: Series, tx: SqlTransaction): Promise<string> =>
      String(await takeNumbers(series, 1, tx)),
  };
}

export type PaymentRepository = ReturnType<typeof createPaymentRepository>;
