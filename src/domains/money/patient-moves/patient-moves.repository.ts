import type { Knex } from '../../../databases/postgres/postgres.js';
import { sqlOf } from '../../../databases/postgres/sql-transact.js';
import type { SqlTransaction } from '../../../lib/transaction.js';
import type { PatientMergeRow } from './patient-moves.model.js';

/** The lock that `of_whom_it_is` of migration 0007 shares. */
const key = 7_007;

/**
 * PAT-7: every table whose rows are a patient's, by its key. `follows`: the rows that came since a merge about what it has moved;
 * `:accounts` are the bookings and bills that it moved.
 */
const movedTables = [
  { table: 'billing', id: 'id', follows: 'appointment_id = any(:accounts)' },
  { table: 'booking_accounts', id: 'appointment_id', follows: 'appointment_id = any(:accounts)' },
  { table: 'transactions', id: 'transaction_id', follows: 'account_id = any(:accounts)' },
  {
    ...{ table: 'ledger_entries', id: 'entry_number' },
    follows: `(appointment_id = any(:accounts) or journal_id = any(:accounts) or transaction_id in (
      select transaction_id from transactions where account_id = any(:accounts)))`,
  },
] as const;

export interface PatientMove {
  readonly merge_id: string;
  readonly from_patient_id: string;
  readonly into_patient_id: string;
}

export function createPatientMovesRepository(knex: Knex) {
  const inTx = (tx: SqlTransaction) => sqlOf(knex, tx);

  /** Whoever writes in the name of a patient has committed, or comes after this and sees it. */
  const aloneIn = (tx: SqlTransaction) => inTx(tx).raw('select pg_advisory_xact_lock(?)', [key]);

  /** News of the books that are not told yet. */
  const rename = (from: string, to: string, where: string, bindings: object, tx: SqlTransaction) =>
    inTx(tx).raw(
      `update outbox set payload = jsonb_set(payload, '{patient_id}', to_jsonb(:to::text))
       where applied_at is null and payload ->> 'patient_id' = :from ${where}`,
      { from, to, ...bindings },
    );

  /** Those that are the one patient's become the other's; only rows that the merge says it has moved. */
  async function moveRows(merge_id: string, from: string, to: string, tx: SqlTransaction): Promise<void> {
    for (const { table, id } of movedTables)
      await inTx(tx).raw(
        `update ${table} set patient_id = :to where patient_id = :from and ${id}::text in (
           select row_id from moved_rows where merge_id = :merge_id and table_name = '${table}')`,
        { merge_id, from, to },
      );
  }

  return {
    async merge(move: PatientMove & { readonly merged_at: Date }, tx: SqlTransaction): Promise<void> {
      const { merge_id, from_patient_id: from, into_patient_id: into } = move;
      await aloneIn(tx);
      await inTx(tx)<PatientMergeRow>('patient_merges').insert({ ...move, undone_at: null });
      for (const { table, id } of movedTables)
        await inTx(tx).raw(
          `insert into moved_rows select :merge_id, '${table}', ${id}::text from ${table} where patient_id = :from`,
          { merge_id, from },
        );
      await moveRows(merge_id, from, into, tx);
      await rename(from, into, '', {}, tx);
    },

    /** `visits`: those that the merge had moved; what was written of them since goes back with them. */
    async undo(
      move: PatientMove & { readonly undone_at: Date },
      visits: readonly string[],
      tx: SqlTransaction,
    ): Promise<void> {
      const { merge_id, from_patient_id: from, into_patient_id: into, undone_at } = move;
      await aloneIn(tx);
      const bills = await inTx(tx)('moved_rows')
        .where({ merge_id, table_name: 'billing' })
        .pluck<string[]>('row_id');
      const bindings = { merge_id, into, accounts: [...visits, ...bills] };
      for (const { table, id, follows } of movedTables)
        await inTx(tx).raw(
          `insert into moved_rows select :merge_id, '${table}', ${id}::text from ${table}
           where patient_id = :into and ${follows} on conflict do nothing`,
          bindings,
        );
      await moveRows(merge_id, into, from, tx);
      await rename(
        into,
        from,
        `and payload ->> 'appointment_id' = any(:visits)`,
        { visits: [...visits] },
        tx,
      );
      await inTx(tx)<PatientMergeRow>('patient_merges').where({ merge_id }).update({ undone_at });
    },

    /** null: the books have not heard of it. */
    async find(merge_id: string): Promise<PatientMergeRow | null> {
      return (await knex<PatientMergeRow>('patient_merges').where({ merge_id }).first()) ?? null;
    },

    /** How many rows of each table a merge has moved. */
    async countMoved(merge_id: string): Promise<Record<string, number>> {
      const rows = await knex('moved_rows')
        .where({ merge_id })
        .groupBy('table_name')
        .orderBy('table_name')
        .select<{ table_name: string; rows: number }[]>('table_name', knex.raw('count(*)::integer as rows'));
      return Object.fromEntries(rows.map((row) => [row.table_name, row.rows]));
    },
  };
}

export type PatientMovesRepository = ReturnType<typeof createPatientMovesRepository>;
