import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, newPatient, nthSlot, tomorrow } from '../../support/people.js';
import { stored } from '../../support/stored.js';

const replayed = 'idempotent-replayed';

describe('Idempotency-Key', () => {
  let api: TestApi;

  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  const count = (name: string, filter: object) =>
    api.system.around.stores.connection.collection(name).countDocuments(filter);

  /** Each booking route: its address, a body, another body, and how many effects it has had. */
  const routes = {
    'POST /appointments': (doctor_id: string) => ({
      path: '/appointments',
      body: { doctor_id, date: tomorrow() },
      other: { doctor_id, date: nthSlot(1) },
      status: 201,
      effects: () => count('appointments', { doctor_id }),
      toOthers: 'slot_taken',
    }),
    'POST /bookings/{doctor_id}': (doctor_id: string) => ({
      path: `/bookings/${doctor_id}`,
      body: { booking_date_time: tomorrow() },
      other: { booking_date_time: nthSlot(1) },
      status: 201,
      effects: () => count('appointments', { doctor_id }),
      toOthers: 'slot_taken',
    }),
    'POST /holds': (doctor_id: string) => ({
      path: '/holds',
      body: { doctor_id, date: tomorrow() },
      other: { doctor_id, date: nthSlot(1) },
      status: 201,
      effects: async () => (await count('slot_claims', { doctor_id })) / 3,
      toOthers: 'slot_taken',
    }),
    'POST /appointments/{appointment_id}/reschedule': (doctor_id: string, appointment_id: string) => ({
      path: `/appointments/${appointment_id}/reschedule`,
      body: { date: nthSlot(2) },
      other: { date: nthSlot(3) },
      status: 200,
      effects: () => count('appointments', { doctor_id, 'reschedules.0': { $exists: true } }),
      toOthers: 'not_found',
    }),
  };

  for (const [name, route] of Object.entries(routes)) {
    it(`BILL-3: ${name} with one key, 50 at once, has one effect and one answer`, async () => {
      const [patient, other] = [await newPatient(api), await newPatient(api)];
      const { doctor_id } = await api.make.doctor();
      const { patient_id } = patient;
      const moved = name.includes('reschedule')
        ? (await api.make.appointment({ doctor_id, patient_id, date: nthSlot(9) })).appointment_id
        : '';
      const { path, body, other: another, status, effects, toOthers } = route(doctor_id, moved as string);
      const key = `key-${patient_id}`;
      const ask = (token: string, asked: object, idempotency = key) =>
        api.post(path, { token, body: asked, headers: { 'idempotency-key': idempotency } });

      const answers = await Promise.all(Array.from({ length: 50 }, () => ask(patient.token, body)));
      expect(new Set(answers.map((answer) => answer.status))).to.deep.equal(new Set([status]));
      expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).to.equal(1);
      const first = answers.filter(({ headers }) => headers.get(replayed) === null);
      expect(first).to.have.length(1);
      expect(await effects()).to.equal(1);

      const before = await stored(api);
      expectProblem(await ask(patient.token, another), 422, 'idempotency_key_reused');
      for (const bad of ['x'.repeat(256), 'two words', '']) {
        const refused = await ask(patient.token, body, bad);
        expectProblem(refused, 400, 'invalid_idempotency_key');
      }
      const theirs = await ask(other.token, body);
      expect(theirs.body.code).to.equal(toOthers);
      expect(theirs.headers.get(replayed)).to.equal(null);
      expect(await stored(api)).to.equal(before);
      const again = await ask(patient.token, body);
      expect([again.headers.get(replayed), again.body]).to.deep.equal(['true', answers[0]!.body]);
    });
  }

  it('BILL-3: a refusal is not kept: the same key books when the slot is free again', async () => {
    const [patient, other] = [await newPatient(api), await newPatient(api)];
    const { doctor_id } = await api.make.doctor();
    const { appointment_id } = await api.make.appointment({
      ...{ doctor_id, patient_id: other.patient_id },
      date: tomorrow(),
    });
    const book = () =>
      api.post('/appointments', {
        token: patient.token,
        body: { doctor_id, date: tomorrow() },
        headers: { 'idempotency-key': 'again' },
      });
    expectProblem(await book(), 409, 'slot_taken');
    await api.make.steps(appointment_id, 'cancelled');
    const booked = await book();
    expect([booked.status, booked.headers.get(replayed)]).to.deep.equal([201, null]);
    expect(await count('appointments', { doctor_id, status: 'scheduled' })).to.equal(1);
  });
});
