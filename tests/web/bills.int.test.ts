import { expect } from 'chai';
import { at, idOf, openClinic, type Clinic } from './clinic.js';
import { words } from './visitor.js';

describe('the page of bills', () => {
  let clinic: Clinic;
  before(async () => (clinic = await openClinic()));
  after(async () => {
    expect(await clinic?.api.system.parts.payments.faults()).deep.equal([]);
    await clinic?.api.stop();
  });

  const numbers = (text: string) =>
    [...text.matchAll(/\$([\d,.]*\d)/g)].map(([, n]) => Number(n!.replace(',', '')));
  const token = () => clinic.token;
  const balance = async () => (await clinic.api.get('/billing/balance', { token: token() })).body;
  const rows = async () => (await clinic.api.get('/billing?limit=100', { token: token() })).body.items;
  const totalOf = async () => {
    const { text } = await clinic.visitor.get('/my/bills');
    return numbers(/<tfoot>[\s\S]*<\/tfoot>/.exec(text)?.[0] ?? '');
  };

  it('BILL-8: shows and pays all that GET /billing says is owed, of every kind', async () => {
    const { api, visitor, patient_id, hospital_id } = clinic;
    expect(words(await visitor.get('/my/bills'))).include('You owe nothing');
    const page = await clinic.book(at('15:00'));
    const appointment_id = idOf(page);
    const { doctor_id, department_id } = await clinic.appointment(page);
    const bill = (id: string, total_cost: string, visit: string | null) => ({
      ...{ id, patient_id, appointment_id: visit, prescription_id: null, disease: null, disease_code: null },
      ...{
        doctor_id: visit && doctor_id,
        department_id: visit && department_id,
        hospital_id: visit && hospital_id,
      },
      ...{ kind: 'prescription', total_cost, created_at: new Date('2026-11-20T10:00:00Z') },
    });
    await api.system.around.stores
      .knex('billing')
      .insert([
        bill('B-of-visit', '29.21', appointment_id),
        bill('B-alone', '1000.01', null),
        bill('B-free', '0.00', null),
      ]);
    await api.make.steps(appointment_id, 'checked_in', 'completed');

    const owed = await rows();
    const sum = (field: 'owed' | 'due'): number =>
      Math.round(owed.reduce((all: number, row: Record<string, number>) => all + row[field]! * 100, 0)) / 100;
    expect([sum('owed'), sum('due')]).deep.equal([1129.22, 1147.22]);
    expect(await balance()).deep.equal({
      patient_id,
      currency: 'USD',
      bills: 3,
      owed: 1129.22,
      due: 1147.22,
    });
    expect(await totalOf()).deep.equal([1129.22, 18, 1147.22]);
    const visit = words(await visitor.get(page));
    expect(visit).include('You owe $29.21 for this visit').and.not.include('There is nothing to pay');

    for (let left = 3; left > 0; left -= 1) {
      const bills = await visitor.get('/my/bills');
      const action = /action="(\/my\/bills\/[^"]*)"/.exec(bills.text)![1]!;
      const begun = await visitor.submit(bills, action);
      expect(begun.to).match(/^\/my\/payments\/.*\/card$/);
      expect((await balance()).bills).equal(left);
      const card = await visitor.get(begun.to!);
      expect(words(card)).include('This is a demo').and.include('no money is moved');
      const paid = await visitor.submit(card, `${begun.to}/pay`);
      expect(paid.status).equal(303);
      expect((await balance()).bills).equal(left - 1);
      const { due } = await balance();
      expect((await totalOf()).at(-1) ?? 0).equal(due);
    }
    expect(await balance()).deep.include({ owed: 0, due: 0 });
    expect(words(await visitor.get('/my/bills'))).include('You owe nothing');
    expect(await api.system.parts.payments.countUnsettled(patient_id)).equal(0);
    const again = await api.post('/billing/B-alone/payment', { token: token(), body: {} });
    expect([again.status, again.body.code]).deep.equal([409, 'already_paid']);
  });

  it('BILL-8: the desk takes cash for a bill, a refund of it is the hospital’s, another’s bill does not exist', async () => {
    const { api, patient_id } = clinic;
    const admin = await api.as('admin');
    await api.system.around.stores.knex('billing').insert({
      ...{ id: 'B-cash', patient_id, kind: 'prescription', total_cost: '12.34', created_at: new Date() },
    });
    const stranger = await api.make.account('patient', { patient_id: (await api.make.patient()).patient_id });
    const hidden = await api.post('/billing/B-cash/payment', { token: stranger.token, body: {} });
    expect([hidden.status, hidden.body.code]).deep.equal([404, 'not_found']);
    const { body } = await api.post('/billing/B-cash/payment', { token: admin, body: {} });
    expect(body).deep.include({
      status: 'paid',
      total_fee: 12.34,
      gst: 0,
      bill_id: 'B-cash',
      appointment_id: null,
    });
    const path = `/transactions/${body.transaction_id}`;
    const refunded = await api.patch(path, { token: admin, body: { reason: 'Not taken' } });
    expect(refunded.body.status).equal('refunded');
    expect((await balance()).bills).equal(0);
    const paper = await api.get(`${path}/invoice?format=pdf`, { token: admin });
    expect(paper.status).equal(200);
    const named = await api.get(`/billing/balance?patient_id=${patient_id}`, { token: admin });
    expect(named.body.bills).equal(0);
    expect((await api.get('/billing/balance', { token: admin })).status).equal(400);
  });
});
