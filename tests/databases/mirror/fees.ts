import type { OwnDatabase } from '../../../scripts/own-database.js';
import type { AppendedTable } from '../../../src/databases/mirror/mirror.types.js';
import { closePostgres, connectPostgres } from '../../../src/databases/postgres/postgres.js';
import { createTestDatabase } from '../../support/api.js';

/* Fees, which are only ever added: a table of a mirror, in a database of its own. */

export const fees: AppendedTable = {
  name: 'fees',
  ...{ key: 'fee_id', keyType: 'none' },
  of: ['fee'],
  rows: `select id as fee_id, payer, (100 * amount)::bigint as cents, written_by from fee`,
  columns: [
    { name: 'fee_id', type: 'integer', from: 'fee_id' },
    { name: 'payer', type: 'word', from: 'payer' },
    { name: 'cents', type: 'bigint', from: 'cents' },
  ],
};

export const allFees = {
  ...{ text: 'select fee_id, payer, cents from fees order by fee_id', bindings: [] },
  words: ['payer'],
};

export async function openFees() {
  const database: OwnDatabase = await createTestDatabase();
  const knex = connectPostgres(database.uri, { poolSize: 8 });
  await knex.raw(`create table fee (id bigint generated always as identity primary key, payer text,
    amount numeric(12,2) not null, written_by xid8 not null default pg_current_xact_id());
    create index on fee (written_by)`);
  return {
    knex,
    empty: () => knex.raw('truncate fee restart identity'),
    add: (count: number, on = knex) =>
      on.raw(
        `insert into fee (payer, amount) select case when n % 3 > 0 then 'P' || n end, n + 0.25 from generate_series(1, ?) as n`,
        [count],
      ),
    async close(): Promise<void> {
      await closePostgres(knex);
      await database.drop();
    },
  };
}

export type Fees = Awaited<ReturnType<typeof openFees>>;
