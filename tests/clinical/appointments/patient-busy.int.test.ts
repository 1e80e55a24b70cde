import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, hour, newPatient, nthSlot } from '../../support/people.js';

describe('one patient in one place', () => {
  let api: TestApi;
  let admin: string;
  before(async () => {
    api = await startApi({ MAX_BOOKINGS: '4' });
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const doctor = async (slot_minutes = 15): Promise<string> =>
    (await api.make.doctor({ slot_minutes, ...(slot_minutes === 15 ? {} : { availability: long }) }))
      .doctor_id;
  const long = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '10:00', end: '14:00' }));
  const book = (patient_id: string, doctor_id: string, date: string, more = {}) =>
    api.post('/appointments', { token: admin, body: { patient_id, doctor_id, date, ...more } });
  const later = (date: string, minutes: number) =>
    new Date(Date.parse(date) + minutes * 60_000).toISOString();
  const claims = (patient_id: string) =>
    api.system.around.stores.connection.collection('slot_claims').countDocuments({ patient_id });

  it('BOOK-10: a visit that overlaps another of the patient is refused on every way, a neighbour is not', async () => {
    const { patient_id } = await api.make.patient();
    const [short, other, hourly] = [await doctor(), await doctor(), await doctor(60)];
    const at = nthSlot(1);
    const visit = await book(patient_id, short, at);
    expect(visit.status).to.equal(201);
    const grains = await claims(patient_id);
    expectProblem(await book(patient_id, other, at), 409, 'patient_busy');
    expectProblem(await book(patient_id, hourly, nthSlot(0)), 409, 'patient_busy');
    const over = { overbooking_reason: 'Both, if it must be' };
    expectProblem(await book(patient_id, short, at, over), 409, 'patient_busy');
    const hold = { token: admin, body: { patient_id, doctor_id: other, date: at } };
    expectProblem(await api.post('/holds', hold), 409, 'patient_busy');
    expect(await claims(patient_id)).to.equal(grains);

    const next = await book(patient_id, other, later(at, 15));
    expect(next.status).to.equal(201);
    const move = (id: string, date: string) =>
      api.post(`/appointments/${id}/reschedule`, { token: admin, body: { date } });
    expectProblem(await move(next.body.appointment_id, at), 409, 'patient_busy');
    expect((await move(next.body.appointment_id, later(at, 30))).status).to.equal(200);
    await api.make.steps(visit.body.appointment_id, 'cancelled');
    expect((await book(patient_id, other, at)).status).to.equal(201);
  });

  it('BOOK-10: a hold is booked only where the patient is free by then', async () => {
    const { patient_id } = await api.make.patient();
    const [one, other] = [await doctor(), await doctor()];
    const at = nthSlot(2);
    const hold = await api.post('/holds', { token: admin, body: { patient_id, doctor_id: one, date: at } });
    expect((await book(patient_id, other, at)).status).to.equal(201);
    expectProblem(await book(patient_id, one, at, { hold_id: hold.body.hold_id }), 409, 'patient_busy');
  });

  it('BOOK-10: of many at once for one patient, with other doctors, one succeeds', async () => {
    const doctors = await Promise.all(Array.from({ length: 6 }, () => doctor()));
    for (let round = 0; round < 3; round++) {
      const { patient_id } = await api.make.patient();
      const answers = await Promise.all(doctors.map((id) => book(patient_id, id, nthSlot(10 + round))));
      expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([201, 409, 409, 409, 409, 409]);
      expect(await claims(patient_id)).to.equal(3);
    }
  });

  it('BOOK-10: what overlapped before there was the rule is kept, and can be changed', async () => {
    const { patient_id } = await api.make.patient();
    const [one, other] = [await doctor(), await doctor()];
    const first = (await book(patient_id, one, nthSlot(4))).body;
    const second = (await book(patient_id, other, nthSlot(5))).body;
    const { connection } = api.system.around.stores;
    // As the version before stored it.
    await connection.collection('slot_claims').updateMany({ patient_id }, { $unset: { is_visit: 1 } });
    const same = { date: new Date(first.date), slot_end: new Date(first.slot_end) };
    await connection.collection('appointments').updateOne({ _id: second.appointment_id }, { $set: same });
    const read = await api.get(`/appointments?patient_id=${patient_id}`, { token: admin });
    expect(read.body.items).to.have.length(2);
    const date = later(first.date, 3 * 60);
    const move = await api.post(`/appointments/${second.appointment_id}/reschedule`, {
      ...{ token: admin, body: { date } },
    });
    expect(move.status).to.equal(200);
  });

  it('BOOK-7, BOOK-10: a freed slot is offered to the first in the queue who is free then', async () => {
    const day = new Date(Math.floor(Date.now() / (24 * hour)) * 24 * hour + 24 * hour);
    const doctor_id = (await api.make.doctor({ slot_minutes: 240, availability: long })).doctor_id;
    const taken = await book((await api.make.patient()).patient_id, doctor_id, later(day.toISOString(), 600));
    expect(taken.status).to.equal(201);
    const [busy, free] = [await api.make.patient(), await api.make.patient()];
    for (const { patient_id } of [busy, free]) {
      const body = { doctor_id, patient_id, day: day.toISOString().slice(0, 10) };
      expect((await api.post('/waiting-list', { token: admin, body })).status).to.equal(201);
    }
    expect((await book(busy.patient_id, await doctor(), nthSlot(3))).status).to.equal(201);
    await api.make.steps(taken.body.appointment_id, 'cancelled');
    const { body } = await api.get(`/waiting-list?doctor_id=${doctor_id}`, { token: admin });
    expect(body.items.map((one: { status: string }) => one.status)).to.deep.equal(['waiting', 'offered']);
  });

  it('BOOK-10: a patient books so many visits to come and no more, also at once; the desk books on', async () => {
    const { token, patient_id } = await newPatient(api);
    const doctor_id = await doctor();
    const ask = (n: number) => api.post('/appointments', { token, body: { doctor_id, date: nthSlot(n) } });
    const answers = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => ask(n)));
    expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([201, 201, 201, 201, 409, 409]);
    expectProblem(await ask(6), 409, 'too_many_bookings');
    expect((await book(patient_id, doctor_id, nthSlot(7))).status).to.equal(201);
  });
});
