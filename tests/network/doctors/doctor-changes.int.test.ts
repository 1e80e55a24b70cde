import { expect } from 'chai';
import type { Document } from 'mongodb';
import { createTransact } from '../../../src/databases/mongo/mongo.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';

describe('changes of doctors', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const doctors = () => api.system.around.stores.connection.collection<Document & { _id: string }>('doctors');
  const stored = (_id: string) => doctors().findOne({ _id });
  const locks = () => api.system.around.stores.connection.collection<{ _id: string }>('locks');
  const expectProblem = ({ status, body }: Answer, expected: number, code: string): void => {
    expect({ status, code: body.code }).to.deep.equal({ status: expected, code });
  };

  /** A doctor with an account of their own. */
  async function signedIn() {
    const doctor = await api.make.doctor();
    const { token, user_id } = await api.make.account('doctor', { doctor_id: doctor.doctor_id });
    return { doctor, path: `/doctors/${doctor.doctor_id}`, token, user_id };
  }

  describe('PATCH /doctors/:doctor_id', () => {
    it('DOC-2: a doctor sets their own availability, leave, slots and accepting', async () => {
      const { doctor, path, token } = await signedIn();
      const body = {
        availability: [{ weekday: 3, start: '09:00', end: '17:00' }],
        leave_days: ['2027-08-01', '2027-08-02'],
        slot_minutes: 30,
        slot_capacity: 4,
        accepting: false,
      };
      const answer = await api.patch(path, { token, body });
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.include(body);
      const { name, registration_number } = doctor;
      expect(await stored(doctor.doctor_id)).to.deep.include({
        ...{ slot_minutes: 30, slot_capacity: 4, name, registration_number },
      });
    });

    it('DOC-2: a doctor sets nothing else of theirs → 403 that names the field, and nothing is stored', async () => {
      const { doctor, path, token } = await signedIn();
      const before = await stored(doctor.doctor_id);
      const refused: object[] = [
        { name: 'Somebody Else' },
        { consultation_fee: 9999 },
        { registration_expiry: '2099-01-01' },
        { department_id: doctor.department_id },
      ];
      for (const body of refused) {
        const answer = await api.patch(path, { token, body: { accepting: false, ...body } });
        expectProblem(answer, 403, 'forbidden');
        expect(answer.body.errors[0].pointer).to.equal(`/body/${Object.keys(body)[0]}`);
      }
      expect(await stored(doctor.doctor_id)).to.deep.equal(before);
    });

    it('DOC-2: a doctor sets nothing of another doctor → 403', async () => {
      const [one, other] = [await signedIn(), await signedIn()];
      const body = { accepting: false };
      expectProblem(await api.patch(other.path, { token: one.token, body }), 403, 'forbidden');
      expect((await stored(other.doctor.doctor_id))!['accepting']).to.equal(true);
    });

    it('DOC-2: an admin sets all; another department brings its hospital along', async () => {
      const { doctor_id } = await api.make.doctor();
      const { hospital_id } = await api.make.hospital();
      const { department_id } = await api.make.department({ hospital_id });
      const sent = {
        name: 'Renamed',
        consultation_fee: 0.1,
        department_id,
        registration_expiry: '2030-06-30',
      };
      const { status, body } = await api.patch(`/doctors/${doctor_id}`, { token: admin, body: sent });
      expect(status).to.equal(200);
      expect(body).to.deep.include({ ...sent, hospital_id, version: 2 });
      expect(await stored(doctor_id)).to.deep.include({ department_id, hospital_id, name: 'Renamed' });
      expect(String((await stored(doctor_id))!['consultation_fee'])).to.equal('0.10');
    });

    it('DOC-2: only another department excludes bookings, which copy it', async () => {
      const { doctor_id, department_id } = await api.make.doctor();
      const locked = (): Promise<number> =>
        locks().countDocuments({ _id: new RegExp(`^doctor:${doctor_id}#`) });
      const move = (to: string) =>
        api.patch(`/doctors/${doctor_id}`, { token: admin, body: { department_id: to, accepting: true } });
      expect((await move(department_id)).status).to.equal(200);
      expect(await locked()).to.equal(0);
      expect((await move((await api.make.department()).department_id)).status).to.equal(200);
      expect(await locked()).to.be.greaterThan(0);
    });

    it('DOC-2: refuses windows that overlap or are off the five minutes, a taken number, an unknown department, a stale version, no token', async () => {
      const [{ doctor_id, registration_number }, other] = [await api.make.doctor(), await api.make.doctor()];
      const path = `/doctors/${doctor_id}`;
      const before = await stored(doctor_id);
      const window = { weekday: 1, start: '08:00', end: '12:00' };
      const overlap = await api.patch(path, { token: admin, body: { availability: [window, window] } });
      expectProblem(overlap, 400, 'invalid_request');
      expect(overlap.body.errors[0].pointer).to.equal('/body/availability/1');
      const oddTime = { availability: [{ ...window, start: '08:01' }] };
      const odd = await api.patch(path, { token: admin, body: oddTime });
      expectProblem(odd, 400, 'invalid_request');
      expect(odd.body.errors[0].pointer).to.equal('/body/availability/0');
      for (const body of [{}, { slot_minutes: 7 }, { slot_capacity: 0 }])
        expectProblem(await api.patch(path, { token: admin, body }), 400, 'invalid_request');
      const taken = { registration_number: other.registration_number };
      expectProblem(await api.patch(path, { token: admin, body: taken }), 409, 'already_exists');
      const lost = { department_id: 'none-such' };
      expectProblem(await api.patch(path, { token: admin, body: lost }), 422, 'unknown_reference');
      const body = { registration_number };
      const headers = { 'if-match': '"v7"' };
      expectProblem(await api.patch(path, { token: admin, body, headers }), 412, 'stale_version');
      expectProblem(await api.patch(path, { body }), 401, 'not_signed_in');
      expectProblem(await api.patch(path, { token: await api.as('patient'), body }), 403, 'forbidden');
      expectProblem(await api.patch('/doctors/none-such', { token: admin, body }), 404, 'not_found');
      expect(await stored(doctor_id)).to.deep.equal(before);
    });
  });

  describe('PUT /doctors/:doctor_id', () => {
    const bodyOf = (record: Record<string, unknown>): Record<string, unknown> => {
      const { doctor_id, hospital_id, user_id, version, created_at, updated_at, ...body } = record;
      return body;
    };

    it('DOC-2: a doctor sends the whole record back with their own fields changed', async () => {
      const { doctor, path, token } = await signedIn();
      const record = (await api.get(`${path}/record`, { token })).body;
      const body = { ...bodyOf(record), slot_minutes: 45, slot_capacity: 2 };
      const answer = await api.put(path, { token, body, headers: { 'if-match': `"v${record.version}"` } });
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.include({ ...body, version: record.version + 1 });
      expect(await stored(doctor.doctor_id)).to.deep.include({ slot_minutes: 45, slot_capacity: 2 });
    });

    it('DOC-2: a doctor who changes more is refused with 403, as is another doctor', async () => {
      const { doctor, path, token } = await signedIn();
      const body = bodyOf(doctor);
      const more = await api.put(path, { token, body: { ...body, name: 'Somebody Else' } });
      expectProblem(more, 403, 'forbidden');
      expect(more.body.errors).to.have.length(1);
      expectProblem(await api.put(path, { token: await api.as('doctor'), body }), 403, 'forbidden');
      expect((await stored(doctor.doctor_id))!['name']).to.equal(doctor.name);
    });

    it('DOC-2: needs name and specialty, and an admin may change all of them', async () => {
      const { doctor, path } = await signedIn();
      const body = { ...bodyOf(doctor), name: 'All New' };
      expect((await api.put(path, { token: admin, body })).body).to.deep.include(body);
      const { specialty, ...less } = body as Record<string, unknown>;
      expect(specialty).to.equal(doctor.specialty);
      const answer = await api.put(path, { token: admin, body: less });
      expectProblem(answer, 400, 'invalid_request');
      expect(answer.body.errors[0].pointer).to.equal('/body/specialty');
    });
  });

  describe('DELETE /doctors/:doctor_id', () => {
    it('DOC-2: an admin removes one; 409 while there are appointments to come', async () => {
      const { doctor_id } = await api.make.doctor();
      const { appointment_id } = await api.make.appointment({ doctor_id });
      const path = `/doctors/${doctor_id}`;
      expectProblem(await api.delete(path, { token: admin }), 409, 'still_in_use');
      expect(await stored(doctor_id)).to.not.equal(null);
      await api.make.steps(appointment_id, 'cancelled');
      expect((await api.delete(path, { token: admin })).status).to.equal(204);
      expect(await stored(doctor_id)).to.equal(null);
    });

    it('DOC-2: refuses no token, other roles, an unknown id, a stale version', async () => {
      const { doctor, path, token } = await signedIn();
      expectProblem(await api.delete(path), 401, 'not_signed_in');
      expectProblem(await api.delete(path, { token }), 403, 'forbidden');
      expectProblem(await api.delete('/doctors/none-such', { token: admin }), 404, 'not_found');
      const headers = { 'if-match': '"v9"' };
      expectProblem(await api.delete(path, { token: admin, headers }), 412, 'stale_version');
      expect(await stored(doctor.doctor_id)).to.not.equal(null);
    });
  });

  describe('duty', () => {
    it('DOC-3: reads what the slots of a doctor follow from; of an unknown one, not_found', async () => {
      const { hospital_id } = await api.make.hospital({ time_zone: 'Australia/Lord_Howe' });
      const hours = { operating_start_hour: '07:00', operating_end_hour: '21:30' };
      const { department_id } = await api.make.department({ hospital_id, ...hours });
      const { doctor_id } = await api.make.doctor({ department_id, slot_minutes: 35 });
      const { duty } = api.system.parts.doctors;
      const found = await createTransact(api.system.around.stores.connection)((tx) => duty(doctor_id, tx));
      expect(found.doctor).to.deep.include({ doctor_id, slot_minutes: 35, slot_capacity: 1 });
      expect(found.hours).to.deep.include(hours);
      expect(found.zone).to.equal('Australia/Lord_Howe');
      const refusal = await duty('none-such').catch((error: unknown) => error);
      expect(refusal).to.have.property('code', 'not_found');
    });
  });

  describe('linkUser', () => {
    it('AUTH-1: refuses a doctor who has another account, and one who does not exist', async () => {
      const { doctor, user_id } = await signedIn();
      const transact = createTransact(api.system.around.stores.connection);
      const link = (doctor_id: string, user: string): Promise<unknown> =>
        transact((tx) => api.system.parts.doctors.linkUser(doctor_id, user, tx)).then(
          () => 'linked',
          (error: { code: string }) => error.code,
        );
      expect(await link(doctor.doctor_id, user_id)).to.equal('linked');
      expect(await link(doctor.doctor_id, 'U-other')).to.equal('already_exists');
      expect(await link('none-such', 'U-other')).to.equal('unknown_reference');
      expect((await stored(doctor.doctor_id))!['user_id']).to.equal(user_id);
    });
  });
});
