import { expect } from 'chai';
import type { PrescriptionDocument } from '../../../src/domains/clinical/prescriptions/prescriptions.model.js';
import { startApi, type TestApi } from '../../support/api.js';
import {
  expectProblem,
  expectSameRefusal,
  newDoctor,
  newPatient,
  summariesOf,
} from '../../support/people.js';

describe('prescriptions', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });

  after(() => api.stop());

  const prescriptions = () =>
    api.system.around.stores.connection.collection<PrescriptionDocument>('prescriptions');
  const stored = (_id: string) => prescriptions().findOne({ _id });
  const wording = {
    drug: 'Amoxicillin',
    dosage: { value: 500, unit: 'mg' },
    frequency: 'three_times_daily',
    cost: 12.5,
  };

  /** A patient and a doctor with accounts. */
  async function scene() {
    const [patient, doctor] = [await newPatient(api), await newDoctor(api)];
    const ids = { patient_id: patient.patient_id, doctor_id: doctor.doctor_id };
    const post = (fields: Record<string, unknown> = {}, token = doctor.token) =>
      api.post('/prescriptions', { token, body: { ...wording, ...ids, ...fields } });
    return { patient, doctor, ids, post };
  }

  describe('POST /prescriptions', () => {
    it('RX-1: a doctor prescribes; the prescription and its summary are stored together', async () => {
      const { doctor, ids, post } = await scene();
      const more = {
        ...{ disease: 'Otitis media', disease_code: '65363002', drug_code: '308182' },
        ...{ start_date: '2027-01-01', end_date: '2027-01-07' },
      };
      const { status, body, headers } = await post(more);
      expect(status).to.equal(201);
      expect(headers.get('etag')).to.equal('"v1"');
      const { department_id, hospital_id } = doctor;
      expect(body).to.deep.include({
        ...wording,
        ...ids,
        ...more,
        department_id,
        hospital_id,
        appointment_id: null,
      });
      const document = (await stored(body.prescription_id))!;
      expect(document.cost.toString()).to.equal('12.50');
      expect(document.start_date).to.deep.equal(new Date('2027-01-01T00:00:00Z'));
      const { prescription_id } = body;
      const { doctor_id } = ids;
      const summary = {
        prescription_id,
        doctor_id,
        drug: 'Amoxicillin',
        cost: 12.5,
        disease: 'Otitis media',
      };
      expect(await summariesOf(api, ids.patient_id, 'prescriptions')).to.deep.equal([
        { ...summary, start_date: '2027-01-01', end_date: '2027-01-07' },
      ]);
    });

    it('RX-1: a frequency is a word or 1 to 24 times per day; a period may be one day', async () => {
      const { post } = await scene();
      const days = { start_date: '2027-01-01', end_date: '2027-01-01' };
      expect((await post({ frequency: 24, cost: 0, ...days })).body).to.deep.include({
        frequency: 24,
        cost: 0,
      });
    });

    const bad: [string, Record<string, unknown>, string][] = [
      ['an end before the start', { start_date: '2027-01-02', end_date: '2027-01-01' }, '/body/end_date'],
      ['a day that the calendar lacks', { start_date: '2027-02-30' }, '/body/start_date'],
      ['a negative cost', { cost: -0.01 }, '/body/cost'],
      ['a cost in tenths of a cent', { cost: 1.005 }, '/body/cost'],
      ['a cost as text', { cost: '12.50' }, '/body/cost'],
      ['a dose of nothing', { dosage: { value: 0, unit: 'mg' } }, '/body/dosage/value'],
      ['a unit outside of the list', { dosage: { value: 1, unit: 'spoon' } }, '/body/dosage/unit'],
      ['a dose without its unit', { dosage: { value: 1 } }, '/body/dosage/unit'],
      ['a word outside of the vocabulary', { frequency: 'often' }, '/body/frequency'],
      ['25 times per day', { frequency: 25 }, '/body/frequency'],
      ['half a time per day', { frequency: 0.5 }, '/body/frequency'],
      ['a number as text', { frequency: '2' }, '/body/frequency'],
      ['no drug', { drug: undefined }, '/body/drug'],
      ['a drug of spaces', { drug: '   ' }, '/body/drug'],
      ['an operator for a patient', { patient_id: { $gt: '' } }, '/body/patient_id'],
      ['an unknown field', { version: 7 }, '/body/version'],
    ];
    for (const [what, fields, pointer] of bad) {
      it(`RX-1: refuses ${what} with 400, naming ${pointer}`, async () => {
        const { ids, post } = await scene();
        const answer = await post(fields);
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).to.deep.equal([
          pointer,
        ]);
        expect(await prescriptions().countDocuments({ doctor_id: ids.doctor_id })).to.equal(0);
      });
    }

    it('RX-1: refuses to prescribe in another doctor’s name with 403', async () => {
      const { ids, post } = await scene();
      expectProblem(await post({}, (await newDoctor(api)).token), 403, 'forbidden');
      expect(await prescriptions().countDocuments({ patient_id: ids.patient_id })).to.equal(0);
    });

    it('RX-1: is for doctors', async () => {
      const { patient, post } = await scene();
      for (const token of [patient.token, admin, await api.as('manager')])
        expectProblem(await post({}, token), 403, 'forbidden');
      expectProblem(await api.post('/prescriptions', { body: wording }), 401, 'not_signed_in');
    });

    it('RX-1: refuses an unknown patient, and an appointment that is not of this patient and doctor, with 422', async () => {
      const { ids, post } = await scene();
      const own = await api.make.appointment(ids);
      const { doctor_id, patient_id } = ids;
      const foreign = [
        await api.make.appointment({ doctor_id, patient_id: (await newPatient(api)).patient_id }),
        await api.make.appointment({ patient_id, doctor_id: (await newDoctor(api)).doctor_id }),
      ];
      expectProblem(await post({ patient_id: 'P-none' }), 422, 'unknown_reference');
      for (const appointment_id of ['A-none', ...foreign.map((made) => made.appointment_id as string)])
        expectProblem(await post({ appointment_id }), 422, 'unknown_reference');
      expect(await prescriptions().countDocuments({ doctor_id })).to.equal(0);
      const { appointment_id } = own;
      expect((await post({ appointment_id })).body).to.deep.include({ appointment_id });
    });
  });

  describe('GET /prescriptions', () => {
    it('RX-2: filters by patient, doctor, drug, hospital, region and the day it is active', async () => {
      const { patient, doctor, ids, post } = await scene();
      const drug = `Drug ${ids.patient_id}`;
      const made = async (fields: Record<string, unknown>) =>
        (await post({ drug, ...fields })).body.prescription_id;
      const january = await made({ start_date: '2027-01-01', end_date: '2027-01-31' });
      const since = await made({ start_date: '2027-01-31' });
      const open = await made({});
      const list = async (query: string, token = patient.token) =>
        (await api.get(`/prescriptions?${query}`, { token })).body.items.map(
          (item: { prescription_id: string }) => item.prescription_id,
        );
      const all = [open, since, january];
      for (const query of [
        '',
        `patient_id=${ids.patient_id}`,
        `doctor_id=${ids.doctor_id}`,
        `drug=${drug}`,
        `hospital_id=${doctor.hospital_id}`,
        'region=North',
      ])
        expect(await list(query), query).to.deep.equal(all);
      for (const query of ['doctor_id=D-none', 'drug=Other', 'hospital_id=H-none', 'region=Nowhere'])
        expect(await list(query), query).to.deep.equal([]);
      expect(await list('active_on=2026-12-31')).to.deep.equal([open]);
      expect(await list('active_on=2027-01-01')).to.deep.equal([open, january]);
      expect(await list('active_on=2027-01-31')).to.deep.equal(all);
      expect(await list('active_on=2027-02-01')).to.deep.equal([open, since]);
      expect(await list(`drug=${drug}`, admin)).to.deep.equal(all);
    });

    it('RX-2, PAT-8: a patient sees only their own, whatever is asked; a doctor all of those they treat', async () => {
      const { ids, post } = await scene();
      await post();
      const query = `/prescriptions?patient_id=${ids.patient_id}`;
      expect((await api.get(query, { token: (await newPatient(api)).token })).body.items).to.deep.equal([]);
      const other = await newDoctor(api);
      expect((await api.get(query, { token: other.token })).body.items).to.deep.equal([]);
      await api.make.appointment({ patient_id: ids.patient_id, doctor_id: other.doctor_id });
      expect((await api.get(query, { token: other.token })).body.items).to.have.length(1);
      expect((await api.get(query)).status).to.equal(401);
      expect((await api.get(query, { token: await api.as('manager') })).status).to.equal(403);
    });

    it('DOCS-3: pages by cursor; bad parameters are a 400', async () => {
      const { patient, post } = await scene();
      const made: string[] = [];
      for (let n = 0; n < 3; n++) made.unshift((await post()).body.prescription_id);
      const page = (query: string) => api.get(`/prescriptions?${query}`, { token: patient.token });
      const first = await page('limit=2');
      const second = await page(`limit=2&cursor=${first.body.next_cursor}`);
      const seen = [...first.body.items, ...second.body.items].map((item) => item.prescription_id);
      expect(seen).to.deep.equal(made);
      expect(second.body.next_cursor).to.equal(null);
      for (const query of [
        'active_on=today',
        'active_on=2027-02-30',
        'drug[$ne]=x',
        'limit=1000',
        'status=x',
      ])
        expectProblem(await page(query), 400, 'invalid_request');
      expectProblem(await page('cursor=x'), 400, 'invalid_cursor');
    });
  });

  describe('GET /prescriptions/{prescription_id}', () => {
    it('RX-2: for the owner, doctors who treat them and an admin; for another patient it does not exist', async () => {
      const { patient, doctor, ids, post } = await scene();
      const other = await newDoctor(api);
      await api.make.appointment({ patient_id: ids.patient_id, doctor_id: other.doctor_id });
      const { prescription_id } = (await post()).body;
      const get = (id: string, token?: string) => api.get(`/prescriptions/${id}`, { token });
      for (const token of [patient.token, doctor.token, other.token, admin])
        expect((await get(prescription_id, token)).body.drug).to.equal('Amoxicillin');
      const stranger = (await newPatient(api)).token;
      const [hidden, missing] = [await get(prescription_id, stranger), await get('R-none', stranger)];
      expectSameRefusal(hidden, missing);
      expectProblem(await get(prescription_id), 401, 'not_signed_in');
      expectProblem(await get(prescription_id, await api.as('manager')), 403, 'forbidden');
    });
  });
});
