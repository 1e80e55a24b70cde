import type { Knex } from '../../databases/postgres.js';
import { sqlOf } from '../../databases/sql-transact.js';
import { Problem } from '../../lib/errors.js';
import { decodeCursor, toPage, type Page, type PageRequest } from '../../lib/page.js';
import type { SqlTransaction } from '../../lib/transaction.js';
import type { RefundRow } from './payments.model.js';
import type { RefundStatus } from './payments.types.js';

const newest = 'requested_at';

const conditions: Readonly<Record<RefundStatus, string>> = {
  pending: 'decided_at is null',
  posted: 'credit_note_number is not null',
  rejected: 'decided_at is not null and credit_note_number is null',
};

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

    async decide(
      refund_id: string,
      decision: Pick<RefundRow, 'decided_by' | 'decided_at' | 'decision_reason' | 'credit_note_number'>,
      tx: SqlTransaction,
    ): Promise<void> {
      await refunds(tx).where({ refund_id }).update(decision);
    },

    /** The newest first. */
    async listPage(
      { status }: { readonly status?: RefundStatus | undefined },
      { limit, cursor }: PageRequest,
    ): Promise<Page<RefundRow>> {
      const query = refunds()
        .orderBy([
          { column: 'requested_at', order: 'desc' },
          { column: 'refund_id', order: 'desc' },
        ])
        .limit(limit + 1);
      if (status) void query.whereRaw(conditions[status]);
      if (cursor !== undefined) {
        const { value, id } = decodeCursor(newest, cursor);
        if (!(value instanceof Date)) throw new Problem('invalid_cursor');
        void query.whereRaw('(requested_at, refund_id) < (?, ?)', [value, id]);
      }
      return toPage(await query, limit, newest, ({ requested_at, refund_id }) => ({
        value: requested_at,
        id: refund_id,
      }));
    },
  };
}

export type RefundRepository = ReturnType<typeof createRefundRepository>;
