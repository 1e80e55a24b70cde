import { expect } from 'chai';
import { signCallback } from '../../../src/lib/signed-callback.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, newPatient } from '../../support/people.js';
import { stored } from '../../support/stored.js';
import { openDesk, type Booked, type Desk } from './desk.js';

const secret = 'the provider and the hospital know it: 0123';
const minute = 60_000;

describe('cards and the desk', () => {
  let api: TestApi;
  let desk: Desk;
  let admin: string;

  before(async () => {
    api = await startApi({ PAYMENT_CALLBACK_SECRET: secret });
    desk = await openDesk(api);
    admin = await api.as('admin');
  });
  after(async () => {
    await desk?.expectRight();
    await api?.stop();
  });
  afterEach(() => api.clock.set(undefined));

  const byCard = ({ appointment_id, token }: Booked, body: object = {}) =>
    api.post(`/transactions/${appointment_id}`, { token, body });

  let events = 0;
  const eventOf = (transaction_id: string, fields: object = {}) => ({
    ...{ event_id: `evt_${(events += 1)}`, type: 'payment.authorized', transaction_id },
    ...{ amount: 118, currency: 'USD', ...fields },
  });
  const callback = (event: object, at = api.clock.now(), header?: string, name = 'demo') => {
    const raw = JSON.stringify(event);
    const headers = { 'payment-signature': header ?? signCallback(secret, raw, at) };
    return api.post(`/payment-callbacks/${name}`, { raw, headers });
  };
  const pending = async () => {
    const booking = await desk.booked();
    const { transaction_id } = (await byCard(booking)).body;
    return { ...booking, transaction_id: transaction_id as string };
  };
  const shown = async (transaction_id: string) =>
    (await api.get(`/transactions/${transaction_id}`, { token: admin })).body;

  it('BILL-7: the payer attests nothing: cash and transfers are the desk’s, a card is pending', async () => {
    const booking = await desk.booked();
    const before = await stored(api);
    for (const payment_method of ['cash', 'bank_transfer'])
      expectProblem(await byCard(booking, { payment_method }), 403, 'pay_at_desk');
    expect(await stored(api)).to.equal(before);
    const { status, body } = await byCard(booking);
    expect(status).to.equal(201);
    expect(body).to.deep.include({
      ...{ status: 'pending', payment_method: 'card', provider: 'demo', is_demo: true, paid_at: null },
      ...{ invoice_number: null, receipt_number: null, total_fee: 118, refunded: 0 },
      checkout_path: `/my/payments/${body.transaction_id}/card`,
    });
    expect(await desk.lines(booking.appointment_id)).to.deep.equal([]);
    expect(await desk.mark(booking.appointment_id)).to.equal(null);
    for (const paper of ['invoice', 'receipt'])
      expectProblem(
        await api.get(`/transactions/${body.transaction_id}/${paper}`, { token: admin }),
        404,
        'not_found',
      );
    const again = await byCard(booking);
    expectProblem(again, 409, 'payment_pending');
    expect(again.body.transaction_id).to.equal(body.transaction_id);
    expectProblem(await desk.refund(body.transaction_id, { reason: 'x' }), 409, 'not_paid');
    expectProblem(
      await api.delete(`/transactions/${body.transaction_id}`, { token: admin }),
      409,
      'not_paid',
    );
  });

  it('BILL-7: the desk of that hospital takes cash, another one does not see the visit', async () => {
    const booking = await desk.booked();
    const { hospital_id } = (await api.get(`/appointments/${booking.appointment_id}`, { token: admin })).body;
    const there = await api.make.account('receptionist', { hospital_id });
    const other = (await api.make.hospital()).hospital_id as string;
    const elsewhere = await api.make.account('receptionist', { hospital_id: other });
    expectProblem(await byCard({ ...booking, token: elsewhere.token }), 404, 'not_found');
    const { status, body } = await byCard({ ...booking, token: there.token });
    expect(status).to.equal(201);
    expect(body).to.deep.include({ status: 'paid', payment_method: 'cash', provider: null, is_demo: false });
    for (const [token, seen] of [
      [there.token, 200],
      [elsewhere.token, 404],
    ] as const)
      expect((await api.get(`/transactions/${body.transaction_id}`, { token })).status).to.equal(seen);
    const mine = (await api.get('/transactions?limit=100', { token: elsewhere.token })).body.items;
    expect(mine).to.deep.equal([]);
    expectProblem(
      await desk.refund(body.transaction_id, { reason: 'x' }, { token: there.token }),
      403,
      'forbidden',
    );
  });

  it('BILL-7: is paid once its provider says so, and the same word again changes nothing', async () => {
    const { transaction_id, appointment_id } = await pending();
    const event = eventOf(transaction_id);
    const answers = await Promise.all([callback(event), callback(event), callback(event)]);
    for (const { status, body } of answers) {
      expect(status).to.equal(200);
      expect(body).to.deep.equal({ event_id: event.event_id, transaction_id, status: 'paid' });
    }
    const before = await stored(api);
    for (const late of [
      event,
      eventOf(transaction_id),
      eventOf(transaction_id, { type: 'payment.declined' }),
    ])
      expect((await callback(late)).body.status).to.equal('paid');
    expect(await shown(transaction_id)).to.deep.include({
      status: 'paid',
      is_demo: true,
      checkout_path: null,
    });
    expect(await desk.lines(appointment_id, 'payment')).to.have.length(3);
    expect(await desk.mark(appointment_id)).to.deep.include({ transaction_id, status: 'paid' });
    const paper = (await api.get(`/transactions/${transaction_id}/receipt`, { token: admin })).body;
    expect(paper.is_demo).to.equal(true);
    expect((await stored(api)).length).to.be.at.least(before.length);
  });

  it('SEC: refuses a callback that is unsigned, forged, changed, old, of another name or amount, and nothing changes', async () => {
    const { transaction_id, appointment_id } = await pending();
    const event = eventOf(transaction_id);
    const now = api.clock.now();
    const good = signCallback(secret, JSON.stringify(event), now);
    const before = await stored(api);
    const far = [-6, 6].map((minutes) => new Date(now.getTime() + minutes * minute));
    for (const header of [
      '',
      'x',
      good.replace('v1=', 'v1=00'),
      signCallback('another', JSON.stringify(event), now),
    ])
      expectProblem(await callback(event, now, header), 401, 'callback_refused');
    for (const at of far) expectProblem(await callback(event, at), 401, 'callback_refused');
    expectProblem(await callback({ ...event, amount: 1 }, now, good), 401, 'callback_refused');
    expectProblem(await callback(event, now, undefined, 'other'), 404, 'not_found');
    for (const fields of [{ amount: 117.99 }, { currency: 'EUR' }])
      expectProblem(await callback({ ...event, ...fields }), 409, 'callback_mismatch');
    expectProblem(await callback(eventOf('T-none')), 404, 'not_found');
    expectProblem(await callback({ ...event, type: 'paid' }), 400, 'invalid_request');
    expect(await stored(api)).to.equal(before);
    expect(await desk.lines(appointment_id)).to.deep.equal([]);
  });

  it('BILL-7: one that is declined, or is not wanted any more, is never in the books', async () => {
    const declined = await pending();
    const no = await callback(eventOf(declined.transaction_id, { type: 'payment.declined' }));
    expect(no.body.status).to.equal('failed');
    expect((await shown(declined.transaction_id)).failure).to.equal('declined');
    const atDesk = await pending();
    expect((await desk.pay(atDesk)).body.status).to.equal('paid');
    const cancelled = await pending();
    await api.make.steps(cancelled.appointment_id, 'cancelled');
    for (const { transaction_id } of [atDesk, cancelled]) {
      expect((await callback(eventOf(transaction_id))).body.status).to.equal('failed');
      expect((await shown(transaction_id)).failure).to.equal('not_needed');
    }
    expect(await desk.lines(cancelled.appointment_id)).to.deep.equal([]);
    expect(await desk.lines(atDesk.appointment_id, 'payment')).to.have.length(3);
  });

  it('BILL-7: one that nobody confirms gives way to another card after half an hour', async () => {
    const booking = await pending();
    const at = api.clock.now().getTime();
    api.clock.set(new Date(at + 29 * minute));
    expectProblem(await byCard(booking), 409, 'payment_pending');
    api.clock.set(new Date(at + 30 * minute));
    const { status, body } = await byCard(booking);
    expect([status, body.status]).to.deep.equal([201, 'pending']);
    expect((await shown(booking.transaction_id)).failure).to.equal('expired');
    expect((await callback(eventOf(body.transaction_id))).body.status).to.equal('paid');
  });

  it('BILL-7: without a provider a card is refused, and the patient does not see another’s payment', async () => {
    const { transaction_id } = await pending();
    const { token } = await newPatient(api);
    expectProblem(await api.get(`/transactions/${transaction_id}`, { token }), 404, 'not_found');
    const bare = await startApi({ PAYMENT_PROVIDER: 'none' });
    try {
      const booking = await (await openDesk(bare)).booked();
      const ask = { token: booking.token, body: { payment_method: 'card' } };
      expectProblem(await bare.post(`/transactions/${booking.appointment_id}`, ask), 409, 'no_card_payments');
    } finally {
      await bare.stop();
    }
  });
});
