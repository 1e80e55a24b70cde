import type { Knex } from 'knex';
import { bulkInsert } from '../../../databases/postgres/bulk-insert.js';
import { newestFirst } from '../../../databases/postgres/sql-page.js';
import { sqlOf } from '../../../databases/postgres/sql-transact.js';
import type { BulkResult } from '../../../lib/bulk.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { SqlTransaction } from '../../../lib/transaction.js';
import { billingTable } from './billing.model.js';
import type { BillingKind, BillingRow } from './billing.types.js';

/** What a list filters by; the period is half-open, and no `hospital_ids` means all of them. */
interface BillingFilter {
  readonly patient_id?: string | undefined;
  readonly appointment_id?: string | undefined;
  readonly kind?: BillingKind | undefined;
  readonly disease?: string | undefined;
  readonly hospital_ids?: readonly string[] | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

const { table } = billingTable;
/** Which transaction has written a row is the database's to say, and nobody's to read. */
const { written_by: _, ...columnTypes } = billingTable.columns;
const names = Object.keys(columnTypes) as (keyof BillingRow)[];

/** Whatever is there already, by its id or another unique key, stays as it is. */
const insertMany = `${bulkInsert(billingTable, names)} on conflict do nothing returning id`;

export function createBillingRepository(knex: Knex) {
  const rows = (tx?: SqlTransaction) => sqlOf(knex, tx)<BillingRow>(table);
  const bills = (tx?: SqlTransaction) => rows(tx).select(names);

  return {
    async find(id: string): Promise<BillingRow | null> {
      return (await bills().where({ id }).first()) ?? null;
    },

    /** The newest first; `owner` keeps the list to one patient's, whatever the filter says, and null is nobody. */
    listPage(
      owner: { readonly [column: string]: string | null } | undefined,
      { hospital_ids, from, to, ...equal }: BillingFilter,
      page: PageRequest,
    ): Promise<Page<BillingRow>> {
      const query = bills();
      if (owner) void query.where(owner);
      for (const [column, value] of Object.entries(equal))
        if (value !== undefined) void query.where(column, value);
      if (hospital_ids) void query.whereIn('hospital_id', hospital_ids);
      if (from) void query.where('created_at', '>=', from);
      if (to) void query.where('created_at', '<', to);
      return newestFirst(query, { time: 'created_at', id: 'id' }, page);
    },

    /** All of a patient, the oldest first, but what the owner of the list may not see. */
    ofPatient(
      owner: { readonly [column: string]: string | null } | undefined,
      patient_id: string,
    ): Promise<BillingRow[]> {
      const query = bills().where({ patient_id }).orderBy(['created_at', 'id']);
      return owner ? query.where(owner) : query;
    },

    async findConsultation(appointment_id: string, tx: SqlTransaction): Promise<BillingRow | null> {
      return (await bills(tx).where({ appointment_id, kind: 'consultation' }).first()) ?? null;
    },

    async billedOf(appointment_ids: readonly string[]): Promise<Set<string>> {
      const billed = rows().where({ kind: 'consultation' }).whereIn('appointment_id', appointment_ids);
      return new Set(await billed.pluck<string[]>('appointment_id'));
    },

    listConsultations(after: string, limit: number): Promise<BillingRow[]> {
      return bills()
        .where({ kind: 'consultation' })
        .where('appointment_id', '>', after)
        .orderBy('appointment_id')
        .limit(limit);
    },

    /** False when the appointment is billed already (index `billing_consultation_once`), which changes nothing. */
    async insertOnce(row: BillingRow, tx: SqlTransaction): Promise<boolean> {
      return (await rows(tx).insert(row).onConflict().ignore().returning('id')).length > 0;
    },

    /** Idempotent by the id; a row that another unique key refuses is rejected alone. */
    async importMany(batch: readonly BillingRow[], tx: SqlTransaction): Promise<BulkResult> {
      const done = await sqlOf(knex, tx).raw<{ rows: { id: string }[] }>(insertMany, [JSON.stringify(batch)]);
      const stored = new Set(done.rows.map(({ id }) => id));
      const rest = batch.filter(({ id }) => !stored.has(id)).map(({ id }) => id);
      if (rest.length === 0) return { stored: stored.size, unchanged: 0, rejected: [] };
      const there = new Set(await rows(tx).whereIn('id', rest).pluck<string[]>('id'));
      const rejected = rest
        .filter((id) => !there.has(id))
        .map((id) => ({ id, reason: 'its appointment is billed already' }));
      return { stored: stored.size, unchanged: rest.length - rejected.length, rejected };
    },
  };
}

export type BillingRepository = ReturnType<typeof createBillingRepository>;
