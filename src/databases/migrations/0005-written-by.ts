import type { Knex } from 'knex';
import { placed } from './0003-rollups.ledger.js';

/**
 * Which transaction has added a row: who has seen what was committed up to a moment (pg_snapshot) finds by it what has come since,
 * whatever the order of the commits. A default, so that nobody who adds rows has to know.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    set local statement_timeout = 0;
    alter table billing add column written_by xid8 not null default pg_current_xact_id();
    alter table ledger_entries add column written_by xid8 not null default pg_current_xact_id();
    drop view ledger_places;
    create view ledger_places as ${placed('ledger_entries')};`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop view ledger_places;
    alter table billing drop column written_by;
    alter table ledger_entries drop column written_by;
    create view ledger_places as ${placed('ledger_entries')};`);
}
