import { expect } from 'chai';
import { down, up } from '../../src/databases/migrations/0004-confirmed-payments.js';
import { startApi, type TestApi } from '../support/api.js';
import { openDesk, type Desk } from '../money/payments/desk.js';

describe('migration 0004, payments that are confirmed', () => {
  let api: TestApi;
  let desk: Desk;
  before(async () => {
    api = await startApi();
    desk = await openDesk(api);
  });
  after(() => api.stop());

  it('BILL-7: what the version before has written counts as paid when it was written, and goes on as it was', async () => {
    const { knex } = api.system.around.stores;
    const booking = await desk.paid();
    await desk.refund(booking.transaction_id, { amount: 18, reason: 'Came late' });
    const { transaction_id, appointment_id, patient_id } = booking;
    const shown = async () =>
      (await api.get(`/transactions/${transaction_id}`, { token: await api.as('admin') })).body;
    const before = await shown();

    // As the version before had it.
    await knex.transaction(down);
    const old = await knex('transactions').where({ transaction_id }).first<Record<string, unknown>>();
    expect(old).not.to.have.any.keys('paid_at', 'provider', 'account_id', 'bill_id');
    await knex.transaction(up);

    const row = await knex('transactions').where({ transaction_id }).first<Record<string, unknown>>();
    expect(row).to.deep.include({
      ...{ provider: null, failed_at: null, account_id: appointment_id, bill_id: null },
      paid_at: row['created_at'],
    });
    expect(await shown()).to.deep.equal(before);
    await desk.expectRight();

    // Refunds, bills and new payments go on.
    await desk.refund(transaction_id, { amount: 100, reason: 'The rest' });
    expect((await shown()).status).to.equal('refunded');
    expect((await desk.pay({ ...booking, token: await api.as('admin') })).status).to.equal(201);
    await api.make.steps(appointment_id, 'checked_in', 'completed');
    expect(await api.system.parts.payments.countUnsettled(patient_id)).to.equal(0);
    await desk.expectRight();
  });
});
