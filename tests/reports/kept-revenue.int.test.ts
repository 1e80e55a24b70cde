import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { playHistory } from '../../scripts/histories/run.js';
import { histories } from '../../scripts/histories/steps.js';
import { openWorld, worldEnv } from '../../scripts/histories/world.js';
import { createTransactSql } from '../../src/databases/postgres/sql-transact.js';
import {
  createSqlRollups,
  type SqlRollups,
} from '../../src/domains/reports/rollups/sql-rollups.repository.js';
import { revenueReport } from '../../src/domains/reports/definitions/revenue/revenue.report.js';
import { at } from '../aggregations/records.js';
import { openTestSystem } from '../support/api.js';
import { openKeptStores, type KeptStores, type Question } from './kept-in-postgres.js';
import { expectBalanced, type Figures } from './revenue-figures.js';

describe('revenue from the figures that are kept', () => {
  const zone = 'America/New_York';
  const questions: readonly Question[] = ['department', 'doctor', 'month'].flatMap((by) => [
    { query: { by } },
    { query: { by }, from: '2025-01-01', to: '2026-01-01' },
    { query: { by }, from: '2024-12-15', to: '2025-03-10' },
    { query: { by }, from: '2025-01-05', to: '2025-01-20' },
    { query: { by }, to: '2025-02-02' },
    { query: { by }, from: '2025-03-09' },
    { query: { by }, from: '2023-11-30', to: '2026-02-02' },
    { query: { by }, from: '2024-12-31', to: '2025-01-01', scope: { department_id: 'X2' } },
    { query: { by }, scope: { doctor_id: 'D1' } },
    { query: { by }, scope: { hospital_ids: ['H1', 'H2'], department_id: 'X1' }, from: '2025-01-01' },
    { query: { by }, scope: { hospital_ids: [] } },
    { query: { by }, scope: { hospital_ids: ['H2'] } },
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
      await opened.system.around.stores.knex('billing').insert({
        ...{ id: 'B-before', patient_id: 'P-elsewhere', kind: 'prescription', total_cost: '7.00' },
        created_at: at('2025-05-01'),
      });
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
      // Anyone who serves reports folds what was posted before, at its start.
      while ((await knex('rollup_ledger').first()) === undefined) await sleep(20);
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
    let sums: SqlRollups;
    before(async () => {
      stores = await openKeptStores();
      sums = createSqlRollups(stores.knex, createTransactSql(stores.knex));
    });
    after(() => stores.close());

    const deltas = async (): Promise<number> =>
      Number((await stores.knex('rollup_ledger_deltas').count<{ count: string }[]>())[0]!.count);

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
        ...['2023-11-29T12:00:00Z', '2023-12-31T23:00:00Z', '2026-02-01T12:00:00Z'],
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
      await sums.fold();
      await expectSame(stores, 'UTC');
      await stores.knex.raw('select rollup_recount_ledger(?)', [zone]);
      expect(await deltas()).to.equal(0);
      await stores.knex('billing').insert(rowsOf(fc.sample(bill, 50)));
      expect(await deltas()).to.be.greaterThan(0);
      await expectSame(stores, zone);
      expect(
        await stores.kept(revenueReport, { query: { by: 'month' }, from: '2025-01-01T12:00:00Z' }),
      ).to.equal(undefined);
    });

    it('REP-8: what is posted is folded beside who posts, by several at once: all of it, and once', async () => {
      let isPosting = true;
      const folding = Array.from({ length: 3 }, async () => {
        while (isPosting) await sums.fold();
      });
      const posting = Array.from({ length: 4 }, async () => {
        for (let n = 0; n < 15; n += 1) await stores.knex('billing').insert(rowsOf(fc.sample(bill, 3)));
      });
      await Promise.all(posting).finally(() => (isPosting = false));
      await Promise.all(folding);
      await expectSame(stores, zone);
      await stores.knex.transaction(async (trx) => {
        // Bills of nothing would leave nothing to fold.
        const some = fc.sample(bill, 3).map((one) => ({ ...one, total_cost: '12.34' as const }));
        await trx('billing').insert(rowsOf(some));
        // It does not wait for who posts, and leaves it what is not committed.
        await sums.fold();
        expect(await deltas()).to.equal(0);
        await expectSame(stores, zone);
      });
      expect(await deltas()).to.be.greaterThan(0);
      await expectSame(stores, zone);
    });

    it('REP-9: is read from as many rows after more bills, once they are folded', async () => {
      const rows = async (): Promise<number> => {
        await sums.fold();
        const [ledger] = await stores.knex('rollup_ledger').count<{ count: string }[]>();
        return Number(ledger!.count) + (await deltas());
      };
      const bills = fc.sample(bill, 5);
      await stores.knex('billing').insert(rowsOf(bills));
      const before = await rows();
      for (let n = 0; n < 10; n += 1) await stores.knex('billing').insert(rowsOf(bills));
      expect(await rows()).to.equal(before);
      await expectSame(stores, zone);
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
      await sums.fold();
      expect(await version()).to.equal(second);
      await expectSame(stores, zone);
    });
  });
});
