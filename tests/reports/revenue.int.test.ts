import { expect } from 'chai';
import fc from 'fast-check';
import { playHistory } from '../../scripts/histories/run.js';
import { histories } from '../../scripts/histories/steps.js';
import { openWorld, worldEnv } from '../../scripts/histories/world.js';
import { revenueReport } from '../../src/domains/reports/revenue.report.js';
import { at } from '../aggregations/records.js';
import { openDesk } from '../payments/desk.js';
import { openTestSystem, startApi, type TestApi } from '../support/api.js';
import { openKeptStores, type KeptStores, type Question } from './kept-in-postgres.js';

interface Figures {
  readonly rows: readonly Readonly<Record<string, string | number | null>>[];
  readonly receipt: {
    readonly accounts: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly balanced: boolean;
  };
}

const cents = (value: unknown): number => Math.round(Number(value) * 100);

/** In each row the money adds up as the double entry does. */
function expectBalanced({ rows, receipt }: Figures): void {
  expect(receipt.balanced, JSON.stringify(receipt)).to.equal(true);
  for (const row of rows)
    expect(cents(row['net']) + cents(row['tax']), JSON.stringify(row)).to.equal(
      cents(row['collected']) - cents(row['voided']) - cents(row['refunded']) + cents(row['outstanding']),
    );
}

describe('GET /reports/revenue', () => {
  let api: TestApi;
  let manager: string;
  before(async () => {
    api = await startApi({ REFUND_APPROVAL_ABOVE: '10000' });
    manager = await api.as('manager');
  });
  after(() => api.stop());

  const ask = (query: string, token = manager) => api.get(`/reports/revenue${query}`, { token });

  it('REP-5: what was billed, paid, refunded and is outstanding, by department, doctor and month', async () => {
    const desk = await openDesk(api);
    const paid = await desk.paid();
    const { doctor_id } = paid;
    expect((await desk.refund(paid.transaction_id, { amount: 11.8, reason: 'part' })).status).to.equal(200);
    const voided = await desk.paid();
    const gone = await api.delete(`/transactions/${voided.transaction_id}`, {
      token: await api.as('admin'),
    });
    expect(gone.status).to.equal(204);
    const done = await desk.booked();
    await api.system.around.stores.knex('billing').insert([
      {
        ...{ id: 'B-done', patient_id: done.patient_id, appointment_id: done.appointment_id, doctor_id },
        ...{ kind: 'consultation', total_cost: '100.00', created_at: at('2025-03-31T23:00:00Z') },
      },
      {
        ...{ id: 'B-nobody', patient_id: 'P-elsewhere', kind: 'prescription', total_cost: '7.00' },
        created_at: at('2025-05-01'),
      },
    ]);

    const { body } = await ask('?by=doctor');
    expectBalanced(body as Figures);
    const named = { doctor_id, doctor: 'Dr Ada Test', department_id: null, department: null, month: null };
    expect(body.rows).to.have.length(2);
    expect(body.rows[0]).to.deep.equal({
      ...named,
      ...{ billed: 100, cancellation_fees: 0, given_back: 0, net: 100, tax: 16.2 },
      ...{ collected: 236, voided: 118, refunded: 11.8, outstanding: 10, bills: 1, transactions: 2 },
    });
    // What nobody can tell stands in a row of its own, behind the others.
    expect(body.rows[1]).to.include({ doctor_id: null, doctor: null, billed: 7, outstanding: 7, bills: 1 });
    expect(body.receipt.accounts.revenue).to.deep.equal({
      attributed: -100,
      unattributed: -7,
      total: -107,
    });
    expect(body.receipt.accounts.cash).to.deep.equal({
      attributed: 106.2,
      unattributed: 0,
      total: 106.2,
    });

    const months = (await ask('?by=month&from=2025-01-01&to=2026-01-01')).body;
    expectBalanced(months as Figures);
    const billed = months.rows.map((row: Record<string, unknown>) => [row['month'], row['billed']]);
    expect(billed).to.deep.equal([
      ['2025-03', 100],
      ['2025-04', 0],
      ['2025-05', 7],
    ]);
    const { body: departments } = await ask('?to=2025-04-01');
    expect(departments.rows).to.have.length(1);
    expect(departments.rows[0]).to.include({ department_id: null, billed: 100 });
    expect((await ask(`?by=doctor&doctor_id=${doctor_id}`)).body.receipt.accounts.revenue.total).to.equal(
      -100,
    );
  });

  it('REP-5: is for managers, admins and doctors; a doctor sees what they earned and nothing else', async () => {
    expect((await api.get('/reports/revenue')).status).to.equal(401);
    for (const role of ['patient', 'vendor', 'customer', 'pharmacist'] as const)
      expect((await ask('', await api.as(role))).status, role).to.equal(403);
    expect((await ask('', await api.as('admin'))).status).to.equal(200);
    const own = await api.make.doctor();
    const { token } = await api.make.account('doctor', { doctor_id: own.doctor_id as string });
    const { body } = await ask('?by=doctor', token);
    expect([body.rows, body.receipt.accounts.cash.total]).to.deep.equal([[], 0]);
    const other = await api.make.doctor();
    expect((await ask(`?by=doctor&doctor_id=${other.doctor_id}`, token)).status).to.equal(403);
  });

  it('REP-5: refuses what it does not know, by name', async () => {
    for (const [query, pointer] of [
      ['?by=patient', '/query/by'],
      ['?from=2025-02-30', '/query/from'],
      ['?doctor_id=D-none', '/query/doctor_id'],
    ]) {
      const { status, body } = await ask(query!);
      expect([status, body.errors[0].pointer]).to.deep.equal([400, pointer]);
    }
  });
});

describe('revenue from the figures that are kept', () => {
  const zone = 'America/New_York';
  const questions: readonly Question[] = ['department', 'doctor', 'month'].flatMap((by) => [
    { query: { by } },
    { query: { by }, from: '2025-01-01', to: '2026-01-01' },
    { query: { by }, from: '2024-12-15', to: '2025-03-10' },
    { query: { by }, from: '2025-01-05', to: '2025-01-20' },
    { query: { by }, to: '2025-02-02' },
    { query: { by }, from: '2025-03-09' },
    { query: { by }, scope: { doctor_id: 'D1' } },
    { query: { by }, scope: { hospital_ids: ['H1', 'H2'], department_id: 'X1' }, from: '2025-01-01' },
    { query: { by }, scope: { hospital_ids: [] } },
  ]);

  async function expectSame(stores: KeptStores, timeZone: string): Promise<void> {
    for (const question of questions) {
      const asked = { ...question, timeZone };
      const defined = (await stores.defined(revenueReport, asked)) as Figures;
      expect(await stores.kept(revenueReport, asked), JSON.stringify(asked)).to.deep.equal(defined);
      expectBalanced(defined);
    }
  }

  it('REP-8: equals the ledger after random histories of payments, refunds, voids and bills', async function () {
    this.timeout(120_000);
    const opened = await openTestSystem(worldEnv);
    try {
      opened.system.parts.start();
      const world = await openWorld(opened.system);
      const several = fc.array(histories, { minLength: 5, maxLength: 5 });
      const { knex, connection } = opened.system.around.stores;
      await fc.assert(
        fc.asyncProperty(several, async (all) => {
          await Promise.all(all.map((history) => playHistory(world, history)));
        }),
        { numRuns: 3, endOnFailure: true },
      );
      const stores = await openKeptStores({ knex, connection });
      await expectSame(stores, 'UTC');
      const { rows, receipt } = (await stores.kept(revenueReport, {
        query: { by: 'doctor' },
      })) as Figures;
      expect(rows.length).to.be.greaterThan(3);
      for (const { account, balance } of (await opened.system.parts.payments.trialBalance()).accounts)
        expect(receipt.accounts[account]!['total'], account).to.equal(balance);
    } finally {
      await opened.close();
    }
  });

  describe('of bills', () => {
    let stores: KeptStores;
    before(async () => void (stores = await openKeptStores()));
    after(() => stores.close());

    let serial = 0;
    const bill = fc.record({
      kind: fc.constantFrom('consultation', 'prescription'),
      doctor_id: fc.constantFrom('D1', 'D2', null),
      department_id: fc.constantFrom('X1', 'X2', null),
      hospital_id: fc.constantFrom('H1', 'H2', null),
      patient_id: fc.constantFrom('P1', 'P2'),
      total_cost: fc.constantFrom('0.00', '0.01', '9999999999.99', '12.34'),
      // Around midnight, the end of months, and the day on which the clocks change.
      created_at: fc.constantFrom(
        ...[
          '2024-12-31T23:59:59.999Z',
          '2025-01-01T00:00:00Z',
          '2025-01-01T04:59:59Z',
          '2025-01-15T12:00:00Z',
        ],
        ...['2025-02-01T04:00:00Z', '2025-03-09T06:30:00Z', '2025-03-09T07:30:00Z', '2025-12-31T23:00:00Z'],
      ),
    });
    const rowsOf = (bills: readonly (typeof bill extends fc.Arbitrary<infer B> ? B : never)[]) =>
      bills.map((one) => {
        const n = (serial += 1);
        const appointment_id = one.kind === 'consultation' ? `A${n}` : null;
        return { ...one, id: `B${n}`, appointment_id, created_at: new Date(one.created_at) };
      });

    it('REP-8: equals the definition for any period and place, by the calendar of any zone', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(bill, { minLength: 1, maxLength: 30 }), async (bills) => {
          await stores.knex('billing').insert(rowsOf(bills));
        }),
        { numRuns: 15 },
      );
      await expectSame(stores, 'UTC');
      await stores.knex.raw('select rollup_recount_ledger(?)', [zone]);
      await stores.knex('billing').insert(rowsOf(fc.sample(bill, 50)));
      await expectSame(stores, zone);
      expect(
        await stores.kept(revenueReport, { query: { by: 'month' }, from: '2025-01-01T12:00:00Z' }),
      ).to.equal(undefined);
    });

    it('REP-8: writers of one doctor and day at the same time: exact, and none waits in a ring', async () => {
      const [one] = fc.sample(bill, 1);
      // Nothing is tried again here: a deadlock would be an error.
      await Promise.all(
        Array.from({ length: 40 }, () =>
          stores.knex.transaction(async (trx) => {
            for (let n = 0; n < 3; n += 1)
              await trx('billing').insert(
                rowsOf([
                  { ...one!, doctor_id: 'D1' },
                  { ...one!, doctor_id: 'D2' },
                ]),
              );
          }),
        ),
      );
      await expectSame(stores, zone);
    });

    it('REP-9: the version rises with each change, and with nothing else', async () => {
      const version = async (): Promise<number> =>
        Number((await stores.knex('rollup_versions').sum<{ sum: string }[]>('n'))[0]!.sum);
      const rows = rowsOf(fc.sample(bill, 2));
      const first = await version();
      await stores.knex('billing').insert(rows);
      const second = await version();
      expect(second).to.be.greaterThan(first);
      await stores.knex('billing').insert(rows).onConflict().ignore();
      await stores.knex
        .transaction(async (trx) => {
          await trx('billing').insert(rowsOf(fc.sample(bill, 2)));
          throw new Error('rolled back');
        })
        .catch(() => undefined);
      expect(await version()).to.equal(second);
      await expectSame(stores, zone);
    });
  });
});
