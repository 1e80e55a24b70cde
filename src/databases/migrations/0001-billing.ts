import type { Knex } from 'knex';

/** What was charged, to whom, for what. The doctor and the place are copies, so that revenue needs no join. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('billing', (table) => {
    table.text('id').primary();
    table.text('patient_id').notNullable();
    table.text('appointment_id');
    table.text('prescription_id');
    table.text('doctor_id');
    table.text('department_id');
    table.text('hospital_id');
    table.text('kind').notNullable().checkIn(['consultation', 'prescription']);
    table.text('disease');
    table.text('disease_code');
    table.specificType('total_cost', 'numeric(12,2)').notNullable();
    table.timestamp('created_at', { useTz: true, precision: 3 }).notNullable();
  });
  // NaN is an amount to Postgres, greater than all others.
  await knex.raw(`
    alter table billing
      add constraint billing_total_cost_not_negative check (total_cost >= 0 and total_cost < 'NaN'),
      add constraint billing_consultation_of_appointment check (kind <> 'consultation' or appointment_id is not null)`);
  // An appointment is billed once, however often the news of its completion arrives.
  await knex.raw(
    `create unique index billing_consultation_once on billing (appointment_id) where kind = 'consultation'`,
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('billing');
}
