import { expect } from 'chai';
import { money } from '../../../src/lib/money.js';
import { startApi, type TestApi } from '../../support/api.js';
import { newPatient } from '../../support/people.js';
import { stored } from '../../support/stored.js';

describe('what the ledger says of a visit', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  async function scene() {
    const patient = await newPatient(api);
    const { appointment_id } = await api.make.appointment({ patient_id: patient.patient_id });
    let entries = 0;
    const consume = (as_of: number, more: object = {}, entry_id = `E-${appointment_id}-${++entries}`) =>
      api.system.parts.appointments.consumePayment({
        ...{ entry_id, kind: 'payment.changed', created_at: new Date() },
        payload: {
          ...{
            appointment_id,
            patient_id: patient.patient_id,
            transaction_id: 'T1',
            change: 'paid',
            currency: 'USD',
          },
          ...{ amount: money('118.00'), total_fee: money('118.00'), refunded: money('0.00'), status: 'paid' },
          ...{ as_of, ...more },
        },
      });
    const shown = async () =>
      (await api.get(`/appointments/${appointment_id}`, { token: patient.token })).body;
    const told = async (): Promise<string[]> => {
      const { body } = await api.get('/notifications', { token: patient.token });
      return body.items
        .map((item: { kind: string }) => item.kind)
        .filter((kind: string) => /^payment/.test(kind));
    };
    return { patient, appointment_id, consume, shown, told };
  }

  it('BILL-5: is marked in the appointment, and the patient is notified', async () => {
    const { patient, consume, shown, told } = await scene();
    await consume(3);
    expect((await shown()).payment).to.deep.equal({
      ...{ transaction_id: 'T1', status: 'paid', total_fee: 118, refunded: 0, as_of: 3 },
    });
    const { body } = await api.get('/notifications', { token: patient.token });
    expect(body.items[0].body).to.match(/^USD 118\.00 was paid for the appointment with Dr Ada Test on /);
    await consume(5, { change: 'voided', status: 'voided' });
    expect((await shown()).payment).to.include({ status: 'voided', as_of: 5 });
    expect(await told()).to.deep.equal(['payment.voided', 'payment.paid']);
  });

  it('BILL-5: an entry that comes twice, or late, counts once and never goes back in time', async () => {
    const { consume, shown, told } = await scene();
    await Promise.all(Array.from({ length: 5 }, () => consume(7, {}, 'E-same')));
    expect(await told()).to.deep.equal(['payment.paid']);
    const { version } = await shown();
    expect(version).to.equal(2);
    await consume(9, { change: 'refunded', status: 'refunded', refunded: '118.00', amount: '118.00' });
    await consume(8, {
      change: 'refunded',
      status: 'partially_refunded',
      refunded: '18.00',
      amount: '18.00',
    });
    expect((await shown()).payment).to.include({ status: 'refunded', refunded: 118, as_of: 9 });
    expect(await told()).to.deep.equal(['payment.refunded', 'payment.refunded', 'payment.paid']);
  });

  it('BILL-5: of an appointment that is gone nothing is left to mark', async () => {
    const { appointment_id, consume } = await scene();
    await api.delete(`/appointments/${appointment_id}`, { token: await api.as('admin') });
    const before = await stored(api);
    await consume(1, {}, 'E-gone');
    const lines = (text: string) =>
      text.split('\n').filter((line) => !/^(inbox|transaction_results)/.test(line));
    expect(lines(await stored(api))).to.deep.equal(lines(before));
  });

  it('BILL-1: what was agreed is billed, whatever the doctor asks by then', async () => {
    const { doctor_id } = await api.make.doctor({ consultation_fee: 80 });
    const { appointment_id, consultation_fee } = await api.make.appointment({ doctor_id });
    expect(consultation_fee).to.equal(80);
    const token = await api.as('admin');
    await api.patch(`/doctors/${doctor_id}`, { token, body: { consultation_fee: 300 } });
    await api.make.steps(appointment_id, 'checked_in', 'completed');
    const { body } = await api.get(`/billing?appointment_id=${appointment_id}`, { token });
    expect(body.items.map((row: { total_cost: number }) => row.total_cost)).to.deep.equal([80]);
  });
});
