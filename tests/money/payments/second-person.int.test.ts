import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { openDesk, type Desk } from './desk.js';

const hour = 3_600_000;

describe('the second person', () => {
  let api: TestApi;
  let desk: Desk;
  let admin: string;
  let second: { token: string; user_id: string };

  before(async () => {
    api = await startApi({ REFUND_APPROVAL_ABOVE: '100' });
    desk = await openDesk(api);
    admin = await api.as('admin');
    second = await api.make.account('admin');
  });
  after(async () => {
    await desk?.expectRight();
    await api?.stop();
  });

  const users = () => api.system.around.stores.connection.collection<{ _id: string }>('users');
  /** As if the account had had its role for so long. */
  const age = (user_id: string, hours: number) =>
    users().updateOne({ _id: user_id }, { $set: { role_since: new Date(Date.now() - hours * hour) } });
  const approve = (refund_id: string, token: string) => api.post(`/refunds/${refund_id}/approve`, { token });
  const refundOf = async (transaction_id: string) =>
    (await api.get(`/transactions/${transaction_id}`, { token: admin })).body.refunds.at(-1);
  const adminId = async () => (await api.get('/users/me', { token: admin })).body.id as string;

  it('BILL-7: a new admin approves nothing for 24 hours; below the limit nobody is needed', async () => {
    const booking = await desk.paid();
    expect((await desk.refund(booking.transaction_id, { amount: 100, reason: 'x' })).body.refunded).to.equal(
      100,
    );
    await desk.refund(booking.transaction_id, { reason: 'The rest' });
    const { refund_id } = await refundOf(booking.transaction_id);
    for (const hours of [0, 23.9]) {
      await age(second.user_id, hours);
      expectProblem(await approve(refund_id, second.token), 403, 'new_approver');
    }
    await age(second.user_id, 24.1);
    expect((await approve(refund_id, second.token)).body.status).to.equal('posted');
  });

  it('BILL-7: who made the account that asks is not its second person within 24 hours', async () => {
    const booking = await desk.paid();
    await desk.refund(booking.transaction_id, { reason: 'x' });
    const { refund_id } = await refundOf(booking.transaction_id);
    const requester = await adminId();
    await age(second.user_id, 30);
    await users().updateOne({ _id: requester }, { $set: { made_by: second.user_id } as never });
    await age(requester, 1);
    expectProblem(await approve(refund_id, second.token), 403, 'same_person');
    await age(requester, 25);
    expect((await approve(refund_id, second.token)).body.status).to.equal('posted');
  });

  for (const [who, reason] of [
    ['admin', 'oth-err'],
    ['doctor', 'prov'],
    ['patient', 'pat'],
  ] as const)
    it(`BILL-7: a cancellation by the ${who} above the limit waits for somebody else`, async () => {
      await age(second.user_id, 30);
      const booking = await desk.paid();
      const { doctor_id } = booking;
      const doctor = who === 'doctor' && (await api.make.account('doctor', { doctor_id }));
      const token = doctor ? doctor.token : who === 'admin' ? admin : booking.token;
      const cancelled = await api.patch(`/appointments/${booking.appointment_id}`, {
        ...{ token, body: { status: 'cancelled', cancellation_reason: reason } },
      });
      expect(cancelled.status).to.equal(200);
      const refund = await refundOf(booking.transaction_id);
      expect(refund).to.deep.include({ status: 'pending', amount: 118, cause: 'cancellation' });
      expect(refund.requested_by).to.be.a('string');
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({
        ...{ cash: '118.00', receivable: '-100.00', gst_payable: '-18.00' },
      });
      expectProblem(
        await desk.refund(booking.transaction_id, { amount: 1, reason: 'x' }),
        409,
        'refund_waits',
      );
      if (who === 'admin') expectProblem(await approve(refund.refund_id, admin), 403, 'same_person');
      expect((await approve(refund.refund_id, second.token)).body.status).to.equal('posted');
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({});
    });

  it('BILL-7: what is rejected stays with the hospital, and a void above the limit is refused', async () => {
    await age(second.user_id, 30);
    const booking = await desk.paid();
    expectProblem(
      await api.delete(`/transactions/${booking.transaction_id}`, { token: admin }),
      409,
      'approval_needed',
    );
    await api.make.steps(booking.appointment_id, 'cancelled');
    const { refund_id } = await refundOf(booking.transaction_id);
    const rejected = await api.post(`/refunds/${refund_id}/reject`, { token: second.token, body: {} });
    expect(rejected.body.status).to.equal('rejected');
    expect(await desk.balances(booking.appointment_id)).to.deep.equal({
      ...{ cash: '118.00', gst_payable: '-18.00', cancellation_fees: '-100.00' },
    });
    expect(await api.system.parts.payments.countUnsettled(booking.patient_id)).to.equal(0);
  });
});
