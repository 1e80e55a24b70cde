import type { Knex } from 'knex';
import { keptForDays } from '../../lib/idempotency.js';

const batch = 10_000;

/** Rows whose time is over, some at a time, so that no statement holds many locks or runs into its time limit. */
const oldRows: Readonly<Record<string, string>> = {
  idempotency_keys: `delete from idempotency_keys where id in (
    select id from idempotency_keys where created_at < now() - make_interval(days => ?) limit ?)`,
  // The inbox stays: it is what keeps an entry that is brought again from counting twice.
  outbox: `delete from outbox where entry_id in (
    select entry_id from outbox where applied_at < now() - make_interval(days => ?) limit ?)`,
};

/** BILL-3: forgets the answers that were kept for a repeated request, and hand-overs that are done, after a week. */
export async function purgeSql(knex: Knex): Promise<void> {
  for (const sql of Object.values(oldRows)) {
    let gone: number;
    do {
      gone = (await knex.raw<{ rowCount: number }>(sql, [keptForDays, batch])).rowCount;
    } while (gone === batch);
  }
}
