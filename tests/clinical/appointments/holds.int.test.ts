import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, newPatient } from '../../support/people.js';
import { stored } from '../../support/stored.js';

const now = new Date('2027-03-10T08:00:00.000Z');
const expiry = new Date(now.getTime() + 5 * 60_000);
const date = '2027-03-11T10:00:00.000Z';

describe('holds', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    api.clock.set(now);
    admin = await api.as('admin');
  });
  after(() => api.stop());
  afterEach(() => api.clock.set(now));

  const claims = (holder_id: string) =>
    api.system.around.stores.connection.collection('slot_claims').find({ holder_id }).toArray();

  async function scene(fields: Record<string, unknown> = {}) {
    const [patient, other] = [await newPatient(api), await newPatient(api)];
    const { doctor_id } = await api.make.doctor(fields);
    const hold = (token: string, more: object = {}) =>
      api.post('/holds', { token, body: { doctor_id, date, ...more } });
    const book = (token: string, more: object = {}) =>
      api.post('/appointments', { token, body: { doctor_id, date, ...more } });
    return { patient, other, doctor_id, hold, book };
  }

  it('BOOK-9: keeps a slot for the patient, who books it; then the hold is used up', async () => {
    const { patient, other, doctor_id, hold, book } = await scene();
    const held = await hold(patient.token);
    expect(held.status).to.equal(201);
    const { hold_id } = held.body;
    expect(held.body).to.deep.equal({
      ...{ hold_id, doctor_id, patient_id: patient.patient_id, date },
      slot_end: '2027-03-11T10:15:00.000Z',
      expires_at: expiry.toISOString(),
    });
    expectProblem(await book(other.token), 409, 'slot_taken');
    expectProblem(await hold(other.token), 409, 'slot_taken');
    const booked = await book(patient.token, { hold_id });
    expect([booked.status, booked.body.date]).to.deep.equal([201, date]);
    expect(await claims(hold_id)).to.deep.equal([]);
    const taken = await claims(booked.body.appointment_id);
    expect(taken.map(({ grain, place, expires_at }) => ({ grain, place, expires_at }))).to.deep.equal(
      ['10:00', '10:05', '10:10'].map((time) => ({
        grain: new Date(`2027-03-11T${time}Z`),
        place: 0,
        expires_at: null,
      })),
    );
    expectProblem(await book(patient.token, { hold_id }), 409, 'hold_expired');
  });

  it('BOOK-9: the short form books a hold too, and an admin holds and books for a patient', async () => {
    const { patient, doctor_id, hold } = await scene();
    const { patient_id } = patient;
    expectProblem(await hold(admin), 400, 'invalid_request');
    const held = await hold(admin, { patient_id });
    expect([held.status, held.body.patient_id]).to.deep.equal([201, patient_id]);
    const body = { booking_date_time: date, hold_id: held.body.hold_id };
    expect((await api.post(`/bookings/${doctor_id}`, { token: patient.token, body })).status).to.equal(201);
  });

  it('BOOK-9: is good until its last millisecond, and nobody’s at the moment of its expiry', async () => {
    const { patient, other, hold, book } = await scene();
    const [first, second] = [
      await hold(patient.token),
      await hold(patient.token, { date: '2027-03-11T11:00:00Z' }),
    ];
    api.clock.set(new Date(expiry.getTime() - 1));
    expectProblem(await book(other.token), 409, 'slot_taken');
    const inTime = await book(patient.token, { date: second.body.date, hold_id: second.body.hold_id });
    expect(inTime.status).to.equal(201);
    api.clock.set(expiry);
    expectProblem(await book(patient.token, { hold_id: first.body.hold_id }), 409, 'hold_expired');
    expect((await book(other.token)).status).to.equal(201);
    expect(await claims(first.body.hold_id)).to.deep.equal([]);
  });

  it('BOOK-9: what ran out is booked by the one who held it as by anybody', async () => {
    const { patient, hold, book } = await scene();
    const { body } = await hold(patient.token);
    api.clock.set(expiry);
    expectProblem(await book(patient.token, { hold_id: body.hold_id }), 409, 'hold_expired');
    expect((await book(patient.token)).status).to.equal(201);
  });

  it('BOOK-9: refuses another’s hold, another slot’s and one that never was; all stays as it is', async () => {
    const { patient, other, doctor_id, hold, book } = await scene();
    const { hold_id } = (await hold(patient.token)).body;
    const elsewhere = await api.make.doctor();
    const doctor = await api.as('doctor');
    const before = await stored(api);
    expectProblem(await book(other.token, { hold_id }), 404, 'not_found');
    expectProblem(await book(admin, { hold_id, patient_id: other.patient_id }), 404, 'not_found');
    for (const wrong of [{ date: '2027-03-11T11:00:00Z' }, { doctor_id: elsewhere.doctor_id }]) {
      const answer = await book(patient.token, { hold_id, ...wrong });
      expectProblem(answer, 400, 'invalid_request');
      expect(answer.body.errors[0].pointer).to.equal('/body/hold_id');
    }
    expectProblem(await book(patient.token, { hold_id: 'HO-none' }), 409, 'hold_expired');
    expectProblem(
      await api.post('/holds', { token: patient.token, body: { doctor_id: 'D-none', date } }),
      404,
      'not_found',
    );
    expectProblem(await hold(admin, { patient_id: 'P-none' }), 404, 'not_found');
    expectProblem(await hold(patient.token, { date: '2027-03-10T08:00:00Z' }), 400, 'outside_booking_window');
    expectProblem(await api.post('/holds', { body: { doctor_id, date } }), 401, 'not_signed_in');
    expectProblem(await hold(doctor), 403, 'forbidden');
    expect(await stored(api)).to.equal(before);
  });

  it('BOOK-9: a slot with three places is held and booked by three', async () => {
    const { patient, other, hold, book } = await scene({ slot_capacity: 3 });
    const { hold_id } = (await hold(patient.token)).body;
    expect((await book(other.token)).status).to.equal(201);
    const third = await newPatient(api);
    expect((await hold(third.token)).status).to.equal(201);
    expectProblem(await book((await newPatient(api)).token), 409, 'slot_taken');
    expect((await book(patient.token, { hold_id })).status).to.equal(201);
  });

  it('BOOK-9: a patient holds three at the most; those that ran out do not count', async () => {
    const { patient, hold } = await scene();
    const at = (n: number) => ({ date: `2027-03-11T1${n}:00:00Z` });
    for (const n of [0, 1, 2]) expect((await hold(patient.token, at(n))).status).to.equal(201);
    const before = await stored(api);
    expectProblem(await hold(patient.token, at(3)), 409, 'too_many_holds');
    expect(await stored(api)).to.equal(before);
    api.clock.set(expiry);
    expect((await hold(patient.token, at(3))).status).to.equal(201);
  });

  describe('DELETE /holds/{hold_id}', () => {
    const release = (hold_id: string, token?: string) => api.delete(`/holds/${hold_id}`, { token });

    it('BOOK-9: the owner or an admin gives it back, and others can book', async () => {
      const { patient, other, hold, book } = await scene();
      const first = (await hold(patient.token)).body.hold_id;
      expect((await release(first, patient.token)).status).to.equal(204);
      const second = (await hold(other.token)).body.hold_id;
      expect((await release(second, admin)).status).to.equal(204);
      expectProblem(await release(second, admin), 404, 'not_found');
      expect((await book(other.token)).status).to.equal(201);
    });

    it('BOOK-9: nobody else does; and no booking is given back by it', async () => {
      const { patient, other, hold, book } = await scene();
      const { hold_id } = (await hold(patient.token)).body;
      const booked = await book(other.token, { date: '2027-03-11T11:00:00Z' });
      const before = await stored(api);
      expectProblem(await release(hold_id, other.token), 404, 'not_found');
      expectProblem(await release(hold_id), 401, 'not_signed_in');
      expectProblem(await release(hold_id, await api.as('doctor')), 403, 'forbidden');
      expectProblem(await release(booked.body.appointment_id, other.token), 404, 'not_found');
      expect(await stored(api)).to.equal(before);
    });
  });

  it('BOOK-7: for somebody who waits a slot is held beyond the usual number, if it is free and still to come', async () => {
    const { patient, doctor_id, hold } = await scene();
    const { patient_id, token } = patient;
    const { connection } = api.system.around.stores;
    const { appointments } = api.system.parts;
    for (const n of [0, 1, 2]) await hold(token, { date: `2027-03-11T1${n}:00:00Z` });
    const session = await connection.startSession();
    const holdFor = (time: string, doctor = doctor_id) => {
      const slot_end = new Date(Date.parse(time) + 900_000);
      const wanted = { doctor_id: doctor, patient_id, date: new Date(time), slot_end, expires_at: expiry };
      return session.withTransaction(() => appointments.holdFor(wanted, session as never));
    };
    try {
      const held = await holdFor('2027-03-11T14:00:00Z');
      expect(held).to.deep.include({ doctor_id, patient_id, expires_at: expiry });
      expect(await claims(held!.hold_id)).to.have.length(3);
      expect(await holdFor('2027-03-11T14:00:00Z')).to.equal(null);
      expect(await holdFor('2027-03-10T08:00:00Z')).to.equal(null);
      expect(await holdFor('2027-03-11T20:00:00Z')).to.equal(null);
      expect(await holdFor('2027-03-11T14:00:00Z', 'D-none')).to.equal(null);
      await session.withTransaction(() => appointments.releaseHold(held!.hold_id, session as never));
      expect(await claims(held!.hold_id)).to.deep.equal([]);
    } finally {
      await session.endSession();
    }
  });
});
