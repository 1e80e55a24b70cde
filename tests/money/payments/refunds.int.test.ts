import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { stored } from '../../support/stored.js';
import { openDesk, type Desk } from './desk.js';

describe('refunds', () => {
  let api: TestApi;
  let desk: Desk;
  let admin: string;
  let second: string;

  before(async () => {
    api = await startApi({ REFUND_APPROVAL_ABOVE: '100', APPROVER_HOURS: '0' });
    desk = await openDesk(api);
    admin = await api.as('admin');
    second = (await api.make.account('admin')).token;
  });

  after(async () => {
    await desk?.expectRight();
    await api?.stop();
  });

  /** A visit of a doctor who takes little: refunds of it need nobody's approval. */
  async function small() {
    const { doctor_id } = await api.make.doctor({ consultation_fee: 50 });
    return desk.paid({ doctor_id });
  }

  describe('PUT and PATCH /transactions/{transaction_id}', () => {
    it('BILL-2: gives back a part: fee and tax in their proportion, before the visit is billed', async () => {
      const { transaction_id, appointment_id } = await small();
      const { status, body } = await desk.refund(transaction_id, { amount: 10.01, reason: 'Came late' });
      expect(status).to.equal(200);
      expect(body).to.deep.include({ status: 'partially_refunded', refunded: 10.01, total_fee: 59 });
      expect(body.refunds).to.have.length(1);
      expect(body.refunds[0]).to.deep.include({
        ...{ amount: 10.01, gst: 1.53, reason: 'Came late', status: 'posted', decided_by: null },
        ...{ decided_at: body.refunds[0].requested_at, decision_reason: null },
      });
      expect(body.refunds[0].credit_note_number).to.match(/^CRN-\d{6}$/);
      expect(await desk.lines(appointment_id, 'refund')).to.deep.equal([
        ...['cash -10.01', 'receivable 8.48', 'gst_payable 1.53'],
      ]);
      expect(await desk.mark(appointment_id)).to.deep.include({
        ...{ status: 'partially_refunded', refunded: '10.01' },
      });
    });

    it('BILL-2: without an amount gives back all that is left, by PUT as by PATCH', async () => {
      const { transaction_id, appointment_id } = await small();
      await desk.refund(transaction_id, { amount: 0.01, reason: 'A cent' });
      const { status, body } = await api.put(`/transactions/${transaction_id}`, {
        token: admin,
        body: { reason: 'The rest' },
      });
      expect(status).to.equal(200);
      expect(body).to.deep.include({ status: 'refunded', refunded: 59 });
      expect(body.refunds.map(({ amount }: { amount: number }) => amount)).to.deep.equal([0.01, 58.99]);
      expect(await desk.balances(appointment_id)).to.deep.equal({});
    });

    it('BILL-2: after the bill it is the hospital that gives: nothing is owed again', async () => {
      const { transaction_id, appointment_id, patient_id } = await small();
      await api.make.steps(appointment_id, 'checked_in', 'completed');
      await desk.refund(transaction_id, { amount: 11.8, reason: 'Goodwill' });
      expect(await desk.lines(appointment_id, 'refund')).to.deep.equal([
        ...['cash -11.80', 'refunds_given 10.00', 'gst_payable 1.80'],
      ]);
      expect(await api.system.parts.payments.countUnsettled(patient_id)).to.equal(0);
    });

    it('BILL-2: a part that went back before the bill is not asked for again by the bill', async () => {
      const { transaction_id, appointment_id, patient_id } = await small();
      await desk.refund(transaction_id, { amount: 11.8, reason: 'A discount' });
      await api.make.steps(appointment_id, 'checked_in', 'completed');
      expect(await desk.lines(appointment_id, 'allowance')).to.deep.equal([
        ...['refunds_given 10.00', 'receivable -10.00'],
      ]);
      expect(await api.system.parts.payments.countUnsettled(patient_id)).to.equal(0);
      await desk.refund(transaction_id, { reason: 'And the rest' });
      expect(await desk.balances(appointment_id)).to.deep.equal({
        ...{ refunds_given: '50.00', revenue: '-50.00' },
      });
    });

    it('BILL-2: never more than was paid, not twice, not of nothing, not of what there is not', async () => {
      const { transaction_id, token } = await small();
      await desk.refund(transaction_id, { amount: 9, reason: 'First' });
      const all = await small();
      await desk.refund(all.transaction_id, { reason: 'All' });
      const manager = await api.as('manager');
      const before = await stored(api);
      const above = await desk.refund(transaction_id, { amount: 50.01, reason: 'x' });
      expectProblem(above, 409, 'refund_exceeds_payment');
      expect(above.body.left).to.equal(50);
      for (const body of [{ reason: 'x' }, { amount: 1, reason: 'x' }])
        expectProblem(await desk.refund(all.transaction_id, body), 409, 'already_refunded');
      for (const amount of [0, -1, 0.001, 1e15, '5', null])
        expectProblem(await desk.refund(transaction_id, { amount, reason: 'x' }), 400, 'invalid_request');
      for (const body of [{ amount: 1 }, { amount: 1, reason: ' ' }, { amount: 1, reason: 'x', gst: 1 }])
        expectProblem(await desk.refund(transaction_id, body), 400, 'invalid_request');
      expectProblem(await desk.refund('T-none', { reason: 'x' }), 404, 'not_found');
      for (const who of [token, manager])
        for (const method of ['PUT', 'PATCH']) {
          const ask = { token: who, body: { amount: 1, reason: 'x' } };
          expectProblem(await api.request(method, `/transactions/${transaction_id}`, ask), 403, 'forbidden');
        }
      expect(await stored(api)).to.equal(before);
    });

    it('BILL-2: the parts of many refunds add up to the payment, to the cent', async () => {
      const { doctor_id } = await api.make.doctor({ consultation_fee: 33.33 });
      const { transaction_id, appointment_id } = await desk.paid({ doctor_id });
      for (const amount of [0.01, 0.02, 0.03, 13.37, 7.77])
        expect((await desk.refund(transaction_id, { amount, reason: 'Part' })).status).to.equal(200);
      const { body } = await desk.refund(transaction_id, { reason: 'Rest' });
      const gst = body.refunds.map((refund: { gst: number }) => Math.round(100 * refund.gst));
      expect(gst.reduce((sum: number, cents: number) => sum + cents, 0)).to.equal(600);
      expect(await desk.balances(appointment_id)).to.deep.equal({});
    });
  });

  describe('a refund above the limit', () => {
    const decide = (refund_id: string, decision: 'approve' | 'reject', token: string, body?: object) =>
      api.post(`/refunds/${refund_id}/${decision}`, { token, ...(body ? { body } : {}) });

    /** A refund of 118.00 that waits. */
    async function waiting() {
      const booking = await desk.paid();
      const { body } = await desk.refund(booking.transaction_id, { reason: 'Too dear' });
      return { ...booking, transaction: body, refund: body.refunds[0] };
    }

    it('BILL-2: waits for somebody else, and nothing has gone back', async () => {
      const { transaction, refund, appointment_id, transaction_id, token } = await waiting();
      expect(transaction).to.deep.include({ status: 'paid', refunded: 0 });
      expect(refund).to.deep.include({
        ...{ status: 'pending', amount: 118, gst: null, credit_note_number: null },
        ...{ decided_by: null, decided_at: null, decision_reason: null },
      });
      expect(await desk.lines(appointment_id, 'refund')).to.deep.equal([]);
      const list = async (query: string) =>
        (await api.get(`/refunds?limit=100${query}`, { token: admin })).body.items.map(
          (one: { refund_id: string }) => one.refund_id,
        );
      expect(await list('&status=pending')).to.include(refund.refund_id);
      expect(await list('')).to.include(refund.refund_id);
      expect(await list('&status=posted')).to.not.include(refund.refund_id);
      expectProblem(await api.get('/refunds', { token }), 403, 'forbidden');
      expectProblem(await api.get(`/refunds/${refund.refund_id}/credit-note`, { token }), 404, 'not_found');
      expectProblem(
        await desk.refund(transaction_id, { amount: 1, reason: 'x' }),
        409,
        'refund_exceeds_payment',
      );
    });

    it('BILL-2: another admin approves it, once; who asked for it may not', async () => {
      const { refund, appointment_id, token } = await waiting();
      const before = await stored(api);
      expectProblem(await decide(refund.refund_id, 'approve', admin), 403, 'same_person');
      expectProblem(await decide(refund.refund_id, 'reject', admin), 403, 'same_person');
      expectProblem(await decide(refund.refund_id, 'approve', token), 403, 'forbidden');
      expectProblem(await decide('RF-none', 'approve', second), 404, 'not_found');
      expect(await stored(api)).to.equal(before);

      const { status, body } = await decide(refund.refund_id, 'approve', second);
      expect(status).to.equal(200);
      expect(body).to.deep.include({ refund_id: refund.refund_id, status: 'posted', amount: 118, gst: 18 });
      expect(body.credit_note_number).to.match(/^CRN-/);
      expect(body.decided_by).to.be.a('string').and.not.equal(body.requested_by);
      expect(await desk.balances(appointment_id)).to.deep.equal({});
      expect(await desk.mark(appointment_id)).to.deep.include({ status: 'refunded', refunded: '118.00' });
      for (const decision of ['approve', 'reject'] as const)
        expectProblem(await decide(refund.refund_id, decision, second), 409, 'refund_decided');
    });

    it('BILL-2: or rejects it, with a reason: then the money can be refunded again', async () => {
      const { refund, transaction_id, appointment_id } = await waiting();
      const { body } = await decide(refund.refund_id, 'reject', second, { reason: 'It was not' });
      expect(body).to.deep.include({
        ...{ status: 'rejected', decision_reason: 'It was not', gst: null, credit_note_number: null },
      });
      expect(await desk.lines(appointment_id, 'refund')).to.deep.equal([]);
      expectProblem(await decide(refund.refund_id, 'approve', second), 409, 'refund_decided');
      expect((await desk.refund(transaction_id, { amount: 100, reason: 'Less' })).body.refunded).to.equal(
        100,
      );
    });

    it('BILL-2: is what the refunds of a payment come to, not each: many small ones do not go round it', async () => {
      const { transaction_id } = await desk.paid();
      const first = await desk.refund(transaction_id, { amount: 60, reason: 'One' });
      expect(first.body.refunds[0].status).to.equal('posted');
      const { body } = await desk.refund(transaction_id, { amount: 40.01, reason: 'Two' });
      expect(body.refunded).to.equal(60);
      expect(body.refunds[1].status).to.equal('pending');
      const third = await desk.refund(transaction_id, { amount: 17.99, reason: 'Three' });
      expect(third.body.refunds[2].status).to.equal('posted');
      const approved = await decide(body.refunds[1].refund_id, 'approve', second);
      expect(approved.body).to.deep.include({ status: 'posted', amount: 40.01 });
    });

    it('BOOK-6: a request that waits is decided by the policy when the booking is cancelled', async () => {
      const booking = await desk.paid();
      const { body } = await desk.refund(booking.transaction_id, { reason: 'All of it' });
      await desk.cancel(booking, { hours: 5 });
      const { refunds, refunded } = (
        await api.get(`/transactions/${booking.transaction_id}`, { token: admin })
      ).body;
      expect(refunded).to.equal(59);
      expect(refunds[0]).to.deep.include({
        ...{ refund_id: body.refunds[0].refund_id, status: 'rejected', decided_by: null },
        decision_reason: 'The booking is cancelled.',
      });
      expect(refunds[1]).to.deep.include({ status: 'posted', amount: 59 });
      const approved = await api.post(`/refunds/${refunds[0].refund_id}/approve`, { token: second });
      expectProblem(approved, 409, 'refund_decided');
    });

    it('BOOK-6, BILL-2: what a cancellation kept needs the approval as any other money', async () => {
      const kept = await desk.paid();
      await desk.cancel(kept, { hours: 1 });
      const refused = await api.delete(`/transactions/${kept.transaction_id}`, { token: admin });
      expectProblem(refused, 409, 'approval_needed');
    });

    it('BILL-2: of several admins who decide about it at once, one does', async () => {
      const { refund, appointment_id } = await waiting();
      const third = (await api.make.account('admin')).token;
      const answers = await Promise.all(
        [second, third].flatMap((token) =>
          (['approve', 'reject', 'approve'] as const).map((decision) =>
            decide(refund.refund_id, decision, token),
          ),
        ),
      );
      const done = answers.filter(({ status }) => status === 200);
      expect(done).to.have.length(1);
      for (const answer of answers) if (answer.status !== 200) expectProblem(answer, 409, 'refund_decided');
      const isPosted = done[0]!.body.status === 'posted';
      expect(await desk.lines(appointment_id, 'refund')).to.have.length(isPosted ? 3 : 0);
    });

    it('BILL-2: pages by cursor through all refunds', async () => {
      const all = (await api.get('/refunds?limit=100', { token: admin })).body.items;
      const first = (await api.get('/refunds?limit=3', { token: admin })).body;
      const { body } = await api.get(`/refunds?limit=3&cursor=${first.next_cursor}`, { token: admin });
      expect([...first.items, ...body.items]).to.deep.equal(all.slice(0, 6));
      for (const query of ['status=open', 'limit=0', 'cursor=x'])
        expect((await api.get(`/refunds?${query}`, { token: admin })).status).to.equal(400);
    });
  });
});
