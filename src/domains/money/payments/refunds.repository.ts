import type { Knex } from '../../../databases/postgres/postgres.js';
import { bulkInsert } from '../../../databases/postgres/bulk-insert.js';
import { newestFirst } from '../../../databases/postgres/sql-page.js';
import { sqlOf } from '../../../databases/postgres/sql-transact.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { SqlTransaction } from '../../../lib/transaction.js';
import { refundsTable, type RefundRow } from './payments.model.js';
import type { RefundStatus } from './payments.types.js';

const conditions: Readonly<Record<RefundStatus, string>> = {
  pending: 'decided_at is null',
  posted: 'credit_note_number is not null',
  rejected: 'decided_at is not null and credit_note_number is null',
};

const insertMany = bulkInsert(refundsTable, Object.keys(refundsTable.columns) as (keyof RefundRow)[]);

export function createRefundRepository(knex: Knex) {
  const refunds = (tx?: SqlTransaction) => sqlOf(knex, tx)<RefundRow>('refunds');

  return {
    async find(refund_id: string, tx?: SqlTransaction): Promise<RefundRow | null> {
      return (await refunds(tx).where({ refund_id }).first()) ?? null;
    },

    /** In the order in which they were asked for. */
    ofTransactions(transaction_ids: readonly string[], tx?: SqlTransaction): Promise<RefundRow[]> {
      return refunds(tx).whereIn('transaction_id', transaction_ids).orderBy(['requested_at', 'refund_id']);
    },

    async insert(row: RefundRow, tx: SqlTransaction): Promise<void> {
      await refunds(tx).insert(row);
    },

    async insertMany(rows: readonly RefundRow[], tx: SqlTransaction): Promise<void> {
      if (rows.length > 0) await sqlOf(knex, tx).raw(insertMany, [JSON.stringify(rows)]);
    },

    async decide(
      refund_id: string,
      decision: Pick<RefundRow, 'decided_by' | 'decided_at' | 'decision_reason' | 'credit_note_number'>,
      tx: SqlTransaction,
    ): Promise<void> {
      await refunds(tx).where({ refund_id }).update(decision);
    },

    /** How many wait for somebody to decide, and since when. */
    async waiting(): Promise<{ readonly waiting: number; readonly oldest_at: Date | null }> {
      const { rows } = await knex.raw<{ rows: { waiting: number; oldest_at: Date | null }[] }>(
        `select count(*)::integer as waiting, min(requested_at) as oldest_at from refunds where ${conditions.pending}`,
      );
      return rows[0]!;
    },

    /** The newest first. */
    listPage(
      { status }: { readonly status?: RefundStatus | undefined },
      page: PageRequest,
    ): Promise<Page<RefundRow>> {
      const query = refunds();
      if (status) void query.whereRaw(conditions[status]);
      return newestFirst(query, { time: 'requested_at', id: 'refund_id' }, page);
    },
  };
}

export type RefundRepository = ReturnType<typeof createRefundRepository>;
