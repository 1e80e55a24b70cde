import { expect } from 'chai';
import type { Document } from 'mongodb';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';

describe('changes of patients', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const patients = () =>
    api.system.around.stores.connection.collection<Document & { _id: string }>('patients');
  const stored = (_id: string) => patients().findOne({ _id });
  const mould = { substance: 'Mould', code: null, category: null, reaction: null, severity: null };

  /** A patient with an account of their own. */
  async function signedIn(fields: object = {}) {
    const patient = await api.make.patient({ ...fields });
    const { token, user_id } = await api.make.account('patient', { patient_id: patient.patient_id });
    return { patient, path: `/patients/${patient.patient_id}`, token, user_id };
  }

  describe('PATCH /patients/:patient_id', () => {
    it('PAT-2: the owner sets name and contact; what is left out of the contact stays', async () => {
      const contact = { phone: '+1 555 0100', email: 'old@example.org', address: null };
      const { patient, path, token } = await signedIn({ contact });
      const body = { name: 'New Name', contact: { email: 'new@example.org' } };
      const answer = await api.patch(path, { token, body });
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.include({ name: 'New Name', contact: { ...contact, ...body.contact } });
      const document = await stored(patient.patient_id);
      expect(document!['contact']).to.deep.equal({ ...contact, ...body.contact });
    });

    it('PAT-2: the owner sets nothing else → 403 that names the field, and nothing is stored', async () => {
      const { patient, path, token } = await signedIn();
      const before = await stored(patient.patient_id);
      const refused: object[] = [
        { sex: patient.sex },
        { date_of_birth: '1999-09-09' },
        { age: 20 },
        { diagnoses: [] },
        { allergies: { state: 'none_known' } },
        { department_id: null },
      ];
      for (const body of refused) {
        const answer = await api.patch(path, { token, body: { name: 'New Name', ...body } });
        expectProblem(answer, 403, 'forbidden');
        expect(answer.body.errors[0].pointer).to.equal(`/body/${Object.keys(body)[0]}`);
      }
      expect(await stored(patient.patient_id)).to.deep.equal(before);
    });

    it('PAT-2, PAT-6: an admin sets all; diagnoses replace the list, and the diseases follow', async () => {
      const { patient_id } = await api.make.patient({ diseases: ['Gout'] });
      const { department_id } = await api.make.department();
      const sent = {
        sex: 'male',
        date_of_birth: '1970-01-01',
        diagnoses: [{ disease: 'Asthma', code: null, start_date: '2020-05-01', end_date: null }],
        allergies: { state: 'listed', items: [mould] },
        department_id,
      };
      const { status, body } = await api.patch(`/patients/${patient_id}`, { token: admin, body: sent });
      expect(status).to.equal(200);
      expect(body).to.deep.include({ ...sent, diseases: ['Asthma'], version: 2 });
      expect(await stored(patient_id)).to.deep.include({ diseases: ['Asthma'], sex: 'male', department_id });
      const younger = await api.patch(`/patients/${patient_id}`, { token: admin, body: { age: 30 } });
      expect(younger.body).to.deep.include({ age: 30, date_of_birth_estimated: true });
    });

    it('PAT-2: refuses what is not a change, a stale version, no token, doctors and unknown ids', async () => {
      const { patient_id } = await api.make.patient({ date_of_birth: '1980-01-01' });
      const path = `/patients/${patient_id}`;
      const before = await stored(patient_id);
      const bad: object[] = [
        {},
        { diseases: ['Gout'] },
        { patient_id: 'P2' },
        { name: { $gt: '' } },
        { date_of_birth: '2090-01-01' },
        { deceased_date: '1979-01-01' },
        { date_of_birth: '1980-01-01', age: 3 },
        { allergies: { state: 'listed', items: [] } },
        { contact: { fax: '1' } },
      ];
      for (const body of bad)
        expectProblem(await api.patch(path, { token: admin, body }), 400, 'invalid_request');
      const lost = { department_id: 'none-such' };
      expectProblem(await api.patch(path, { token: admin, body: lost }), 422, 'unknown_reference');
      const body = { name: 'New Name' };
      const headers = { 'if-match': '"v7"' };
      expectProblem(await api.patch(path, { token: admin, body, headers }), 412, 'stale_version');
      expectProblem(await api.patch(path, { body }), 401, 'not_signed_in');
      expectProblem(await api.patch(path, { token: await api.as('doctor'), body }), 403, 'forbidden');
      expectProblem(await api.patch('/patients/none-such', { token: admin, body }), 404, 'not_found');
      expect(await stored(patient_id)).to.deep.equal(before);
    });

    it('DOCS-3: of two who change what they both read, one is told that it has changed', async () => {
      const { patient_id } = await api.make.patient();
      const change = (name: string) =>
        api.patch(`/patients/${patient_id}`, {
          token: admin,
          body: { name },
          headers: { 'if-match': '"v1"' },
        });
      const answers = await Promise.all(['One', 'Two', 'Three'].map(change));
      expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([200, 412, 412]);
      const winner = answers.find(({ status }) => status === 200)!;
      expect(await stored(patient_id)).to.deep.include({ name: winner.body.name, version: 2 });
    });
  });

  describe('PUT /patients/:patient_id', () => {
    const bodyOf = (shown: Record<string, unknown>): Record<string, unknown> => {
      const { name, date_of_birth, deceased_date, sex, diagnoses, allergies, contact, department_id } = shown;
      return { name, date_of_birth, deceased_date, sex, diagnoses, allergies, contact, department_id };
    };

    it('PAT-2: the owner sends the whole record back with name and contact changed', async () => {
      const { path, token } = await signedIn({ diseases: ['Gout'], age: 40, date_of_birth: undefined });
      const read = (await api.get(path, { token })).body;
      const contact = { phone: null, email: 'new@example.org', address: 'Moved' };
      const body = { ...bodyOf(read), name: 'New Name', contact };
      const answer = await api.put(path, { token, body, headers: { 'if-match': `"v${read.version}"` } });
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.include({ ...body, diseases: ['Gout'], date_of_birth_estimated: true });
      const more = await api.put(path, { token, body: { ...body, sex: 'other' } });
      expectProblem(more, 403, 'forbidden');
      expect(more.body.errors).to.have.length(1);
    });

    it('PAT-2: needs the name, keeps what is left out, and an admin may change all of it', async () => {
      const { patient_id, ...made } = await api.make.patient();
      const body: Record<string, unknown> = { ...bodyOf(made), sex: 'other', date_of_birth: '1981-01-01' };
      const path = `/patients/${patient_id}`;
      expect((await api.put(path, { token: admin, body })).body).to.deep.include({ ...body, version: 2 });
      for (const field of Object.keys(body)) {
        const answer = await api.put(path, { token: admin, body: { ...body, [field]: undefined } });
        if (field === 'name') expectProblem(answer, 400, 'invalid_request');
        else expect(answer.body).to.deep.include(body);
      }
    });
  });

  describe('DELETE /patients/:patient_id', () => {
    it('PAT-2: an admin removes one; 409 while there are appointments to come', async () => {
      const { patient_id } = await api.make.patient();
      const { appointment_id } = await api.make.appointment({ patient_id });
      const path = `/patients/${patient_id}`;
      expectProblem(await api.delete(path, { token: admin }), 409, 'still_in_use');
      expect(await stored(patient_id)).to.not.equal(null);
      await api.make.steps(appointment_id, 'cancelled');
      expect((await api.delete(path, { token: admin })).status).to.equal(204);
      expect(await stored(patient_id)).to.equal(null);
    });

    it('PAT-2: 409 while there are unpaid bills', async () => {
      const { patient_id } = await api.make.patient();
      const { appointment_id } = await api.make.appointment({ patient_id });
      await api.make.steps(appointment_id, 'checked_in', 'completed');
      const answer = await api.delete(`/patients/${patient_id}`, { token: admin });
      expectProblem(answer, 409, 'still_in_use');
      expect(await stored(patient_id)).to.not.equal(null);
    });

    it('PAT-2: of a removal and a booking at the same moment, one is refused', async () => {
      const { doctor_id } = await api.make.doctor();
      for (let round = 0; round < 5; round++) {
        const { patient_id } = await api.make.patient();
        const [removal, booking] = await Promise.all([
          api.delete(`/patients/${patient_id}`, { token: admin }),
          api.make
            .appointment({
              patient_id,
              doctor_id,
              date: new Date(Date.now() + 86_400_000 * (round + 1)).toISOString(),
            })
            .catch(() => undefined),
        ]);
        expect(removal.status).to.equal(booking ? 409 : 204);
        expect((await stored(patient_id)) !== null).to.equal(booking !== undefined);
      }
    });

    it('PAT-2: refuses no token, other roles, an unknown id, a stale version', async () => {
      const { patient, path } = await signedIn();
      expectProblem(await api.delete(path), 401, 'not_signed_in');
      expectProblem(await api.delete(path, { token: await api.as('doctor') }), 403, 'forbidden');
      expectProblem(await api.delete('/patients/none-such', { token: admin }), 404, 'not_found');
      const headers = { 'if-match': '"v9"' };
      expectProblem(await api.delete(path, { token: admin, headers }), 412, 'stale_version');
      expect(await stored(patient.patient_id)).to.not.equal(null);
    });
  });
});
