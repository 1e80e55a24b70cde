import { expect } from 'chai';
import { startApi, type Answer, type TestApi } from '../support/api.js';

describe('doctors', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const doctors = () => api.system.around.stores.connection.collection<{ _id: string }>('doctors');
  const stored = (_id: string) => doctors().findOne({ _id });
  const expectProblem = ({ status, body }: Answer, expected: number, code: string): void => {
    expect({ status, code: body.code }).to.deep.equal({ status: expected, code });
  };

  let registered = 0;
  /** A body that is accepted, in a department of its own. */
  async function newDoctor(fields: object = {}): Promise<Record<string, unknown>> {
    const { department_id } = await api.make.department();
    return {
      name: 'Dr Grace Hopper',
      specialty: 'Neurology',
      department_id,
      registration_number: `R-${++registered}`,
      registration_expiry: '2090-12-31',
      consultation_fee: 120.5,
      ...fields,
    };
  }

  /** A doctor with an account of their own. */
  async function signedIn() {
    const doctor = await api.make.doctor();
    const { token, user_id } = await api.make.account('doctor', { doctor_id: doctor.doctor_id });
    return { doctor, path: `/doctors/${doctor.doctor_id}`, token, user_id };
  }

  describe('POST /doctors', () => {
    it('DOC-1: an admin adds one; the hospital is the one of the department; money is stored exactly', async () => {
      const sent = await newDoctor({
        doctor_id: 'D-1',
        availability: [{ weekday: 1, start: '08:00', end: '12:00' }],
        slot_minutes: 20,
        leave_days: ['2027-01-01'],
        accepting: false,
      });
      const { status, body, headers } = await api.post('/doctors', { token: admin, body: sent });
      expect(status).to.equal(201);
      expect(headers.get('etag')).to.equal('"v1"');
      const department = await api.get(`/departments/${String(sent['department_id'])}`);
      const { hospital_id } = department.body;
      expect(body).to.deep.include({ ...sent, hospital_id, user_id: null, version: 1 });
      const document = await stored('D-1');
      expect(document).to.deep.include({
        hospital_id,
        registration_expiry: new Date('2090-12-31T00:00:00Z'),
        availability: sent['availability'],
        leave_days: [new Date('2027-01-01T00:00:00Z')],
      });
      expect(String(document!['consultation_fee'])).to.equal('120.50');
    });

    it('DOC-1: refuses a taken registration number and a taken id with 409 that names it', async () => {
      const { doctor_id, registration_number } = await api.make.doctor();
      const again = await api.post('/doctors', {
        token: admin,
        body: await newDoctor({ registration_number }),
      });
      expectProblem(again, 409, 'already_exists');
      expect(again.body.key).to.equal('registration_number');
      const twin = await api.post('/doctors', { token: admin, body: await newDoctor({ doctor_id }) });
      expectProblem(twin, 409, 'already_exists');
      expect(twin.body.key).to.equal('doctor_id');
      expect(await doctors().countDocuments({ registration_number })).to.equal(1);
    });

    it('DOC-1: refuses what is not a doctor with 400 that names the field, and stores nothing', async () => {
      const good = await newDoctor();
      const before = await doctors().countDocuments();
      const window = { weekday: 1, start: '08:00', end: '12:00' };
      const bad: [object, string][] = [
        [{ name: undefined }, '/body/name'],
        [{ name: { $gt: '' } }, '/body/name'],
        [{ registration_expiry: '2026-02-30' }, '/body/registration_expiry'],
        [{ registration_expiry: '2026-02-03T00:00:00Z' }, '/body/registration_expiry'],
        [{ consultation_fee: 0 }, '/body/consultation_fee'],
        [{ consultation_fee: -1 }, '/body/consultation_fee'],
        [{ consultation_fee: 10.005 }, '/body/consultation_fee'],
        [{ consultation_fee: '10' }, '/body/consultation_fee'],
        [{ slot_minutes: 4 }, '/body/slot_minutes'],
        [{ slot_minutes: 241 }, '/body/slot_minutes'],
        [{ availability: [{ ...window, weekday: 8 }] }, '/body/availability/0/weekday'],
        [{ availability: [{ ...window, end: '08:00' }] }, '/body/availability/0'],
        [{ availability: [window, { ...window, start: '11:00', end: '13:00' }] }, '/body/availability/1'],
        [{ leave_days: Array.from({ length: 367 }, () => '2027-01-01') }, '/body/leave_days'],
        [{ user_id: 'U1' }, '/body/user_id'],
        [{ hospital_id: 'H1' }, '/body/hospital_id'],
      ];
      for (const [fields, pointer] of bad) {
        const answer = await api.post('/doctors', { token: admin, body: { ...good, ...fields } });
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors[0].pointer).to.equal(pointer);
      }
      expect(await doctors().countDocuments()).to.equal(before);
    });

    it('DOC-1: refuses a department that does not exist with 422', async () => {
      const body = await newDoctor({ department_id: 'none-such' });
      expectProblem(await api.post('/doctors', { token: admin, body }), 422, 'unknown_reference');
      expect(await doctors().countDocuments({ department_id: 'none-such' })).to.equal(0);
    });

    it('DOC-2: is for admins: 401 without a token, 403 for others', async () => {
      const body = await newDoctor();
      expectProblem(await api.post('/doctors', { body }), 401, 'not_signed_in');
      for (const role of ['patient', 'doctor', 'manager'] as const)
        expectProblem(await api.post('/doctors', { token: await api.as(role), body }), 403, 'forbidden');
    });
  });

  describe('GET /doctors/:doctor_id', () => {
    const publicFields = [
      ...[
        'doctor_id',
        'name',
        'specialty',
        'department_id',
        'hospital_id',
        'consultation_fee',
        'availability',
      ],
      ...['slot_minutes', 'accepting', 'available', 'version'],
    ];

    it('DOC-2: is public and shows no private field, to an admin and the doctor neither', async () => {
      const { path, token } = await signedIn();
      for (const asked of [{}, { token }, { token: admin }]) {
        const { status, body } = await api.get(path, asked);
        expect(status).to.equal(200);
        expect(body).to.have.all.keys(publicFields);
      }
      const { body } = await api.get('/doctors?limit=1');
      expect(body.items[0]).to.have.all.keys(publicFields);
    });

    it('DOC-2: gives 404 when there is none', async () => {
      expectProblem(await api.get('/doctors/none-such'), 404, 'not_found');
    });
  });

  describe('GET /doctors/:doctor_id/record', () => {
    it('DOC-2: shows the registration and the leave to an admin and the doctor', async () => {
      const { doctor, path, token, user_id } = await signedIn();
      for (const reader of [token, admin]) {
        const { status, body } = await api.get(`${path}/record`, { token: reader });
        expect(status).to.equal(200);
        const { registration_number, registration_expiry } = doctor;
        expect(body).to.deep.include({ registration_number, registration_expiry, leave_days: [], user_id });
      }
    });

    it('DOC-2: refuses everybody else', async () => {
      const { path } = await signedIn();
      expectProblem(await api.get(`${path}/record`), 401, 'not_signed_in');
      for (const role of ['patient', 'doctor', 'manager'] as const)
        expectProblem(await api.get(`${path}/record`, { token: await api.as(role) }), 403, 'forbidden');
      expectProblem(await api.get('/doctors/none-such/record', { token: admin }), 404, 'not_found');
    });
  });

  describe('PATCH /doctors/:doctor_id', () => {
    it('DOC-2: a doctor sets their own availability, leave, slot length and accepting', async () => {
      const { doctor, path, token } = await signedIn();
      const body = {
        availability: [{ weekday: 3, start: '09:00', end: '17:00' }],
        leave_days: ['2027-08-01', '2027-08-02'],
        slot_minutes: 30,
        accepting: false,
      };
      const answer = await api.patch(path, { token, body });
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.include(body);
      const { name, registration_number } = doctor;
      expect(await stored(doctor.doctor_id)).to.deep.include({ slot_minutes: 30, name, registration_number });
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

    it('DOC-2: refuses windows that overlap, a taken number, an unknown department, a stale version, no token', async () => {
      const [{ doctor_id, registration_number }, other] = [await api.make.doctor(), await api.make.doctor()];
      const path = `/doctors/${doctor_id}`;
      const before = await stored(doctor_id);
      const window = { weekday: 1, start: '08:00', end: '12:00' };
      const overlap = await api.patch(path, { token: admin, body: { availability: [window, window] } });
      expectProblem(overlap, 400, 'invalid_request');
      expect(overlap.body.errors[0].pointer).to.equal('/body/availability/1');
      expectProblem(await api.patch(path, { token: admin, body: {} }), 400, 'invalid_request');
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
      const body = { ...bodyOf(record), slot_minutes: 45 };
      const answer = await api.put(path, { token, body, headers: { 'if-match': `"v${record.version}"` } });
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.include({ ...body, version: record.version + 1 });
      expect((await stored(doctor.doctor_id))!['slot_minutes']).to.equal(45);
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

    it('DOC-2: needs every field, and an admin may change all of them', async () => {
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

  describe('linkUser', () => {
    it('AUTH-1: refuses a doctor who has another account, and one who does not exist', async () => {
      const { doctor, user_id } = await signedIn();
      const { transact, linkUser } = {
        transact: api.system.parts.transact,
        linkUser: api.system.parts.doctors.linkUser,
      };
      const link = (doctor_id: string, user: string): Promise<unknown> =>
        transact((tx) => linkUser(doctor_id, user, tx)).catch((error: { code: string }) => error.code);
      expect(await link(doctor.doctor_id, user_id)).to.not.equal('already_exists');
      expect(await link(doctor.doctor_id, 'U-other')).to.equal('already_exists');
      expect(await link('none-such', 'U-other')).to.equal('unknown_reference');
      expect((await stored(doctor.doctor_id))!['user_id']).to.equal(user_id);
    });
  });
});
