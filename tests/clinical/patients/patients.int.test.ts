import { expect } from 'chai';
import type { Document } from 'mongodb';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, newDoctor } from '../../support/people.js';

describe('patients', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());
  afterEach(() => api.clock.set(undefined));

  const patients = () =>
    api.system.around.stores.connection.collection<Document & { _id: string }>('patients');
  const stored = (_id: string) => patients().findOne({ _id });
  const today = (): string => new Date().toISOString().slice(0, 10);
  const mould = { substance: 'Mould', code: null, category: null, reaction: null, severity: null };

  /** A patient with an account of their own. */
  async function signedIn(fields: object = {}) {
    const patient = await api.make.patient({ ...fields });
    const { token, user_id } = await api.make.account('patient', { patient_id: patient.patient_id });
    return { patient, path: `/patients/${patient.patient_id}`, token, user_id };
  }

  describe('POST /patients', () => {
    it('PAT-1, PAT-6: an admin adds one; it is stored as it was sent, with what is derived', async () => {
      const { department_id } = await api.make.department();
      const sent = {
        patient_id: 'P-1',
        name: 'Ada Lovelace',
        date_of_birth: '1985-12-10',
        sex: 'female',
        diagnoses: [
          { disease: 'Asthma', code: '195967001', start_date: '2020-05-01', end_date: null },
          { disease: 'Influenza', code: null, start_date: '2019-01-01', end_date: '2019-01-09' },
        ],
        allergies: { state: 'listed', items: [mould] },
        contact: { phone: '+44 20 7946 0000', email: 'ada@example.org', address: '12 St James’s Sq' },
        department_id,
      };
      const { status, body, headers } = await api.post('/patients', { token: admin, body: sent });
      expect(status).to.equal(201);
      expect(headers.get('etag')).to.equal('"v1"');
      expect(body).to.deep.include({
        ...sent,
        ...{ diseases: ['Asthma'], date_of_birth_estimated: false, deceased_date: null, user_id: null },
        ...{ appointments: [], prescriptions: [], version: 1 },
      });
      const { patient_id, diagnoses, date_of_birth, ...same } = sent;
      const document = await stored(patient_id);
      expect(document).to.deep.include({
        ...same,
        diseases: ['Asthma'],
        date_of_birth: new Date(date_of_birth),
      });
      expect(document!['diagnoses'][1]).to.deep.include({ end_date: new Date('2019-01-09') });
      expect(diagnoses).to.have.length(document!['diagnoses'].length);
    });

    it('PAT-1: the id is generated, and what is left out is not known', async () => {
      const body = { name: 'Bo', date_of_birth: '1990-01-01' };
      const answer = await api.post('/patients', { token: admin, body });
      expect(answer.body.patient_id).to.match(/^P/);
      expect(answer.body).to.deep.include({
        sex: 'unknown',
        diseases: [],
        allergies: { state: 'not_asked', items: [] },
        contact: { phone: null, email: null, address: null },
        department_id: null,
      });
    });

    it('PAT-1: an age gives an estimated date of birth; the answer has the age', async () => {
      api.clock.set(new Date('2026-11-21T12:00:00Z'));
      const aged = (age: number) => api.post('/patients', { token: admin, body: { name: 'Bo', age } });
      expect((await aged(40)).body).to.deep.include({
        date_of_birth: '1986-11-21',
        date_of_birth_estimated: true,
        age: 40,
      });
      expect((await aged(0)).body.age).to.equal(0);
      expect((await aged(130)).body.date_of_birth).to.equal('1896-11-21');
    });

    it('PAT-6: diseases become diagnoses that are open from today', async () => {
      const sent = { name: 'Bo', age: 40, diseases: ['Gout', 'Asthma'] };
      const { body } = await api.post('/patients', { token: admin, body: sent });
      expect(body.diseases).to.deep.equal(['Gout', 'Asthma']);
      const open = { code: null, start_date: today(), end_date: null };
      expect(body.diagnoses).to.deep.equal([
        { disease: 'Gout', ...open },
        { disease: 'Asthma', ...open },
      ]);
    });

    it('PAT-6: allergies are not asked, none known, or listed: three different facts', async () => {
      const make = (allergies: object) => api.make.patient({ allergies });
      expect((await make({ state: 'none_known' })).allergies).to.deep.equal({
        state: 'none_known',
        items: [],
      });
      const listed = await make({ state: 'listed', items: [{ substance: 'Mould' }] });
      expect(listed.allergies).to.deep.equal({ state: 'listed', items: [mould] });
    });

    it('PAT-1: refuses a taken id with 409, and leaves the one who has it', async () => {
      const { patient_id } = await api.make.patient({ name: 'First' });
      const body = { patient_id, name: 'Second', age: 3 };
      const answer = await api.post('/patients', { token: admin, body });
      expectProblem(answer, 409, 'already_exists');
      expect(answer.body.key).to.equal('patient_id');
      expect((await stored(patient_id))!['name']).to.equal('First');
    });

    it('PAT-1: refuses what is not a patient with 400 that names the field, and stores nothing', async () => {
      const before = await patients().countDocuments();
      const good = { name: 'Bo', date_of_birth: '1990-01-01' };
      const gout = { disease: 'Gout', start_date: '2020-01-01' };
      const bad: [object, string][] = [
        [{ name: undefined }, '/body/name'],
        [{ name: ' ' }, '/body/name'],
        [{ name: 'x'.repeat(201) }, '/body/name'],
        [{ name: { $gt: '' } }, '/body/name'],
        [{ patient_id: '../etc' }, '/body/patient_id'],
        [{ date_of_birth: undefined }, '/body/date_of_birth'],
        [{ date_of_birth: null }, '/body/date_of_birth'],
        [{ date_of_birth: '2090-01-01' }, '/body/date_of_birth'],
        [{ date_of_birth: '1990-02-30' }, '/body/date_of_birth'],
        [{ age: 36 }, '/body/age'],
        [{ date_of_birth: undefined, age: 131 }, '/body/age'],
        [{ date_of_birth: undefined, age: 3.5 }, '/body/age'],
        [{ date_of_birth: undefined, age: '36' }, '/body/age'],
        [{ deceased_date: '1989-12-31' }, '/body/deceased_date'],
        [{ sex: 'F' }, '/body/sex'],
        [{ diseases: ['Gout'], diagnoses: [gout] }, '/body/diseases'],
        [{ diseases: 'Gout' }, '/body/diseases'],
        [{ diagnoses: [{ disease: 'Gout' }] }, '/body/diagnoses/0/start_date'],
        [{ diagnoses: [gout, { ...gout, end_date: '2019-12-31' }] }, '/body/diagnoses/1/end_date'],
        [{ allergies: { state: 'listed' } }, '/body/allergies/state'],
        [{ allergies: { state: 'none_known', items: [mould] } }, '/body/allergies/state'],
        [{ allergies: { state: 'maybe' } }, '/body/allergies/state'],
        [{ contact: { email: 'not an address' } }, '/body/contact/email'],
        [{ contact: { phone: { $ne: null } } }, '/body/contact/phone'],
        [{ national_id: '123' }, '/body/national_id'],
        [{ user_id: 'U1' }, '/body/user_id'],
        [{ appointments: [] }, '/body/appointments'],
      ];
      for (const [fields, pointer] of bad) {
        const answer = await api.post('/patients', { token: admin, body: { ...good, ...fields } });
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors[0].pointer).to.equal(pointer);
      }
      expect(await patients().countDocuments()).to.equal(before);
    });

    it('PAT-1: refuses a department that does not exist with 422', async () => {
      const body = { name: 'Homeless', age: 3, department_id: 'none-such' };
      expectProblem(await api.post('/patients', { token: admin, body }), 422, 'unknown_reference');
      expect(await patients().countDocuments({ name: 'Homeless' })).to.equal(0);
    });

    it('PAT-2: is for admins: 401 without a token, 403 for others', async () => {
      const body = { name: 'Bo', age: 3 };
      expectProblem(await api.post('/patients', { body }), 401, 'not_signed_in');
      for (const role of ['patient', 'doctor', 'manager', 'pharmacist'] as const)
        expectProblem(await api.post('/patients', { token: await api.as(role), body }), 403, 'forbidden');
    });
  });

  describe('GET /patients/:patient_id', () => {
    it('PAT-2, PAT-5: the owner, a doctor who treats them and an admin read it', async () => {
      const { patient, path, token } = await signedIn();
      const doctor = await newDoctor(api);
      await api.make.appointment({ patient_id: patient.patient_id, doctor_id: doctor.doctor_id });
      for (const reader of [token, admin, doctor.token]) {
        const { status, body } = await api.get(path, { token: reader });
        expect(status).to.equal(200);
        expect(body).to.deep.include({
          patient_id: patient.patient_id,
          name: patient.name,
          age: patient.age,
        });
      }
    });

    it('PAT-2: 401 without a token, 403 for other roles, 404 for an unknown id', async () => {
      const { path } = await signedIn();
      expectProblem(await api.get(path), 401, 'not_signed_in');
      for (const role of ['manager', 'vendor', 'customer', 'pharmacist'] as const)
        expectProblem(await api.get(path, { token: await api.as(role) }), 403, 'forbidden');
      expectProblem(await api.get('/patients/none-such', { token: admin }), 404, 'not_found');
    });

    it('PAT-1: an age that is not known is null', async () => {
      const { path, patient } = await signedIn();
      await api.patch(path, { token: admin, body: { date_of_birth: null } });
      const { body } = await api.get(path, { token: admin });
      expect(body).to.deep.include({ patient_id: patient.patient_id, date_of_birth: null, age: null });
    });

    it('PAT-1: keeps the newest 20 appointments; booking one does not raise the version', async () => {
      const { patient, path, token } = await signedIn();
      const { doctor_id } = await api.make.doctor();
      const dates = Array.from({ length: 22 }, (_, day) =>
        new Date(Math.floor(Date.now() / 86_400_000 + 1 + day) * 86_400_000 + 36_000_000).toISOString(),
      );
      for (const date of dates)
        await api.make.appointment({ patient_id: patient.patient_id, doctor_id, date });
      const { body } = await api.get(path, { token });
      const summaries: { date: string }[] = body.appointments;
      expect(summaries.map(({ date }) => date)).to.deep.equal(dates.toReversed().slice(0, 20));
      const headers = { 'if-match': '"v2"' };
      const change = { contact: { address: 'Moved' } };
      expect((await api.patch(path, { token, body: change, headers })).status).to.equal(200);
    });

    it('PAT-1: a prescription is there with its exact cost', async () => {
      const { patient, path, token } = await signedIn();
      const prescription = await api.make.prescription({ patient_id: patient.patient_id, cost: 1234.56 });
      const { body } = await api.get(path, { token });
      expect(body.prescriptions).to.have.length(1);
      const { prescription_id } = prescription;
      expect(body.prescriptions[0]).to.deep.include({ prescription_id, cost: 1234.56 });
      const cost: unknown = (await stored(patient.patient_id))!['prescriptions'][0].cost;
      expect(cost).to.have.property('_bsontype', 'Decimal128');
      // A change of the patient leaves it as it is.
      const changed = await api.patch(path, { token, body: { name: 'Renamed' } });
      expect(changed.body.prescriptions).to.deep.equal(body.prescriptions);
    });
  });
});
