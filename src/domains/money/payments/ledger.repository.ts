import type { Knex } from '../../../databases/postgres/postgres.js';
import { bulkInsert } from '../../../databases/postgres/bulk-insert.js';
import { sqlOf } from '../../../databases/postgres/sql-transact.js';
import type { Money } from '../../../lib/money.js';
import type { SqlTransaction } from '../../../lib/transaction.js';
import { ledgerEntries, type EntryRow } from './payments.model.js';
import type { JournalKind, JournalLine, LedgerAccount, LedgerEntry } from './payments.types.js';

/** What is posted in one piece. */
export interface Journal {
  readonly journal_id: string;
  readonly kind: JournalKind;
  readonly patient_id: string;
  readonly appointment_id: string | null;
  /** null: it concerns the booking, not one payment of it. */
  readonly transaction_id: string | null;
  readonly posted_at: Date;
}

/** What an account has come to; a balance below zero is on the side of the credits. */
export interface AccountBalance {
  readonly account: LedgerAccount;
  readonly debit: Money;
  readonly credit: Money;
  readonly balance: Money;
}

/** A thing that must not be, and where: the name of the check, and the ids of the first of those concerned. */
export interface LedgerFault {
  readonly check: string;
  readonly found: number;
  readonly examples: string[];
}

/** What must find nothing. Each gives the ids of what is wrong. */
const checks: Readonly<Record<string, string>> = {
  'journals that do not balance': `
    select journal_id as id from ledger_entries group by journal_id having sum(amount) <> 0`,
  'bills without their journal': `
    select id from billing where total_cost <> 0 and total_cost is distinct from (
      select -sum(amount) from ledger_entries where journal_id = billing.id and account = 'revenue')`,
  'payments without their journal': `
    select transaction_id as id from transactions where paid_at is not null and total_fee is distinct from (
      select sum(amount) from ledger_entries where journal_id = transactions.transaction_id and account = 'cash')`,
  'refunds without their journal': `
    select refund_id as id from refunds where credit_note_number is not null and -amount is distinct from (
      select sum(amount) from ledger_entries where journal_id = refunds.refund_id and account = 'cash')`,
  'journals of refunds that were not given': `
    select distinct journal_id as id from ledger_entries where kind = 'refund' and not exists (
      select from refunds where refund_id = journal_id and credit_note_number is not null)`,
  'refunds above their payment': `
    select transaction_id as id from transactions join refunds using (transaction_id)
    where decided_at is null or credit_note_number is not null
    group by transaction_id, total_fee having sum(refunds.amount) > total_fee`,
  'payments that were voided after a refund, or twice': `
    select transaction_id as id from ledger_entries where account = 'cash' and transaction_id is not null
    group by transaction_id having sum(amount) < 0`,
  'bookings with two payments at a time': `
    select account_id as id from transactions t where exists (
      select from ledger_entries where transaction_id = t.transaction_id and account = 'cash' having sum(amount) > 0)
    group by account_id having count(*) > 1`,
  'payments in the ledger that were not confirmed': `
    select distinct transaction_id as id from ledger_entries join transactions using (transaction_id)
    where paid_at is null`,
  ...Object.fromEntries(
    [
      ['invoice', 'transactions', 'invoice_number'],
      ['receipt', 'transactions', 'receipt_number'],
      ['credit_note', 'refunds', 'credit_note_number'],
    ].map(([series, table, column]) => [
      `gaps in the numbers of ${series!.replace('_', ' ')}s`,
      `select number::text as id
       from (select last from number_series where series = '${series}') series, generate_series(1, last) as number
       where number not in (select ${column} from ${table} where ${column} is not null)
       union all select ${column}::text from ${table}
       where ${column} > (select last from number_series where series = '${series}')`,
    ]),
  ),
};

export const ledgerChecks: readonly string[] = Object.keys(checks);

const { written_by: _, ...ofEntries } = ledgerEntries.columns;
const entryColumns = Object.keys(ofEntries) as (keyof EntryRow)[];
/** The table counts the entries itself. */
const insertMany = `${bulkInsert(
  ledgerEntries,
  entryColumns.filter((name) => name !== 'entry_number'),
)} returning entry_number, journal_id, line`;

const linesOf = (journal: Journal, lines: readonly JournalLine[]) =>
  lines.map((line, index) => ({ ...journal, ...line, line: index + 1 }));

export function createLedgerRepository(knex: Knex) {
  const entries = (tx?: SqlTransaction) => sqlOf(knex, tx)<EntryRow>(ledgerEntries.table);

  return {
    /** Posts a journal in one statement; the table refuses one that does not balance, and a journal_id that it has. */
    async post(journal: Journal, lines: readonly JournalLine[], tx: SqlTransaction): Promise<void> {
      if (lines.length === 0) return;
      await entries(tx).insert(linesOf(journal, lines));
    },

    /** As `post`, in their order. Gives the entries of each journal. */
    async postMany(
      all: readonly { readonly journal: Journal; readonly lines: readonly JournalLine[] }[],
      tx: SqlTransaction,
    ): Promise<LedgerEntry[][]> {
      const rows = all.flatMap(({ journal, lines }) => linesOf(journal, lines));
      if (rows.length === 0) return [];
      type Posted = Pick<EntryRow, 'entry_number' | 'journal_id' | 'line'>;
      const posted = await sqlOf(knex, tx).raw<{ rows: Posted[] }>(insertMany, [JSON.stringify(rows)]);
      const numbers = new Map(
        posted.rows.map(({ entry_number, journal_id, line }) => [`${journal_id} ${line}`, entry_number]),
      );
      return all.map(({ journal, lines }) =>
        linesOf(journal, lines).map((entry) => ({
          ...entry,
          entry_number: Number(numbers.get(`${entry.journal_id} ${entry.line}`)),
        })),
      );
    },

    /** Of each payment, all that was posted about it, in the order of posting. */
    async ofTransactions(
      transaction_ids: readonly string[],
      tx?: SqlTransaction,
    ): Promise<Map<string, LedgerEntry[]>> {
      const rows = await entries(tx)
        .select(entryColumns)
        .whereIn('transaction_id', transaction_ids)
        .orderBy('entry_number');
      const found = new Map<string, LedgerEntry[]>(transaction_ids.map((id) => [id, []]));
      for (const { entry_number, ...row } of rows)
        found.get(row.transaction_id!)!.push({ ...row, entry_number: Number(entry_number) });
      return found;
    },

    /**
     * What the patient owes for a visit, by this bill of it and all payments; below zero: what was paid before it is
     * billed (`bill_id` null).
     */
    async owedFor(appointment_id: string, bill_id: string | null, tx: SqlTransaction): Promise<Money> {
      const { rows } = await sqlOf(knex, tx).raw<{ rows: { owed: Money }[] }>(
        `select coalesce(sum(amount), 0.00)::text as owed from ledger_entries
         where appointment_id = ? and account = 'receivable' and (kind <> 'bill' or journal_id = ?)
           and (transaction_id is null or transaction_id in
             (select transaction_id from transactions where account_id = ? collate "C"))`,
        [appointment_id, bill_id, appointment_id],
      );
      return rows[0]!.owed;
    },

    /** What is still owed on each of these bills, by the bill and what was paid of it or of its booking. */
    async owedOf(bill_ids: readonly string[], tx?: SqlTransaction): Promise<Map<string, Money>> {
      const { rows } = await sqlOf(knex, tx).raw<{ rows: { id: string; owed: Money }[] }>(
        `select billing.id, (select coalesce(sum(amount), 0.00) from (
           select amount from ledger_entries where journal_id = billing.id and account = 'receivable'
           union all
           select amount from ledger_entries join transactions using (transaction_id)
           where account = 'receivable' and account_id =
             case billing.kind when 'consultation' then billing.appointment_id else billing.id collate "C" end
           union all
           select amount from ledger_entries
           where billing.kind = 'consultation' and ledger_entries.appointment_id = billing.appointment_id collate "default"
             and transaction_id is null and ledger_entries.kind <> 'bill' and account = 'receivable'
         ) as entry)::text as owed
         from billing where id = any(?)`,
        [[...bill_ids]],
      );
      return new Map(rows.map(({ id, owed }) => [id, owed]));
    },

    /** Whether somebody paid, asked for a refund, or decided on one. */
    async knowsUser(user_id: string): Promise<boolean> {
      const { rows } = await knex.raw<{ rows: { known: boolean }[] }>(
        `select exists (select from transactions where paid_by = :user_id)
           or exists (select from refunds where :user_id in (requested_by, decided_by)) as known`,
        { user_id },
      );
      return rows[0]!.known;
    },

    async knowsPatient(patient_id: string): Promise<boolean> {
      return (await entries().where({ patient_id }).first('entry_number')) !== undefined;
    },

    /** Of how many visits and other bills the patient owes something, or has paid more than was billed. */
    async countUnsettled(patient_id: string): Promise<number> {
      const { rows } = await knex.raw<{ rows: { n: number }[] }>(
        `select count(*)::int as n from (
           select from ledger_entries left join transactions using (transaction_id)
           where ledger_entries.patient_id = ? and account = 'receivable'
           group by coalesce(ledger_entries.appointment_id, bill_id, journal_id) having sum(amount) <> 0) as unsettled`,
        [patient_id],
      );
      return rows[0]!.n;
    },

    async trialBalance(): Promise<AccountBalance[]> {
      const { rows } = await knex.raw<{ rows: AccountBalance[] }>(
        `select account, coalesce(sum(amount) filter (where amount > 0), 0.00)::text as debit,
           coalesce(-sum(amount) filter (where amount < 0), 0.00)::text as credit, sum(amount)::text as balance
         from ledger_entries group by account`,
      );
      return rows;
    },

    /** What must not be, by these checks or all of them, in one snapshot, and the first `told` ids of each that is found. */
    async faults(only: readonly string[] = ledgerChecks, told = 20): Promise<LedgerFault[]> {
      return knex.transaction(
        async (trx) => {
          await trx.raw('set local statement_timeout = 0');
          const found: LedgerFault[] = [];
          for (const check of only) {
            const { rows } = await trx.raw<{ rows: { id: string; found: string }[] }>(
              `select id, count(*) over () as found from (${checks[check]!}) as wrong order by id limit ${told}`,
            );
            if (rows.length > 0)
              found.push({ check, found: Number(rows[0]!.found), examples: rows.map(({ id }) => id) });
          }
          return found;
        },
        { isolationLevel: 'repeatable read', readOnly: true },
      );
    },
  };
}

export type LedgerRepository = ReturnType<typeof createLedgerRepository>;
