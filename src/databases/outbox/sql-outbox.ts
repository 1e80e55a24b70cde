import type { Knex } from 'knex';
import type { Clock } from '../../lib/clock.js';
import type { ReachPoint } from '../../contracts/crash-points.js';
import type { HandOvers } from '../../contracts/hand-overs.js';
import type { NewId } from '../../lib/ids.js';
import type { Logger } from '../../lib/logger.js';
import type { SqlTransaction } from '../../lib/transaction.js';
import {
  bring,
  createRelay,
  dueAgain,
  failingAttempts,
  mostSummed,
  type OutboxHandlers,
  type OutboxOf,
  type WaitingSummary,
} from './relay.js';
import { defineTable } from '../postgres/postgres-table.js';
import { sqlOf } from '../postgres/sql-transact.js';

export type SqlOutbox<Kinds = HandOvers> = OutboxOf<SqlTransaction, Kinds>;

interface OutboxRow {
  entry_id: string;
  kind: string;
  /** jsonb: times in it are ISO text. */
  payload: unknown;
  created_at: Date;
  attempts: number;
  /** No relay takes the entry before this moment. */
  due_at: Date;
  applied_at: Date | null;
}

export const outboxTable = defineTable<OutboxRow>({
  table: 'outbox',
  columns: {
    entry_id: 'text',
    kind: 'text',
    payload: 'jsonb',
    created_at: 'timestamptz(3)',
    attempts: 'integer',
    due_at: 'timestamptz(3)',
    applied_at: 'timestamptz(3)',
  },
  primaryKey: ['entry_id'],
  indexes: [
    { name: 'outbox_waiting', columns: '(entry_id) WHERE (applied_at IS NULL)', serves: 'the relay' },
  ],
});

/**
 * The outbox of what Postgres decides. A relay holds the row of its entry locked while MongoDB is written, and others
 * skip it; when its process dies, the lock goes with the connection and the entry waits for the next one.
 */
export function createSqlOutbox<Kinds = HandOvers>(deps: {
  knex: Knex;
  clock: Clock;
  newId: NewId;
  logger: Logger;
  reach: ReachPoint<string>;
}): SqlOutbox<Kinds> {
  const { knex, clock, newId, logger } = deps;

  function takeOne(handlers: OutboxHandlers<Kinds>, only?: string): Promise<boolean> {
    return knex.transaction(async (trx) => {
      const next = trx<OutboxRow>('outbox').whereNull('applied_at').whereIn('kind', Object.keys(handlers));
      void (only === undefined ? next.where('due_at', '<=', clock.now()) : next.where('entry_id', only));
      const entry = await next.orderBy('entry_id').forUpdate().skipLocked().first();
      if (!entry) return false;
      const { entry_id, kind, payload, created_at } = entry;
      const attempts = entry.attempts + 1;
      const isApplied = await bring({ entry_id, kind, payload, created_at }, attempts, handlers, deps);
      const now = clock.now();
      const outcome = isApplied ? { applied_at: now } : { due_at: dueAgain(now, attempts) };
      await trx<OutboxRow>('outbox')
        .where({ entry_id })
        .update({ attempts, ...outcome });
      return true;
    });
  }

  const waiting = () =>
    knex<OutboxRow>('outbox')
      .whereNull('applied_at')
      .orderBy('entry_id')
      .select('entry_id', 'kind', 'created_at', 'attempts');

  const findWaiting = (entry_ids: readonly string[]) => waiting().whereIn('entry_id', entry_ids);
  const { announced, ...relay } = createRelay(takeOne, findWaiting, logger);

  return {
    ...relay,
    listWaiting: (after, limit) => waiting().where('entry_id', '>', after).limit(limit),
    findWaiting,
    async summary(kinds) {
      const { rows } = await knex.raw<{ rows: WaitingSummary[] }>(
        `select count(*)::integer as waiting, (count(*) filter (where attempts >= :tries))::integer as failing,
           min(created_at) as oldest_at,
           coalesce(array_agg(distinct kind) filter (where attempts >= :tries), '{}') as failing_kinds
         from (
           select kind, attempts, created_at from outbox
           where applied_at is null and kind = any(:kinds) order by entry_id limit :most
         ) as waiting`,
        { kinds: [...kinds], tries: failingAttempts, most: mostSummed },
      );
      return rows[0]!;
    },
    async add(kind, payload, tx) {
      const row = {
        ...{ entry_id: newId('E'), kind, payload: JSON.stringify(payload), created_at: clock.now() },
        // Due at once: a relay whose clock is behind that of who wrote it takes it too.
        ...{ attempts: 0, due_at: new Date(0), applied_at: null },
      };
      await sqlOf(knex, tx)('outbox').insert(row);
      announced(kind, row.entry_id);
    },
  };
}
