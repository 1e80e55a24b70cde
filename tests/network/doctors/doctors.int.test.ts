import { expect } from 'chai';
import type { Document } from 'mongodb';
import { startApi, type Answer, type TestApi } from '../../support/api.js';

describe('doctors', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const doctors = () => api.system.around.stores.connection.collection<Document & { _id: string }>('doctors');
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
        slot_capacity: 3,
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
        slot_capacity: 3,
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

    it('DOC-1: the id of a doctor who is gone names no other, who would read the patients of the first', async () => {
      const availability = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
        weekday,
        start: '08:00',
        end: '18:00',
      }));
      const body = await newDoctor({ doctor_id: 'D-gone', availability });
      const create = () => api.post('/doctors', { token: admin, body });
      const remove = () => api.delete('/doctors/D-gone', { token: admin });
      expect([(await create()).status, (await remove()).status]).to.deep.equal([201, 204]);
      expect((await create()).status, 'nobody was ever seen').to.equal(201);
      const { appointment_id } = await api.make.appointment({ doctor_id: 'D-gone' });
      await api.make.steps(appointment_id, 'cancelled');
      expect((await remove()).status).to.equal(204);
      const again = await create();
      expectProblem(again, 409, 'already_exists');
      expect(again.body.key).to.equal('doctor_id');
      expect(await doctors().findOne({ _id: 'D-gone' })).to.equal(null);
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
        [{ consultation_fee: 5_000_000_000 }, '/body/consultation_fee'],
        [{ slot_minutes: 4 }, '/body/slot_minutes'],
        [{ slot_minutes: 16 }, '/body/slot_minutes'],
        [{ slot_minutes: 241 }, '/body/slot_minutes'],
        [{ slot_capacity: 0 }, '/body/slot_capacity'],
        [{ slot_capacity: 51 }, '/body/slot_capacity'],
        [{ slot_capacity: 1.5 }, '/body/slot_capacity'],
        [{ availability: [window, { ...window, weekday: 2, start: '08:02' }] }, '/body/availability/1'],
        [{ availability: [{ ...window, end: '12:59' }] }, '/body/availability/0'],
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

    it('DOC-1: says in the OpenAPI document what a slot may be', async () => {
      const { schemas } = (await api.get('//openapi.json')).body.components;
      for (const name of ['CreateDoctor', 'UpdateDoctor', 'Doctor']) {
        const { slot_minutes, slot_capacity } = schemas[name].properties;
        expect(slot_minutes, name).to.include({ minimum: 5, maximum: 240, multipleOf: 5 });
        expect(slot_capacity, name).to.include({ minimum: 1, maximum: 50 });
      }
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
      ...['slot_minutes', 'slot_capacity', 'accepting', 'available', 'version'],
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
});
