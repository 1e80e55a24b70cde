import { expect } from 'chai';
import { connectPostgres, migratePostgres, type Knex } from '../../../src/databases/postgres/postgres.js';
import { createTestDatabase } from '../../support/api.js';

/* What the tables themselves refuse, no matter who writes to them. */

describe('the ledger in Postgres', () => {
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

  let made = 0;
  const line = (fields: Record<string, unknown>) => ({
    ...{ journal_id: `J${made}`, line: 1, kind: 'bill', account: 'revenue', amount: '-1.00' },
    ...{ patient_id: 'P1', appointment_id: 'A1', posted_at: new Date(0), ...fields },
  });
  const post = (...lines: Record<string, unknown>[]) => {
    made += 1;
    return knex('ledger_entries').insert(lines.map((fields, n) => line({ line: n + 1, ...fields })));
  };
  const bill = (id: string, total_cost: string) => ({
    ...{ id, patient_id: 'P1', kind: 'prescription', total_cost, created_at: new Date(0) },
  });
  const payment = (appointment_id: string) => ({
    ...{ transaction_id: 'T-kept', appointment_id, patient_id: 'P1', patient_name: 'Pat', paid_by: 'U1' },
    ...{ payment_method: 'cash', currency: 'USD', fee: '1.00', gst_rate: '0.00', gst: '0.00' },
    ...{
      doctor_name: 'D',
      department_name: 'D',
      hospital_name: 'H',
      visit_date: new Date(0),
      time_zone: 'UTC',
    },
    ...{
      attempt: 1,
      invoice_number: 1000,
      receipt_number: 1000,
      created_at: new Date(0),
      paid_at: new Date(0),
    },
  });
  /** The SQLSTATE of the refusal; null when it was no refusal. */
  const refusal = (work: Promise<unknown>): Promise<string | null> =>
    work.then(
      () => null,
      ({ code }: { code: string }) => code,
    );
  const check = '23514';
  const restrict = '23001';
  const unique = '23505';

  it('BILL-4: takes a journal that balances, and refuses one that does not', async () => {
    const posted = await refusal(
      post({ account: 'cash', amount: '3.00' }, { amount: '-2.00' }, { amount: '-1' }),
    );
    expect(posted).to.equal(null);
    expect(await refusal(post({ account: 'cash', amount: '3.00' }, { amount: '-2.99' }))).to.equal(check);
    expect(await refusal(post({ amount: '-1.00' }))).to.equal(check);
    // Two journals, each wrong, that balance together.
    expect(
      await refusal(post({ amount: '1.00' }, { journal_id: 'other', line: 1, amount: '-1.00' })),
    ).to.equal(check);
  });

  it('BILL-4: refuses lines of nothing or of no number, unknown accounts and kinds, and a journal posted twice', async () => {
    expect(await refusal(post({ amount: '0.00' }))).to.equal(check);
    expect(await refusal(post({ amount: 'NaN' }, { amount: 'NaN' }))).to.equal(check);
    expect(await refusal(post({ account: 'gifts', amount: '1.00' }, { amount: '-1.00' }))).to.equal(check);
    expect(await refusal(post({ kind: 'gift', amount: '1.00' }, { kind: 'gift', amount: '-1.00' }))).to.equal(
      check,
    );
    const twice = [
      { journal_id: 'twice', amount: '1.00' },
      { journal_id: 'twice', amount: '-1.00' },
    ];
    expect(await refusal(post(...twice))).to.equal(null);
    expect(await refusal(post(...twice))).to.equal(unique);
  });

  it('BILL-4: is added to, and never changed: no update, no delete, no truncate; bills and payments neither', async () => {
    await post({ account: 'cash', amount: '1.00' }, { amount: '-1.00' });
    await knex('booking_accounts').insert({ appointment_id: 'A-kept', patient_id: 'P1' });
    await knex('transactions').insert(payment('A-kept'));
    await knex('billing').insert(bill('B-kept', '1.00'));
    const before = await knex('ledger_entries').orderBy('entry_number');
    for (const table of ['ledger_entries', 'billing', 'transactions']) {
      expect(await refusal(knex(table).update({ patient_id: 'P2' })), table).to.equal(restrict);
      expect(await refusal(knex(table).delete()), table).to.equal(restrict);
      expect(await refusal(knex.raw('truncate ?? cascade', [table])), table).to.equal(restrict);
    }
    expect(await knex('ledger_entries').orderBy('entry_number')).to.deep.equal(before);
  });

  it('BILL-4: an entry of a payment needs that payment, by the end of the transaction', async () => {
    const orphan = { transaction_id: 'T-none' };
    const posted = post({ ...orphan, amount: '1.00' }, { ...orphan, amount: '-1.00' });
    expect(await refusal(posted)).to.equal('23503');
  });

  it('BILL-4: anyone who writes a bill posts it: what is owed, and what is earned', async () => {
    await knex('billing').insert([bill('B1', '12.34'), bill('B2', '0.00'), bill('B3', '0.01')]);
    const entries = await knex('ledger_entries')
      .whereIn('journal_id', ['B1', 'B2', 'B3'])
      .orderBy(['journal_id', 'line'])
      .select('journal_id', 'kind', 'account', 'amount');
    expect(entries).to.deep.equal([
      { journal_id: 'B1', kind: 'bill', account: 'receivable', amount: '12.34' },
      { journal_id: 'B1', kind: 'bill', account: 'revenue', amount: '-12.34' },
      { journal_id: 'B3', kind: 'bill', account: 'receivable', amount: '0.01' },
      { journal_id: 'B3', kind: 'bill', account: 'revenue', amount: '-0.01' },
    ]);
  });

  it('BILL-4: the sum over all accounts is zero', async () => {
    const { sum } = (await knex('ledger_entries').sum<{ sum: string }[]>('amount'))[0]!;
    expect(sum).to.equal('0.00');
  });

  it('BILL-2: a refund is not decided by who asked for it', async () => {
    await knex('booking_accounts').insert({ appointment_id: 'A1', patient_id: 'P1' });
    await knex('transactions').insert({
      ...{ transaction_id: 'T1', appointment_id: 'A1', attempt: 1, patient_id: 'P1', doctor_id: 'D1' },
      ...{ department_id: 'X', hospital_id: 'H', fee: '10.00', gst_rate: null, gst: '0.00', currency: 'USD' },
      ...{
        payment_method: 'card',
        invoice_number: 1,
        receipt_number: 1,
        patient_name: 'P',
        doctor_name: 'D',
      },
      ...{ department_name: 'X', hospital_name: 'H', visit_date: new Date(0), time_zone: 'UTC' },
      ...{ paid_by: 'U1', created_at: new Date(0), paid_at: new Date(0) },
    });
    const refund = (refund_id: string, decided_by: string | null, requested_by: string | null) =>
      knex('refunds').insert({
        ...{ refund_id, transaction_id: 'T1', amount: '1.00', reason: 'x', requested_by, decided_by },
        ...{ requested_at: new Date(0), decided_at: new Date(0) },
      });
    expect(await refusal(refund('R1', 'U1', 'U1'))).to.equal(check);
    expect(await refusal(refund('R1', 'U2', 'U1'))).to.equal(null);
    expect(await refusal(refund('R2', null, 'U1'))).to.equal(null);
    expect(await refusal(refund('R3', null, null))).to.equal(null);
  });
});
