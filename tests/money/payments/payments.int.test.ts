import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { day, expectProblem, expectSameRefusal, newPatient } from '../../support/people.js';
import { stored } from '../../support/stored.js';
import { openDesk, type Desk } from './desk.js';

describe('payments', () => {
  let api: TestApi;
  let desk: Desk;
  let admin: string;
  let manager: string;

  before(async () => {
    api = await startApi({ GST_EXEMPT_SPECIALTIES: 'Paediatrics, Mental Health' });
    desk = await openDesk(api);
    [admin, manager] = [await api.as('admin'), await api.as('manager')];
  });

  after(async () => {
    await desk?.expectRight();
    await api?.stop();
  });

  /** As an import would have brought it. */
  const fromElsewhere = (appointment_id: string, fields: object = {}) =>
    api.system.around.stores.connection
      .collection<{ _id: string }>('appointments')
      .updateOne({ _id: appointment_id }, { $set: { consultation_fee: null, ...fields } });

  describe('POST /transactions/{transaction_id}', () => {
    it('BILL-2: pays the fee and the tax on it, and says what for', async () => {
      const booking = await desk.booked();
      const { appointment_id, patient_id, doctor_id } = booking;
      const { status, body } = await desk.pay(booking);
      expect(status).to.equal(201);
      const visit = (await api.get(`/appointments/${appointment_id}`, { token: admin })).body;
      expect(body).to.deep.include({
        ...{ appointment_id, patient_id, fee: 100, gst_rate: '18.00', gst: 18, total_fee: 118 },
        ...{ currency: 'USD', payment_method: 'cash', status: 'paid', refunded: 0, refunds: [] },
        ...{ voided_at: null },
      });
      expect(body.booking).to.deep.include({
        ...{ appointment_id, patient_id, patient_name: 'Pat Test', doctor_id, doctor_name: 'Dr Ada Test' },
        ...{ department_id: visit.department_id, hospital_id: visit.hospital_id, date: visit.date },
      });
      expect(body.invoice_number).to.match(/^INV-\d{6}$/);
      expect(body.receipt_number).to.match(/^RCT-\d{6}$/);
      expect(await desk.lines(appointment_id)).to.deep.equal([
        'cash 118.00',
        'receivable -100.00',
        'gst_payable -18.00',
      ]);
      expect(await desk.mark(appointment_id)).to.deep.include({
        ...{ transaction_id: body.transaction_id, status: 'paid', total_fee: '118.00', refunded: '0.00' },
      });
    });

    it('BILL-2: the admin pays for anybody, and by another method', async () => {
      const booking = await desk.booked();
      const { body } = await desk.pay({ ...booking, token: admin }, { body: { payment_method: 'cash' } });
      expect(body).to.deep.include({ patient_id: booking.patient_id, payment_method: 'cash' });
    });

    it('BILL-2: takes the fee as it was booked, whatever the doctor takes since', async () => {
      const { doctor_id } = await api.make.doctor({ consultation_fee: 80.1 });
      const booking = await desk.booked({ doctor_id });
      await api.patch(`/doctors/${doctor_id}`, { token: admin, body: { consultation_fee: 500 } });
      const { body } = await desk.pay(booking);
      expect(body).to.deep.include({ fee: 80.1, gst: 14.42, total_fee: 94.52 });
      await api.make.steps(booking.appointment_id, 'checked_in', 'completed');
      expect(await desk.lines(booking.appointment_id, 'bill')).to.deep.equal([
        'receivable 80.10',
        'revenue -80.10',
      ]);
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({
        ...{ cash: '94.52', gst_payable: '-14.42', revenue: '-80.10' },
      });
    });

    it('BILL-2: an exempt specialty pays no tax', async () => {
      const { doctor_id } = await api.make.doctor({ consultation_fee: 60, specialty: 'mental health' });
      const { transaction } = await desk.paid({ doctor_id });
      expect(transaction).to.deep.include({ fee: 60, gst_rate: null, gst: 0, total_fee: 60 });
      expect(await desk.lines(transaction.appointment_id)).to.deep.equal(['cash 60.00', 'receivable -60.00']);
    });

    it('BILL-2: a visit that is over and billed can be paid, and then nothing is owed', async () => {
      const booking = await desk.booked();
      await api.make.steps(booking.appointment_id, 'checked_in', 'completed');
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({
        ...{ receivable: '100.00', revenue: '-100.00' },
      });
      expect(await api.system.parts.payments.countUnsettled(booking.patient_id)).to.equal(1);
      expect((await desk.pay(booking)).status).to.equal(201);
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({
        ...{ cash: '118.00', gst_payable: '-18.00', revenue: '-100.00' },
      });
      expect(await api.system.parts.payments.countUnsettled(booking.patient_id)).to.equal(0);
    });

    it('BILL-2: paying twice is a 409 and changes nothing', async () => {
      const booking = await desk.paid();
      const before = await stored(api);
      expectProblem(await desk.pay(booking), 409, 'already_paid');
      expectProblem(await desk.pay({ ...booking, token: admin }), 409, 'already_paid');
      expect(await stored(api)).to.equal(before);
    });

    it('BILL-2: a booking that is cancelled or was missed is not paid', async () => {
      const cancelled = await desk.booked();
      await api.make.steps(cancelled.appointment_id, 'cancelled');
      const missed = await desk.booked();
      api.clock.set(new Date(Date.parse(missed.date) + day));
      await api.make.steps(missed.appointment_id, 'no_show');
      api.clock.set(undefined);
      const before = await stored(api);
      for (const booking of [cancelled, missed])
        expectProblem(await desk.pay(booking), 409, 'booking_not_payable');
      expect(await stored(api)).to.equal(before);
    });

    it('BILL-2: another patient’s booking does not exist; other roles may not pay; bad bodies are a 400', async () => {
      const booking = await desk.booked();
      const stranger = await newPatient(api);
      const doctor = await api.as('doctor');
      const before = await stored(api);
      const hidden = await desk.pay({ ...booking, token: stranger.token });
      expectSameRefusal(hidden, await desk.pay({ appointment_id: 'A-none', token: stranger.token }));
      for (const token of [doctor, manager])
        expectProblem(await desk.pay({ ...booking, token }), 403, 'forbidden');
      expectProblem(await api.post(`/transactions/${booking.appointment_id}`), 401, 'not_signed_in');
      for (const body of [{ payment_method: 'gold' }, { amount: 1 }, { payment_method: { $ne: '' } }])
        expectProblem(await desk.pay(booking, { body }), 400, 'invalid_request');
      expect(await stored(api)).to.equal(before);
    });

    it('BILL-2: after a full refund or a void it can be paid again, as a new transaction', async () => {
      const first = await desk.paid();
      await desk.refund(first.transaction_id, { reason: 'Wrong card' });
      const second = (await desk.pay(first)).body;
      expect(second.status).to.equal('paid');
      await api.delete(`/transactions/${second.transaction_id}`, { token: admin });
      const third = (await desk.pay(first)).body;
      expect(third.status).to.equal('paid');
      const ids = [first.transaction_id, second.transaction_id, third.transaction_id];
      expect(new Set(ids).size).to.equal(3);
      expect(await desk.balances(first.appointment_id)).to.deep.equal({
        ...{ cash: '118.00', gst_payable: '-18.00', receivable: '-100.00' },
      });
      expect(await desk.mark(first.appointment_id)).to.deep.include({
        transaction_id: ids[2],
        status: 'paid',
      });
    });

    it('BILL-2: a record from elsewhere has no fee of its own: the doctor’s is paid, and what was paid is billed', async () => {
      const { doctor_id } = await api.make.doctor({ consultation_fee: 70 });
      const booking = await desk.booked({ doctor_id });
      await fromElsewhere(booking.appointment_id);
      expect((await desk.pay(booking)).body.fee).to.equal(70);
      await api.patch(`/doctors/${doctor_id}`, { token: admin, body: { consultation_fee: 90 } });
      await api.make.steps(booking.appointment_id, 'checked_in', 'completed');
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({
        ...{ cash: '82.60', gst_payable: '-12.60', revenue: '-70.00' },
      });
      const history = await desk.booked({ doctor_id });
      await fromElsewhere(history.appointment_id, { status: 'completed' });
      expectProblem(await desk.pay(history), 409, 'booking_not_payable');
    });

    it('BILL-2: what was billed, paid and given back is not asked for again', async () => {
      const booking = await desk.paid();
      await api.make.steps(booking.appointment_id, 'checked_in', 'completed');
      await desk.refund(booking.transaction_id, { reason: 'Goodwill' });
      expectProblem(await desk.pay(booking), 409, 'already_refunded');
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({
        ...{ refunds_given: '100.00', revenue: '-100.00' },
      });
    });
  });

  describe('GET /transactions', () => {
    const idsOf = async (token: string, query = '') =>
      (await api.get(`/transactions?limit=100${query}`, { token })).body.items.map(
        ({ transaction_id }: { transaction_id: string }) => transaction_id,
      ) as string[];

    it('BILL-2: a patient sees their own, whatever is asked; managers and admins all; doctors none', async () => {
      const [mine, other] = [await desk.paid(), await desk.paid()];
      expect(await idsOf(mine.token)).to.deep.equal([mine.transaction_id]);
      expect(await idsOf(mine.token, `&patient_id=${other.patient_id}`)).to.deep.equal([]);
      for (const token of [admin, manager])
        expect(await idsOf(token)).to.include.members([mine.transaction_id, other.transaction_id]);
      const path = `/transactions/${mine.transaction_id}`;
      for (const token of [mine.token, admin, manager])
        expect((await api.get(path, { token })).body).to.deep.equal(mine.transaction);
      expectSameRefusal(
        await api.get(path, { token: other.token }),
        await api.get('/transactions/T-none', { token: other.token }),
      );
      for (const address of ['/transactions', path]) {
        expectProblem(await api.get(address, { token: await api.as('doctor') }), 403, 'forbidden');
        expectProblem(await api.get(address), 401, 'not_signed_in');
      }
    });

    it('BILL-2: filters by patient, booking and half-open period, and pages by cursor', async () => {
      const booking = await desk.paid();
      const { transaction_id, appointment_id, patient_id, transaction } = booking;
      const at = Date.parse(transaction.created_at);
      const [then, after] = [at, at + 1].map((ms) => new Date(ms).toISOString());
      for (const query of ['', `&appointment_id=${appointment_id}`, `&from=${then}&to=${after}`])
        expect(await idsOf(manager, `&patient_id=${patient_id}${query}`), query).to.deep.equal([
          transaction_id,
        ]);
      for (const query of ['&appointment_id=A-none', `&to=${then}`, `&from=${after}`])
        expect(await idsOf(manager, `&patient_id=${patient_id}${query}`), query).to.deep.equal([]);

      const all = await idsOf(manager);
      const paged: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: { items: { transaction_id: string }[]; next_cursor: string | null } = (
          await api.get(`/transactions?limit=2${cursor && `&cursor=${cursor}`}`, { token: manager })
        ).body;
        paged.push(...page.items.map((item) => item.transaction_id));
        cursor = page.next_cursor;
      }
      expect(paged).to.deep.equal(all);
      for (const query of ['limit=0', 'from=x', 'patient_id[$ne]=1', 'status=paid'])
        expectProblem(await api.get(`/transactions?${query}`, { token: manager }), 400, 'invalid_request');
      expectProblem(await api.get('/transactions?cursor=x', { token: manager }), 400, 'invalid_cursor');
    });
  });

  describe('DELETE /transactions/{transaction_id}', () => {
    const remove = (transaction_id: string, token = admin) =>
      api.delete(`/transactions/${transaction_id}`, { token });

    it('BILL-2: voids it: it leaves the lists, the ledger keeps it and its reversal', async () => {
      const booking = await desk.paid();
      const { transaction_id, appointment_id, token } = booking;
      expect((await remove(transaction_id)).status).to.equal(204);
      for (const who of [token, admin, manager]) {
        const { body } = await api.get(`/transactions?appointment_id=${appointment_id}`, { token: who });
        expect(body.items).to.deep.equal([]);
      }
      expectProblem(await api.get(`/transactions/${transaction_id}`, { token }), 404, 'not_found');
      for (const who of [admin, manager]) {
        const { body } = await api.get(`/transactions/${transaction_id}`, { token: who });
        expect(body.status).to.equal('voided');
        expect(body.voided_at).to.be.a('string');
      }
      expect(await desk.lines(appointment_id)).to.deep.equal([
        ...['cash 118.00', 'receivable -100.00', 'gst_payable -18.00'],
        ...['cash -118.00', 'receivable 100.00', 'gst_payable 18.00'],
      ]);
      expect(await desk.mark(appointment_id)).to.deep.include({ transaction_id, status: 'voided' });
    });

    it('BILL-2: after the bill the patient owes the fee again', async () => {
      const { transaction_id, appointment_id, patient_id } = await desk.paid();
      await api.make.steps(appointment_id, 'checked_in', 'completed');
      expect((await remove(transaction_id)).status).to.equal(204);
      expect(await desk.balances(appointment_id)).to.deep.equal({
        ...{ receivable: '100.00', revenue: '-100.00' },
      });
      expect(await api.system.parts.payments.countUnsettled(patient_id)).to.equal(1);
    });

    it('BILL-2: refuses a second void, what was refunded, what needs an approval, and who may not', async () => {
      const voided = await desk.paid();
      await remove(voided.transaction_id);
      const refunded = await desk.paid();
      await desk.refund(refunded.transaction_id, { amount: 1, reason: 'Goodwill' });
      const { doctor_id } = await api.make.doctor({ consultation_fee: 900 });
      const large = await desk.paid({ doctor_id });
      const before = await stored(api);
      expectProblem(await remove(voided.transaction_id), 409, 'transaction_voided');
      expectProblem(await desk.refund(voided.transaction_id, { reason: 'x' }), 409, 'transaction_voided');
      expectProblem(await remove(refunded.transaction_id), 409, 'transaction_refunded');
      expectProblem(await remove(large.transaction_id), 409, 'approval_needed');
      expectProblem(await remove('T-none'), 404, 'not_found');
      for (const token of [manager, large.token])
        expectProblem(await remove(large.transaction_id, token), 403, 'forbidden');
      expect(await stored(api)).to.equal(before);
    });
  });

  it('BILL-2: a fee of zero or below, or that no tax can be put on, is refused for a doctor', async () => {
    const { doctor_id } = await api.make.doctor();
    for (const consultation_fee of [0, -1, 0.001, 9_999_999_999.99]) {
      const { status, body } = await api.patch(`/doctors/${doctor_id}`, {
        token: admin,
        body: { consultation_fee },
      });
      expect({ status, pointer: body.errors[0].pointer }).to.deep.equal({
        status: 400,
        pointer: '/body/consultation_fee',
      });
    }
  });

  it('BILL-2: the highest fee can be paid, with the tax on it', async () => {
    const { doctor_id } = await api.make.doctor({ consultation_fee: 999_999_999.99 });
    const booking = await desk.booked({ doctor_id });
    expect((await desk.pay(booking)).body).to.deep.include({ gst: 180_000_000, total_fee: 1_179_999_999.99 });
  });
});
