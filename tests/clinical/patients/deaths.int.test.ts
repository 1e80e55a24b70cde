import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { day, expectProblem, newDoctor, newPatient, nthSlot, summariesOf } from '../../support/people.js';

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const today = (): string => dateOf(Date.now());

describe('the death of a patient', () => {
  let api: TestApi;
  let admin: string;
  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const collection = (name: string) => api.system.around.stores.connection.collection(name);
  const record = (patient_id: string, deceased_date: string | null) =>
    api.patch(`/patients/${patient_id}`, { token: admin, body: { deceased_date } });

  it('PAT-9: every route that would give the dead something to come refuses it, and stores nothing', async () => {
    const patient = await newPatient(api);
    const doctor = await newDoctor(api);
    const { patient_id } = patient;
    const { doctor_id } = doctor;
    const visit = await api.make.appointment({ doctor_id, patient_id });
    // As an import brings it: the death is known, and the visit is there all the same.
    await collection('patients').updateOne(
      { _id: patient_id as never },
      { $set: { deceased_date: new Date('2020-01-01') } },
    );
    const wording = { drug: 'Amoxicillin', dosage: { value: 1, unit: 'mg' }, frequency: 1, cost: 1 };
    const asked: readonly (readonly [path: string, body: object])[] = [
      ['/appointments', { doctor_id, patient_id, date: nthSlot(1) }],
      [`/bookings/${doctor_id}`, { patient_id, booking_date_time: nthSlot(2) }],
      ['/holds', { doctor_id, patient_id, date: nthSlot(3) }],
      [`/appointments/${visit.appointment_id}/reschedule`, { date: nthSlot(4) }],
      [`/transactions/${visit.appointment_id}`, {}],
    ];
    const count = () =>
      Promise.all(
        ['appointments', 'slot_claims', 'waiting_list', 'prescriptions', 'outbox'].map((name) =>
          collection(name).countDocuments(),
        ),
      );
    const before = await count();
    for (const token of [admin, patient.token])
      for (const [path, body] of asked)
        expectProblem(await api.post(path, { token, body }), 409, 'patient_deceased');
    const prescribed = { ...wording, patient_id, doctor_id };
    expectProblem(
      await api.post('/prescriptions', { token: doctor.token, body: prescribed }),
      409,
      'patient_deceased',
    );
    expect(await count()).to.deep.equal(before);
  });

  it('PAT-9: the dead cannot wait for a slot', async () => {
    const { patient_id } = await newPatient(api);
    const { doctor_id } = await api.make.doctor({ slot_minutes: 240 });
    for (const hours of [8, 12]) {
      const date = new Date(Date.parse(`${dateOf(Date.now() + day)}T00:00:00Z`) + hours * 3_600_000);
      await api.make.appointment({ doctor_id, patient_id, date: date.toISOString() });
    }
    const dead = await api.make.patient({ deceased_date: '2020-01-01' });
    const body = { doctor_id, day: dateOf(Date.now() + day), patient_id: dead.patient_id };
    expectProblem(await api.post('/waiting-list', { token: admin, body }), 409, 'patient_deceased');
  });

  it('PAT-9: a death cancels what is to come, refunds it whole, and ends holds and waiting', async () => {
    const { patient_id, token } = await newPatient(api);
    const other = await newPatient(api);
    const { doctor_id } = await api.make.doctor({ slot_minutes: 240 });
    const full = Date.parse(`${dateOf(Date.now() + 2 * day)}T00:00:00Z`);
    const slots = [8, 12].map((hours) => new Date(full + hours * 3_600_000).toISOString());
    for (const date of slots) await api.make.appointment({ doctor_id, patient_id: other.patient_id, date });
    const waits = { doctor_id, day: dateOf(full), patient_id };
    expect((await api.post('/waiting-list', { token: admin, body: waits })).status).to.equal(201);

    const visits = [];
    for (let n = 0; n < 3; n++) visits.push(await api.make.appointment({ patient_id }));
    const [first] = visits;
    const paid = await api.post(`/transactions/${first.appointment_id}`, { token: admin, body: {} });
    expect(paid.status).to.equal(201);
    const held = await api.post('/holds', { token, body: { doctor_id: first.doctor_id, date: nthSlot(40) } });
    expect(held.status).to.equal(201);

    const { status, body } = await record(patient_id, today());
    expect(status).to.equal(200);
    expect(body.appointments.map((one: { status: string }) => one.status)).to.deep.equal(
      visits.map(() => 'cancelled'),
    );
    for (const { appointment_id } of visits)
      expect((await api.get(`/appointments/${appointment_id}`, { token: admin })).body).to.deep.include({
        ...{ status: 'cancelled', cancellation_reason: 'pat-dec' },
      });
    const payment = await api.get(`/transactions/${paid.body.transaction_id}`, { token: admin });
    expect(payment.body).to.deep.include({ status: 'refunded', refunded: paid.body.total_fee });
    expect(await collection('slot_claims').countDocuments({ patient_id })).to.equal(0);
    expect((await collection('waiting_list').findOne({ patient_id }))!['status']).to.equal('left');

    // It was somebody else: an admin takes the death back, and the visits stay cancelled.
    expect((await record(patient_id, null)).body.deceased_date).to.equal(null);
    const summaries = await summariesOf(api, patient_id, 'appointments');
    expect(summaries.map((one) => one.status)).to.deep.equal(visits.map(() => 'cancelled'));
    await api.make.appointment({ patient_id });
  });

  it('PAT-9: only an admin records a death, and none before the birth or to come', async () => {
    const { patient_id, token } = await newPatient(api);
    const visit = await api.make.appointment({ patient_id });
    const own = { token, body: { deceased_date: today() } };
    expectProblem(await api.patch(`/patients/${patient_id}`, own), 403, 'forbidden');
    for (const wrong of ['1980-02-28', dateOf(Date.now() + 2 * day)])
      expectProblem(await record(patient_id, wrong), 400, 'invalid_request');
    const { body } = await api.get(`/appointments/${visit.appointment_id}`, { token: admin });
    expect(body.status).to.equal('scheduled');
  });

  it('PAT-9: a booking and a death at once: either there is no visit, or it is cancelled', async () => {
    for (let n = 0; n < 4; n++) {
      const { patient_id } = await api.make.patient();
      const { doctor_id } = await api.make.doctor();
      const body = { doctor_id, patient_id, date: nthSlot(n) };
      const [died] = await Promise.all([
        record(patient_id, today()),
        api.post('/appointments', { token: admin, body }),
        api.post('/holds', { token: admin, body: { ...body, date: nthSlot(n + 50) } }),
      ]);
      expect(died.status).to.equal(200);
      expect(await collection('appointments').countDocuments({ patient_id, status: 'scheduled' })).to.equal(
        0,
      );
      expect(await collection('slot_claims').countDocuments({ patient_id })).to.equal(0);
    }
  });

  it('PAT-9: ages stop, shown and filtered by', async () => {
    const { department_id } = await api.make.department();
    const born = async (name: string, date_of_birth: string, deceased_date: string | null) =>
      api.make.patient({ name, department_id, date_of_birth, deceased_date });
    const { age } = await born('Dead at 20', '1950-06-15', '1970-06-15');
    expect(age).to.equal(20);
    await born('Dead at 19', '1950-06-15', '1970-06-14');
    await born('Leap', '1952-02-29', '1973-02-28');
    const living = `${new Date().getUTCFullYear() - 20}-01-01`;
    await born('Alive at 20', living, null);
    const named = async (query: string) => {
      const path = `/patients?department_id=${department_id}&sort=name&${query}`;
      const { body } = await api.get(path, { token: admin });
      return body.items.map((one: { name: string; age: number }) => `${one.name}: ${one.age}`);
    };
    const [dead19, dead20, leap, alive] = ['Dead at 19: 19', 'Dead at 20: 20', 'Leap: 20', 'Alive at 20: 20'];
    expect(await named('age_from=20')).to.deep.equal([alive, dead20, leap]);
    expect(await named('age_from=20&age_to=20')).to.deep.equal([alive, dead20, leap]);
    expect(await named('age_to=19')).to.deep.equal([dead19]);
    expect(await named('age_from=21')).to.deep.equal([]);
    expect(await named('age_to=130')).to.deep.equal([alive, dead19, dead20, leap]);
  });
});
