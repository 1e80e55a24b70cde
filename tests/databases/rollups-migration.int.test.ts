import { expect } from 'chai';
import { down, up } from '../../src/databases/migrations/0003-rollups.js';
import { connectPostgres, migratePostgres, type Knex } from '../../src/databases/postgres/postgres.js';
import { createTransactSql } from '../../src/databases/postgres/sql-transact.js';
import { createSqlRollups } from '../../src/domains/reports/rollups/sql-rollups.repository.js';
import { createTestDatabase } from '../support/api.js';

describe('migration 0003, the figures that Postgres keeps', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let knex: Knex;
  before(async () => {
    database = await createTestDatabase();
    knex = connectPostgres(database.uri);
    await migratePostgres(knex);
  });
  after(async () => {
    await knex.destroy();
    await database.drop();
  });

  const bill = (number: number, fields: Record<string, unknown> = {}) => ({
    ...{ id: `B${number}`, patient_id: `P${number % 3}`, kind: 'consultation', appointment_id: `A${number}` },
    ...{ doctor_id: `D${number % 2}`, department_id: 'X', hospital_id: 'H', total_cost: '1.05' },
    ...{ disease: 'Gout', disease_code: number % 4 ? 'M10' : null, created_at: new Date(number * 8e9) },
    ...fields,
  });

  const rollups = () => createSqlRollups(knex, createTransactSql(knex));
  const places = ['hospital_id', 'department_id', 'doctor_id'];

  /** What is kept, with the stripes added up. */
  async function kept(): Promise<unknown> {
    await rollups().fold();
    const sums = async (table: string, key: readonly string[]): Promise<unknown[]> => {
      const columns = Object.keys(await knex(table).columnInfo());
      const query = knex(table)
        .select(key)
        .groupBy(key)
        .orderBy([...key]);
      for (const name of columns)
        if (!key.includes(name) && name !== 'stripe') void query.sum({ [name]: name });
      return query;
    };
    return {
      ledger: await sums('rollup_ledger', ['level', 'grain', 'start', ...places]),
      diseases: await sums('rollup_diseases', ['disease_key', 'disease']),
      patients: await sums('rollup_patient_diseases', ['disease_key', 'patient_id']),
      counts: await sums('rollup_disease_patients', ['disease_key']),
    };
  }

  it('REP-8: sums what is there when it runs, as it sums what comes', async () => {
    await knex('billing').insert(Array.from({ length: 20 }, (_, number) => bill(number)));
    await knex('billing').insert([
      bill(20, { kind: 'prescription', disease: null, disease_code: null }),
      bill(21, { doctor_id: null, department_id: null, hospital_id: null, total_cost: '0.00' }),
    ]);
    const summed = await kept();
    await knex.transaction(down);
    const { rows } = await knex.raw<{ rows: unknown[] }>(
      `select proname from pg_proc where proname like '%rollup%'
       union all select relname from pg_class where relname like '%rollup%'`,
    );
    expect(rows).to.deep.equal([]);
    // Writers go on without it.
    await knex('billing').insert(bill(22));
    await knex.transaction(up);
    await knex('billing').insert(bill(23));
    const both = await kept();
    expect(both).not.to.deep.equal(summed);
    await knex.raw(`select rollup_recount_ledger('UTC'), rollup_recount_bills()`);
    expect(await kept()).to.deep.equal(both);
  });

  it('REP-8: another calendar sums the ledger anew, once, and until then nothing is told', async () => {
    const { reading, keepBy, fold } = rollups();
    const utc = await reading('UTC');
    expect(utc!.version > 0n).to.equal(true);
    expect(utc!.as_of.getTime()).to.be.closeTo(Date.now(), 60_000);
    expect(await reading('Asia/Kolkata')).to.equal(null);
    const before = await kept();
    await Promise.all([1, 2, 3].map(() => keepBy('Asia/Kolkata')));
    const { version } = (await reading('Asia/Kolkata'))!;
    expect(version).to.equal(utc!.version + 1n);
    expect(await reading('UTC')).to.equal(null);
    await knex('billing').insert(bill(24, { created_at: new Date('2025-01-31T18:30:00Z') }));
    await fold();
    const [february] = await knex('rollup_ledger').where({ grain: 'day' }).max({ start: 'start' });
    expect(february).to.deep.include({ start: new Date(2025, 1, 1) });
    await keepBy('UTC');
    expect(await kept()).not.to.deep.equal(before);
  });

  it('REP-8: refuses a calendar that there is not, and keeps the sums', async () => {
    const before = await kept();
    const refusal = await knex.raw(`select rollup_recount_ledger('Mars/Olympus')`).then(
      () => null,
      ({ code }: { code: string }) => code,
    );
    expect(refusal).to.equal('22023');
    expect(await kept()).to.deep.equal(before);
  });

  it('REP-8: more writers at once than there are stripes: each is counted once', async () => {
    const many = connectPostgres(database.uri, { poolSize: 24 });
    await Promise.all(
      Array.from({ length: 48 }, (_, number) =>
        many('billing').insert(bill(100 + number, { doctor_id: 'D9' })),
      ),
    );
    await many.destroy();
    await rollups().fold();
    const [sum] = await knex('rollup_ledger')
      .where({ doctor_id: 'D9', level: 'doctor', grain: 'month' })
      .sum({ bills: 'bills', billed: 'billed', outstanding: 'outstanding' });
    expect(sum).to.deep.equal({ bills: '48', billed: '5040', outstanding: '5040' });
  });
});
