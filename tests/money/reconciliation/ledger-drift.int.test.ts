import { expect } from 'chai';
import { ledgerChecks } from '../../../src/domains/money/payments/ledger.repository.js';
import { ledgerChecks as watched } from '../../../src/domains/money/reconciliation/ledger.drift.js';
import { startApi, type TestApi } from '../../support/api.js';
import { stored } from '../../support/stored.js';
import { startFixture, type Fixture } from './fixture.js';

describe('reconciliation: the books', function () {
  this.timeout(30_000);
  let api: TestApi;
  let on: Fixture;

  before(async () => {
    api = await startApi();
    on = await startFixture(api);
  });
  after(() => api.stop());

  /** As anyone who owns the database could, and no request can. */
  async function without(trigger: string, table: string, work: () => Promise<unknown>): Promise<void> {
    const { knex } = api.system.around.stores;
    await knex.raw('alter table ?? disable trigger ??', [table, trigger]);
    await work();
    await knex.raw('alter table ?? enable trigger ??', [table, trigger]);
  }

  it('BILL-4: looks at every check that the ledger has', () => {
    expect([...watched].sort()).deep.equal([...ledgerChecks].sort());
  });

  it('BILL-4: what is wrong in them is told by kind, and left for people: evidence is not repaired', async () => {
    const { transaction_id } = await on.pay();
    const { patient_id } = await on.visit((await on.payment(transaction_id)).appointment_id);
    expect((await on.run()).found).equal(0);
    const now = new Date();
    const line = { kind: 'bill', line: 1, account: 'revenue', amount: '-1.00', patient_id, posted_at: now };
    await without('ledger_balances', 'ledger_entries', () =>
      on.sql('ledger_entries').insert({ ...line, journal_id: 'J-odd' }),
    );
    const bill = { id: 'B-odd', patient_id, kind: 'prescription', total_cost: '5.00', created_at: now };
    await without('bill_to_ledger', 'billing', () => on.sql('billing').insert(bill));
    const [row] = await on.sql('transactions').where({ transaction_id });
    const { total_fee: _fee, account_id: _account, ...copy } = row;
    const odd = { transaction_id: 'T-odd', attempt: 2, invoice_number: 7, receipt_number: 7 };
    await on.sql('transactions').insert({ ...copy, ...odd });
    const refund = {
      refund_id: 'RF-odd',
      transaction_id,
      amount: '118.01',
      reason: 'odd',
      requested_at: now,
    };
    await on.sql('refunds').insert(refund);
    const before = await stored(api);
    const report = await on.run({
      apply: true,
      kinds: [
        ...(['ledger_unbalanced', 'bill_not_posted', 'payment_not_posted'] as const),
        ...(['refund_above_payment', 'paid_twice', 'number_gap'] as const),
      ],
    });
    expect(report.kinds.map(({ kind, found, left, examples }) => [kind, found, left, ...examples.map(({ id }) => id)]))
      .deep.equal([
        ['ledger_unbalanced', 1, 1, 'J-odd'],
        ['bill_not_posted', 1, 1, 'B-odd'],
        ['payment_not_posted', 1, 1, 'T-odd'],
        ['refund_above_payment', 1, 1, transaction_id],
        ['paid_twice', 0, 0],
        ['number_gap', 2, 2, '7', '7'],
      ]); // prettier-ignore
    expect(report.kinds.every(({ advice }) => advice.length > 0)).equal(true);
    expect(await stored(api)).equal(before);
  });
});
