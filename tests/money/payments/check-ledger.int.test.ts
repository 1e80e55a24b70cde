import { expect } from 'chai';
import { ledgerChecks } from '../../../src/domains/money/payments/ledger.repository.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { runScript } from '../../support/run-script.js';
import { openDesk, type Desk } from './desk.js';

describe('npm run check:ledger', function () {
  this.timeout(60_000);
  let api: TestApi;
  let desk: Desk;

  before(async () => {
    api = await startApi();
    desk = await openDesk(api);
  });

  after(() => api?.stop());

  const run = (...args: string[]) =>
    runScript('check-ledger', args, {
      MONGODB_URI: process.env['TEST_MONGODB_URI']!.replace(
        /\/[^/?]*(\?|$)/,
        `/${api.system.around.stores.connection.name}$1`,
      ),
      POSTGRES_URI: api.system.around.stores.postgresUri,
      LOG_LEVEL: 'error',
    });

  /** Writes what the tables refuse. */
  async function force(table: string, ...rows: Record<string, unknown>[]): Promise<void> {
    const { knex } = api.system.around.stores;
    await knex.raw('alter table ?? disable trigger user', [table]);
    await knex(table).insert(rows);
    await knex.raw('alter table ?? enable trigger user', [table]);
  }

  const found = async (): Promise<Record<string, string[]>> =>
    Object.fromEntries(
      (await api.system.parts.payments.faults()).map(({ check, examples }) => [check, examples]),
    );

  it('BILL-4: prints the trial balance, and says that the books are right', async () => {
    const booking = await desk.paid();
    await desk.refund(booking.transaction_id, { amount: 10, reason: 'x' });
    const { code, stdout, stderr } = await run();
    expect(stderr).to.equal('The books are right.\n');
    expect(code).to.equal(0);
    expect(
      stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim())),
    ).to.deep.include.members([
      ['', 'cash', '118.00', '10.00', '108.00', ''],
      ['', 'receivable', '8.47', '100.00', '-91.53', ''],
      ['', 'sum', '', '', '0.00', ''],
    ]);
  });

  it('BILL-4: GET /ledger/trial-balance: debits and credits of every account, and a sum of zero', async () => {
    await desk.paid();
    const { body } = await api.get('/ledger/trial-balance', { token: await api.as('manager') });
    expect(body.sum).to.equal(0);
    expect(body.accounts.map(({ account }: { account: string }) => account)).to.deep.equal([
      ...['cash', 'receivable', 'gst_payable', 'revenue', 'refunds_given', 'cancellation_fees'],
    ]);
    let cents = 0;
    for (const { debit, credit, balance } of body.accounts) {
      expect(Math.round(100 * debit) - Math.round(100 * credit)).to.equal(Math.round(100 * balance));
      cents += Math.round(100 * balance);
    }
    expect(cents).to.equal(0);
    expect(body.accounts[0].balance).to.be.greaterThan(0);
    for (const role of ['patient', 'doctor'] as const)
      expectProblem(await api.get('/ledger/trial-balance', { token: await api.as(role) }), 403, 'forbidden');
  });

  it('BILL-4: finds each thing that must not be, and says where', async () => {
    const { appointment_id, patient_id, transaction_id } = await desk.paid();
    const { knex } = api.system.around.stores;
    const line = {
      kind: 'refund',
      account: 'cash',
      patient_id,
      appointment_id,
      posted_at: new Date(),
      line: 1,
    };
    const bill = {
      id: 'B-silent',
      patient_id,
      kind: 'prescription',
      total_cost: '1.00',
      created_at: new Date(),
    };
    const row = await knex('transactions').where({ transaction_id }).first<Record<string, unknown>>();
    const { total_fee: _fee, account_id: _account, ...payment } = row;
    const numbers = { transaction_id: 'T-silent', attempt: 9, invoice_number: 100, receipt_number: 100 };
    const refund = {
      ...{ transaction_id, amount: '118.01', reason: 'x', requested_at: new Date() },
      ...{ decided_at: new Date(), refund_id: 'RF-silent', credit_note_number: 100 },
    };
    await force('ledger_entries', { ...line, journal_id: 'J-alone', amount: '-1.00' });
    await force('billing', bill);
    await force('transactions', { ...payment, ...numbers });
    await force('refunds', refund);
    const faults = await found();
    expect(faults).to.deep.include({
      'journals that do not balance': ['J-alone'],
      'bills without their journal': ['B-silent'],
      'payments without their journal': ['T-silent'],
      'refunds without their journal': ['RF-silent'],
      'journals of refunds that were not given': ['J-alone'],
      'refunds above their payment': [transaction_id],
      // Numbers that were given beyond the series, which has not come so far.
      'gaps in the numbers of invoices': ['100'],
      'gaps in the numbers of receipts': ['100'],
      'gaps in the numbers of credit notes': ['100'],
    });
    const twice = { ...line, kind: 'void', transaction_id };
    await force(
      'ledger_entries',
      { ...twice, journal_id: 'void:1', amount: '-118.00' },
      { ...twice, journal_id: 'void:2', amount: '-118.00' },
    );
    const second = { ...line, kind: 'payment', transaction_id: 'T-silent', journal_id: 'T-silent' };
    const third = {
      ...numbers,
      transaction_id: 'T-third',
      attempt: 10,
      invoice_number: 99,
      receipt_number: 99,
    };
    await force('transactions', { ...payment, ...third });
    const none = { attempt: null, invoice_number: null, receipt_number: null, paid_at: null };
    await force('transactions', { ...payment, ...none, transaction_id: 'T-pending' });
    await force('ledger_entries', { ...second, amount: '118.00' });
    await force('ledger_entries', {
      ...{ ...second, transaction_id: 'T-pending', journal_id: 'T-pending', amount: '118.00' },
    });
    await force('ledger_entries', {
      ...{ ...second, transaction_id: 'T-third', journal_id: 'T-third', amount: '118.00' },
    });
    await knex('number_series').where({ series: 'credit_note' }).update({ last: 102 });
    const more = await found();
    expect(more).to.deep.include({
      'payments that were voided after a refund, or twice': [transaction_id],
      'bookings with two payments at a time': [appointment_id],
      'payments in the ledger that were not confirmed': ['T-pending'],
    });
    expect(more['gaps in the numbers of credit notes']).to.include.members(['101', '102']);
    // The third one is right now.
    expect(more).to.not.have.property('payments without their journal');
    const ever = new Set([...Object.keys(faults), ...Object.keys(more)]);
    expect([...ever].toSorted()).to.deep.equal(ledgerChecks.toSorted());
  });

  it('BILL-4: exits with 4 then, and tells it as JSON too', async () => {
    const { code, stdout, stderr } = await run('--json');
    const report = JSON.parse(stdout) as { right: boolean; sum: string; faults: { check: string }[] };
    expect(report.right).to.equal(false);
    expect(report.sum).to.not.equal('0.00');
    expect(report.faults.map(({ check }) => check)).to.include('bills without their journal');
    expect(stderr).to.include('The books are wrong');
    expect(code).to.equal(4);
  });

  it('DOCS-4: says how it is used', async () => {
    const { stdout } = await run('--help');
    expect(stdout).to.include('Usage: npm run check:ledger --').and.include('Exit codes: 0 done');
  });
});
