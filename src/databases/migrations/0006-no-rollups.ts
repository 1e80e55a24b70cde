import type { Knex } from 'knex';
import * as rollups from './0003-rollups.js';

/** Reports have no sums in Postgres any more: they are answered from the rows of the mirror. What migration 0003 made beside them stays. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger bill_to_rollup on billing;
    drop trigger ledger_to_rollup on ledger_entries;
    drop trigger payment_to_rollup on transactions;
    drop table rollup_settings, rollup_versions, rollup_diseases, rollup_patient_diseases, rollup_disease_patients, projections,
      rollup_ledger, rollup_ledger_deltas;
    drop function rollup_recount_bills, bill_to_rollup, rollup_patients_added, rollup_patients_changed, rollup_changed,
      rollup_stripe, rollup_disease_key, rollup_recount_ledger, rollup_fold_ledger, payment_to_rollup, ledger_to_rollup;`);
}

/** Sums all that is there. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop view ledger_places; drop index ledger_entries_transaction');
  await rollups.up(knex);
}
