import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { day, expectProblem, expectSameRefusal, newDoctor, newPatient } from '../../support/people.js';
import { stored } from '../../support/stored.js';
import {
  book,
  busyDoctor,
  cancel,
  entryOf,
  freeSlots,
  join,
  queueOf,
  slotAt,
  sweep,
  theDay,
  noticesOf,
  type Patient,
} from './queue.js';

describe('the waiting list', function () {
  this.timeout(60_000);
  let api: TestApi;
  let admin: string;
  let patient: Patient;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api?.stop());
  beforeEach(async () => {
    patient = await newPatient(api);
  });
  afterEach(() => api.clock.set(undefined));

  /** A doctor whose only slot of the day is taken. */
  async function fullDoctor(fields: object = {}): Promise<string> {
    const doctor_id = await busyDoctor(api, 1, fields);
    await api.make.appointment({ doctor_id, date: slotAt(0) });
    return doctor_id;
  }
  const collection = () => api.system.around.stores.connection.collection('waiting_list');

  async function refuses(code: string, status: number, token: string, body: object): Promise<void> {
    const before = await stored(api);
    expectProblem(await api.post('/waiting-list', { token, body }), status, code);
    expect((await stored(api)) === before, 'nothing is stored').to.equal(true);
  }

  describe('POST /waiting-list', () => {
    it('BOOK-7: puts a patient on the list of a doctor whose day is full', async () => {
      const doctor_id = await fullDoctor();
      const { status, body } = await join(api, patient, doctor_id);
      expect(status).to.equal(201);
      expect(body).to.deep.include({
        doctor_id,
        patient_id: patient.patient_id,
        day: theDay(),
        status: 'waiting',
        offer: null,
        version: 1,
      });
      expect(await entryOf(api, patient)).to.deep.equal(body);
      expect(await collection().findOne({ _id: body.waiting_id })).to.deep.include({
        status: 'waiting',
        day: new Date(theDay()),
      });
    });

    it('BOOK-7: an admin puts anybody on it, and must say whom', async () => {
      const doctor_id = await fullDoctor();
      const { patient_id } = await api.make.patient();
      const ask = (body: object) => api.post('/waiting-list', { token: admin, body });
      const { status, body } = await ask({ doctor_id, day: theDay(), patient_id });
      expect([status, body.patient_id]).to.deep.equal([201, patient_id]);
      await refuses('invalid_request', 400, admin, { doctor_id, day: theDay() });
      await refuses('not_found', 404, admin, { doctor_id, day: theDay(), patient_id: 'P-none' });
    });

    it('BOOK-7: a patient waits for oneself only; that another one exists is not told', async () => {
      const doctor_id = await fullDoctor();
      const other = await newPatient(api);
      const ask = (patient_id: string) =>
        api.post('/waiting-list', { token: patient.token, body: { doctor_id, day: theDay(), patient_id } });
      expectSameRefusal(await ask(other.patient_id), await ask('P-none'));
      expect((await ask(patient.patient_id)).status).to.equal(201);
    });

    it('BOOK-7: refuses a day that has a free slot, and tells it', async () => {
      const doctor_id = await busyDoctor(api, 2);
      await api.make.appointment({ doctor_id, date: slotAt(0) });
      const before = await stored(api);
      const { status, body } = await join(api, patient, doctor_id);
      expect({ status, code: body.code }).to.deep.equal({ status: 409, code: 'slots_are_free' });
      expect(body.nearest_slots).to.deep.equal([{ start: slotAt(1), end: slotAt(2), free: 1 }]);
      expect((await stored(api)) === before).to.equal(true);
      await api.make.appointment({ doctor_id, date: slotAt(1) });
      expect((await join(api, patient, doctor_id)).status).to.equal(201);
    });

    it('BOOK-7: a slot with several places is full when all of them are taken', async () => {
      const doctor_id = await busyDoctor(api, 1, { slot_capacity: 2 });
      await api.make.appointment({ doctor_id, date: slotAt(0) });
      expectProblem(await join(api, patient, doctor_id), 409, 'slots_are_free');
      const { patient_id } = await api.make.patient();
      await api.make.appointment({ doctor_id, patient_id, date: slotAt(0) });
      expect((await join(api, patient, doctor_id)).status).to.equal(201);
    });

    it('BOOK-7: a patient waits once for a doctor and day, however often they ask', async () => {
      const doctor_id = await fullDoctor();
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => join(api, patient, doctor_id)));
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 409, 409, 409, 409]);
      for (const answer of answers.filter(({ status }) => status === 409))
        expectProblem(answer, 409, 'already_waiting');
      expect(await collection().countDocuments({ doctor_id })).to.equal(1);
      await refuses('already_waiting', 409, patient.token, { doctor_id, day: theDay() });
    });

    it('BOOK-7: refuses a day that is over, or further ahead than the hospital books', async () => {
      const doctor_id = await fullDoctor();
      for (const days of [-1, 31, 400]) {
        const on = new Date(Date.now() + days * day).toISOString().slice(0, 10);
        await refuses('outside_booking_window', 400, patient.token, { doctor_id, day: on });
      }
      for (const on of ['2027-02-30', '01/02/2027', '', null])
        await refuses('invalid_request', 400, patient.token, { doctor_id, day: on });
      await refuses('invalid_request', 400, patient.token, { doctor_id });
    });

    it('BOOK-7: takes today as long as a slot is still to come', async () => {
      const doctor_id = await fullDoctor();
      api.clock.set(new Date(Date.parse(slotAt(0)) - 1));
      expect((await join(api, patient, doctor_id)).status).to.equal(201);
      api.clock.set(new Date(slotAt(0)));
      const other = await newPatient(api);
      await refuses('outside_booking_window', 400, other.token, { doctor_id, day: theDay() });
    });

    it('BOOK-7: refuses a day on which the doctor has no slot, and says why', async () => {
      const weekday = new Date(theDay()).getUTCDay() || 7;
      const otherDays = [1, 2, 3, 4, 5, 6, 7]
        .filter((one) => one !== weekday)
        .map((one) => ({ weekday: one, start: '10:00', end: '10:15' }));
      const late = [{ weekday, start: '20:00', end: '21:00' }];
      const short = [{ weekday, start: '10:00', end: '10:10' }];
      for (const [code, fields] of [
        ['doctor_on_leave', { leave_days: [theDay()] }],
        ['doctor_not_accepting', { accepting: false }],
        ['doctor_registration_expired', { registration_expiry: '2020-01-01' }],
        ['outside_availability', { availability: otherDays }],
        ['outside_availability', { availability: short }],
        ['department_closed', { availability: late }],
      ] as const) {
        const doctor_id = await busyDoctor(api, 1, fields);
        await refuses(code, 422, patient.token, { doctor_id, day: theDay() });
      }
    });

    it('BOOK-7: refuses an unknown doctor, an unknown field, another role and a caller without a token', async () => {
      const body = { doctor_id: 'D-none', day: theDay() };
      await refuses('not_found', 404, patient.token, body);
      await refuses('invalid_request', 400, patient.token, { ...body, status: 'offered' });
      await refuses('forbidden', 403, await api.as('doctor'), body);
      await refuses('forbidden', 403, await api.as('manager'), body);
      expectProblem(await api.post('/waiting-list', { body }), 401, 'not_signed_in');
    });
  });

  describe('GET /waiting-list', () => {
    it('BOOK-7: shows a patient their own, a doctor those who wait for them, an admin all; the first in the queue first', async () => {
      const queue = await queueOf(api, 3);
      const { doctor_id, entries } = queue;
      const doctor = await api.make.account('doctor', { doctor_id });
      const ids = async (token: string, query = '') =>
        (await api.get(`/waiting-list${query}`, { token })).body.items.map(
          ({ waiting_id }: { waiting_id: string }) => waiting_id,
        );
      expect(await ids(queue.patients[1]!.token)).to.deep.equal([entries[1]]);
      expect(await ids(doctor.token)).to.deep.equal(entries);
      expect(await ids(admin, `?doctor_id=${doctor_id}`)).to.deep.equal(entries);
      expect(await ids(admin, '?limit=100')).to.include.members([...entries]);
      const other = await newDoctor(api);
      expect(await ids(other.token, `?doctor_id=${doctor_id}`)).to.deep.equal([]);
      expect(await ids(patient.token, `?doctor_id=${doctor_id}`)).to.deep.equal([]);
    });

    it('BOOK-7: filters by doctor and day, and gives page by page', async () => {
      const { doctor_id, entries } = await queueOf(api, 3);
      const get = async (query: string) =>
        (await api.get(`/waiting-list?doctor_id=${doctor_id}${query}`, { token: admin })).body;
      const ids = ({ items }: { items: { waiting_id: string }[] }) =>
        items.map(({ waiting_id }) => waiting_id);
      expect(ids(await get(`&day=${theDay()}`))).to.deep.equal(entries);
      expect(ids(await get('&day=2027-01-01'))).to.deep.equal([]);
      const first = await get('&limit=2');
      const second = await get(`&limit=2&cursor=${first.next_cursor}`);
      expect([...ids(first), ...ids(second)]).to.deep.equal(entries);
      expect(second.next_cursor).to.equal(null);
      const bad = await api.get('/waiting-list?day=soon', { token: admin });
      expectProblem(bad, 400, 'invalid_request');
      expectProblem(await api.get('/waiting-list?cursor=x', { token: admin }), 400, 'invalid_cursor');
      expectProblem(await api.get('/waiting-list', { token: await api.as('manager') }), 403, 'forbidden');
      expectProblem(await api.get('/waiting-list'), 401, 'not_signed_in');
    });
  });

  describe('DELETE /waiting-list/{waiting_id}', () => {
    it('BOOK-7: ends the waiting; one may wait anew, behind the others', async () => {
      const { doctor_id, patients, entries, booked } = await queueOf(api, 2);
      const [first, second] = [patients[0]!, patients[1]!];
      const address = `/waiting-list/${entries[0]}`;
      expect((await api.delete(address, { token: first.token })).status).to.equal(204);
      expect((await entryOf(api, first)).status).to.equal('left');
      expect((await join(api, first, doctor_id)).status).to.equal(201);
      await cancel(api, booked[0]!);
      expect((await entryOf(api, second)).status).to.equal('offered');
      expect((await entryOf(api, first)).status).to.equal('waiting');
      expectProblem(await api.delete(address, { token: first.token }), 409, 'step_not_allowed');
    });

    it('BOOK-7: is for the patient who waits and an admin; to others it does not exist', async () => {
      const { entries, patients } = await queueOf(api, 1);
      const address = `/waiting-list/${entries[0]}`;
      const before = await stored(api);
      const ask = { token: patient.token };
      expectSameRefusal(await api.delete(address, ask), await api.delete('/waiting-list/W-none', ask));
      expectProblem(await api.delete(address, { token: await api.as('doctor') }), 403, 'forbidden');
      expectProblem(await api.delete(address), 401, 'not_signed_in');
      const stale = { token: admin, headers: { 'if-match': '"v7"' } };
      expectProblem(await api.delete(address, stale), 412, 'stale_version');
      expect((await stored(api)) === before).to.equal(true);
      const fresh = { token: admin, headers: { 'if-match': '"v1"' } };
      expect((await api.delete(address, fresh)).status).to.equal(204);
      expect((await entryOf(api, patients[0]!)).status).to.equal('left');
    });

    it('BOOK-7: refuses what is over: the entry stays as it is', async () => {
      const { doctor_id, booked, patients, entries } = await queueOf(api, 1);
      await cancel(api, booked[0]!);
      const { offer } = await entryOf(api, patients[0]!);
      expect((await book(api, patients[0]!, doctor_id, offer.date, offer.hold_id)).status).to.equal(201);
      const before = await stored(api);
      const answer = await api.delete(`/waiting-list/${entries[0]}`, { token: patients[0]!.token });
      expectProblem(answer, 409, 'step_not_allowed');
      expect((await stored(api)) === before).to.equal(true);
    });
  });

  it('BOOK-7: what somebody only held is offered to who began to wait meanwhile, when the hold runs out', async () => {
    const doctor_id = await busyDoctor(api);
    const holder = await newPatient(api);
    const body = { doctor_id, date: slotAt(0) };
    const held = await api.post('/holds', { token: holder.token, body });
    expect((await join(api, patient, doctor_id)).status).to.equal(201);
    const end = Date.parse(held.body.expires_at);
    const sweepAt = async (at: number): Promise<string> => {
      api.clock.set(new Date(at));
      await api.system.parts.appointments.sweepHolds();
      return (await entryOf(api, patient)).status as string;
    };
    expect(await sweepAt(end - 1)).to.equal('waiting');
    expect(await sweepAt(end)).to.equal('offered');
    expect(await noticesOf(api, patient)).to.deep.equal(['waiting_list.offered']);
    expectProblem(await book(api, holder, doctor_id, slotAt(0)), 409, 'slot_taken');
    const { offer } = await entryOf(api, patient);
    // An offer that runs out is ended by the sweep of offers, whichever of the two comes first.
    expect(await sweepAt(Date.parse(offer.expires_at))).to.equal('offered');
    await sweep(api);
    expect((await entryOf(api, patient)).status).to.equal('expired');
    expect(await freeSlots(api, doctor_id)).to.deep.equal([slotAt(0)]);
  });
});
