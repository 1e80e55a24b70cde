import { expect } from 'chai';
import type { AppointmentCancelled } from '../../../src/contracts/hand-overs.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { openDesk, type Desk } from './desk.js';

describe('what a cancellation does to the money', () => {
  let api: TestApi;
  let desk: Desk;
  let admin: string;

  before(async () => {
    api = await startApi({ REFUND_APPROVAL_ABOVE: '100000', REFUND_POLICY: '24:100,4:50' });
    desk = await openDesk(api);
    admin = await api.as('admin');
  });

  afterEach(() => api.clock.set(undefined));

  after(async () => {
    await desk?.expectRight();
    await api?.stop();
  });

  const cancel: Desk['cancel'] = (...of) => desk.cancel(...of);
  const shown = async (transaction_id: string) =>
    (await api.get(`/transactions/${transaction_id}`, { token: admin })).body;

  for (const [hours, percent] of [
    [24, 100],
    [23.99, 50],
    [4, 50],
    [3.99, 0],
    [0.01, 0],
  ] as const)
    it(`BOOK-6: ${hours} hours before, a patient gets back ${percent} %`, async () => {
      const booking = await desk.paid();
      await cancel(booking, { hours });
      const back = (118 * percent) / 100;
      const transaction = await shown(booking.transaction_id);
      expect(transaction.refunded).to.equal(back);
      expect(transaction.refunds).to.have.length(percent === 0 ? 0 : 1);
      if (percent > 0)
        expect(transaction.refunds[0]).to.deep.include({
          ...{ status: 'posted', amount: back, decided_by: null },
          reason: `Cancelled by the patient (Patient): ${percent} %`,
        });
      expect(await desk.mark(booking.appointment_id)).to.deep.include({
        status: percent === 100 ? 'refunded' : percent === 0 ? 'paid' : 'partially_refunded',
      });
      const kept = 1 - percent / 100;
      expect(await desk.balances(booking.appointment_id)).to.deep.equal(
        kept === 0
          ? {}
          : {
              cash: (118 * kept).toFixed(2),
              gst_payable: (-18 * kept).toFixed(2),
              cancellation_fees: (-100 * kept).toFixed(2),
            },
      );
      expect(await api.system.parts.payments.countUnsettled(booking.patient_id)).to.equal(0);
      expectProblem(await desk.pay(booking), 409, 'booking_not_payable');
    });

  it('BOOK-6: when the doctor or the hospital cancels, all of it goes back, however late', async () => {
    for (const reason of ['prov', 'maint']) {
      const booking = await desk.paid();
      await cancel(booking, { hours: 0.5, reason });
      expect(await shown(booking.transaction_id)).to.deep.include({ status: 'refunded', refunded: 118 });
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({});
    }
  });

  it('BOOK-6: what went back before counts: the policy tops it up, and never takes anything', async () => {
    const less = await desk.paid();
    await desk.refund(less.transaction_id, { amount: 20, reason: 'A discount' });
    await cancel(less, { hours: 5 });
    expect((await shown(less.transaction_id)).refunded).to.equal(59);
    const more = await desk.paid();
    await desk.refund(more.transaction_id, { amount: 80, reason: 'A discount' });
    await cancel(more, { hours: 5 });
    const transaction = await shown(more.transaction_id);
    expect([transaction.refunded, transaction.refunds.length]).to.deep.equal([80, 1]);
    expect(await desk.balances(more.appointment_id)).to.deep.include({ cash: '38.00' });
  });

  it('BOOK-6: what was kept may still be given back: it is the hospital’s then', async () => {
    const booking = await desk.paid();
    await cancel(booking, { hours: 5 });
    const { body } = await desk.refund(booking.transaction_id, { amount: 29.5, reason: 'Goodwill' });
    expect(body.refunded).to.equal(88.5);
    expect(await desk.balances(booking.appointment_id)).to.deep.equal({
      ...{ cash: '29.50', gst_payable: '-4.50', cancellation_fees: '-50.00', refunds_given: '25.00' },
    });
  });

  it('BOOK-6: a payment that was kept and is void then is nobody’s debt', async () => {
    const { doctor_id } = await api.make.doctor({ consultation_fee: 50 });
    const booking = await desk.paid({ doctor_id });
    await cancel(booking, { hours: 1 });
    const { status } = await api.delete(`/transactions/${booking.transaction_id}`, { token: admin });
    expect(status).to.equal(204);
    expect(await desk.balances(booking.appointment_id)).to.deep.equal({
      ...{ cancellation_fees: '-50.00', refunds_given: '50.00' },
    });
    expect(await api.system.parts.payments.countUnsettled(booking.patient_id)).to.equal(0);
  });

  it('BILL-5: news that arrives again refunds nothing twice; a second cancellation neither', async () => {
    const booking = await desk.paid();
    await cancel(booking, { hours: 5 });
    const { parts, around } = api.system;
    const entries = around.stores.connection.collection<{ _id: string }>('outbox');
    const entry = await entries.findOne({
      kind: 'appointment.cancelled',
      'payload.appointment_id': booking.appointment_id,
    });
    const { _id: entry_id, ...rest } = entry as unknown as { _id: string; payload: AppointmentCancelled };
    const kind = 'appointment.cancelled' as const;
    const again = { entry_id, kind, created_at: new Date(), payload: rest.payload };
    await Promise.all(Array.from({ length: 5 }, () => parts.payments.consumeCancelled(again)));
    const other = { ...again, payload: { ...rest.payload, refund_percent: 100 } };
    await parts.payments.consumeCancelled({ ...other, entry_id: 'E-other' });
    const { refunds, refunded } = await shown(booking.transaction_id);
    expect([refunded, refunds.length]).to.deep.equal([59, 1]);
  });

  it('BILL-5: of a visit that was billed and is gone all of it is given back, and nobody owes anything', async () => {
    const { appointment_id, patient_id, doctor_id } = await desk.paid();
    await api.make.steps(appointment_id, 'checked_in', 'completed');
    const decision = { reason: 'oth-err', refund_percent: 100, cancelled_at: new Date() } as const;
    await api.system.parts.payments.consumeCancelled({
      ...{ entry_id: 'E-gone', kind: 'appointment.cancelled', created_at: new Date() },
      payload: { appointment_id, patient_id, doctor_id, ...decision },
    });
    expect(await desk.balances(appointment_id)).to.deep.equal({
      ...{ refunds_given: '100.00', revenue: '-100.00' },
    });
  });

  it('BOOK-6: a booking that nobody paid is closed too', async () => {
    const booking = await desk.booked();
    await cancel(booking, { hours: 30 });
    expect(await desk.lines(booking.appointment_id)).to.deep.equal([]);
    const { appointment_id } = booking;
    const account = await api.system.around.stores.knex('booking_accounts').where({ appointment_id }).first();
    expect(account).to.deep.include({ refund_percent: 100, patient_id: booking.patient_id });
  });

  it('BOOK-1: an id whose money is in the books names no other visit, though the first is gone', async () => {
    const appointment_id = `A-${Date.now()}`;
    const { token, doctor_id } = await desk.booked({ appointment_id });
    expect((await api.delete(`/appointments/${appointment_id}`, { token })).status).to.equal(204);
    const { date } = await desk.booked();
    const { patient_id } = await api.make.patient();
    const body = { appointment_id, doctor_id, patient_id, date };
    const again = await api.post('/appointments', { token: admin, body });
    expectProblem(again, 409, 'already_exists');
    expect(again.body.key).to.equal('appointment_id');
    expectProblem(await api.get(`/appointments/${appointment_id}`, { token: admin }), 404, 'not_found');
  });

  it('PAT-2: a patient who owes something, or has paid in advance, is not removed; one who is settled is', async () => {
    const booking = await desk.booked();
    const remove = () => api.delete(`/patients/${booking.patient_id}`, { token: admin });
    await api.make.steps(booking.appointment_id, 'checked_in', 'completed');
    const refused = await remove();
    expectProblem(refused, 409, 'still_in_use');
    expect(refused.body.detail).to.include('1 unpaid bills');
    expect((await desk.pay({ ...booking, token: admin })).status).to.equal(201);
    expect((await remove()).status).to.equal(204);
  });

  it('PAT-5: the id of a patient who is gone names nobody else: their visits and payments are not shown to another', async () => {
    const { patient_id, appointment_id, token } = await desk.booked();
    await desk.pay({ appointment_id, token });
    await api.make.steps(appointment_id, 'checked_in', 'completed');
    expect((await api.delete(`/patients/${patient_id}`, { token: admin })).status).to.equal(204);
    const body = { patient_id, name: 'Somebody Else', date_of_birth: '1990-01-01', sex: 'male' };
    expectProblem(await api.post('/patients', { token: admin, body }), 409, 'already_exists');
    expectProblem(await api.get(`/patients/${patient_id}`, { token: admin }), 404, 'not_found');
  });

  it('BOOK-6: who paid and does not come has given no notice: the fee stays, and nothing is open any more', async () => {
    const { appointment_id, date, token, patient_id } = await desk.paid();
    api.clock.set(new Date(Date.parse(date) + 3_600_000));
    await api.make.steps(appointment_id, 'no_show');
    expect(await desk.balances(appointment_id)).to.deep.equal({
      cash: '118.00',
      gst_payable: '-18.00',
      cancellation_fees: '-100.00',
    });
    expectProblem(await desk.pay({ appointment_id, token }), 409, 'booking_not_payable');
    expect((await api.delete(`/patients/${patient_id}`, { token: admin })).status).to.equal(204);
    await desk.expectRight();
  });
});
