import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, expectSameRefusal, newPatient } from '../../support/people.js';
import { openDesk, type Desk } from './desk.js';

describe('the papers of a payment', () => {
  let api: TestApi;
  let desk: Desk;
  let admin: string;
  let manager: string;

  before(async () => {
    api = await startApi();
    desk = await openDesk(api);
    [admin, manager] = [await api.as('admin'), await api.as('manager')];
  });

  after(() => api?.stop());

  it('BILL-6: invoice and receipt say what was paid, for what, by whom; as JSON and as PDF', async () => {
    const booking = await desk.paid();
    const { transaction_id, transaction, patient_id, appointment_id } = booking;
    const get = (kind: string, query = '') =>
      api.get(`/transactions/${transaction_id}/${kind}${query}`, { token: booking.token });
    const invoice = (await get('invoice')).body;
    expect(invoice).to.deep.include({
      ...{ kind: 'invoice', number: transaction.invoice_number, refers_to: null, time_zone: 'UTC' },
      ...{
        issued_at: transaction.created_at,
        transaction_id,
        appointment_id,
        reason: null,
        voided_at: null,
      },
      ...{ buyer: { patient_id, name: 'Pat Test' }, fee: 100, gst: 18, total_fee: 118, currency: 'USD' },
      ...{ payment_method: 'cash' },
    });
    expect(invoice.lines).to.have.length(1);
    expect(invoice.lines[0]).to.deep.include({ amount: 100, gst_rate: '18.00', gst: 18, total: 118 });
    expect(invoice.seller.name).to.equal(transaction.booking.hospital_name);
    const receipt = (await get('receipt')).body;
    expect(receipt).to.deep.equal({
      ...{ ...invoice, kind: 'receipt', number: transaction.receipt_number },
      refers_to: transaction.invoice_number,
    });
    for (const kind of ['invoice', 'receipt']) {
      const { status, headers, body } = await get(kind, '?format=pdf');
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.equal('application/pdf');
      expect(headers.get('content-disposition')).to.match(/(INV|RCT)-\d{6}\.pdf/);
      expect((body as string).slice(0, 5)).to.equal('%PDF-');
    }
  });

  it('BILL-6: for the patient, managers and admins; of a voided payment too, and they say so', async () => {
    const { transaction_id, token } = await desk.paid();
    await api.delete(`/transactions/${transaction_id}`, { token: admin });
    const stranger = (await newPatient(api)).token;
    for (const kind of ['invoice', 'receipt']) {
      const get = (id: string, who?: string) => api.get(`/transactions/${id}/${kind}`, { token: who });
      for (const who of [token, admin, manager])
        expect((await get(transaction_id, who)).body.voided_at).to.be.a('string');
      expectSameRefusal(await get(transaction_id, stranger), await get('T-none', stranger));
      expectProblem(await get(transaction_id, await api.as('doctor')), 403, 'forbidden');
      expectProblem(await get(transaction_id), 401, 'not_signed_in');
    }
  });

  it('BILL-6: a credit note says what went back, of which invoice and why', async () => {
    const { transaction_id, transaction, token } = await desk.paid();
    const first = (await desk.refund(transaction_id, { amount: 10, reason: 'Late' })).body.refunds[0];
    const get = (id: string, who: string, query = '') =>
      api.get(`/refunds/${id}/credit-note${query}`, { token: who });
    const note = (await get(first.refund_id, token)).body;
    expect(note).to.deep.include({
      ...{ kind: 'credit_note', number: first.credit_note_number, refers_to: transaction.invoice_number },
      ...{ fee: 8.47, gst: 1.53, total_fee: 10, reason: 'Late', issued_at: first.decided_at },
    });
    const pdf = await get(first.refund_id, manager, '?format=pdf');
    expect(pdf.headers.get('content-disposition')).to.include(`${first.credit_note_number}.pdf`);
    const stranger = (await newPatient(api)).token;
    expectSameRefusal(await get(first.refund_id, stranger), await get('RF-none', stranger));
  });
});
