import { expect } from 'chai';
import type { Document } from 'mongodb';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';

describe('the privacy of patients', () => {
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

  /** A patient with an account of their own. */
  async function signedIn(fields: object = {}) {
    const patient = await api.make.patient({ ...fields });
    const { token, user_id } = await api.make.account('patient', { patient_id: patient.patient_id });
    return { patient, path: `/patients/${patient.patient_id}`, token, user_id };
  }

  it('PAT-5: the account of a removed patient is closed, so it never reads the one who gets the id next', async () => {
    const { patient, path, token, user_id } = await signedIn();
    expect((await api.delete(path, { token: admin })).status).to.equal(204);
    expect((await api.get(path, { token })).status).to.be.oneOf([401, 404]);
    await api.make.patient({ patient_id: patient.patient_id, name: 'Somebody Else' });
    const users = api.system.around.stores.connection.collection<Document & { _id: string }>('users');
    expect(await users.findOne({ _id: user_id })).to.include({ active: false });
    // Other servers remember a session's actor for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expectProblem(await api.get(path, { token }), 401, 'not_signed_in');
  });

  describe('what a patient learns of others', () => {
    /** All that a client can see of an answer but the request id. */
    const seen = ({ status, headers, body }: Answer): string => {
      const kept = [...headers].filter(([name]) => !/^(date|x-request-id|ratelimit-.*)$/.test(name));
      return JSON.stringify({ status, kept, body: { ...body, instance: '' } });
    };

    it('PAT-5: another patient’s record and none are the same refusal, to the byte', async () => {
      const [{ token }, other] = [await signedIn(), await signedIn()];
      const { name, date_of_birth, deceased_date, sex, diagnoses, allergies, contact, department_id } =
        other.patient;
      const theirBody = {
        name,
        date_of_birth,
        deceased_date,
        sex,
        diagnoses,
        allergies,
        contact,
        department_id,
      };
      const asks: [number, (path: string) => Promise<Answer>][] = [
        [404, (path) => api.get(path, { token })],
        [404, (path) => api.patch(path, { token, body: { name: 'Mine now' } })],
        [404, (path) => api.patch(path, { token, body: { sex: 'male' } })],
        [400, (path) => api.patch(path, { token, body: { name: 3 } })],
        [404, (path) => api.put(path, { token, body: theirBody })],
        [
          404,
          (path) => api.patch(path, { token, body: { name: 'Mine now' }, headers: { 'if-match': '"v9"' } }),
        ],
      ];
      for (const [status, ask] of asks) {
        const [theirs, none] = [await ask(other.path), await ask('/patients/none-such')];
        expect(theirs.status).to.equal(status);
        expect(seen(theirs)).to.equal(seen(none));
      }
      expect(await stored(other.patient.patient_id)).to.deep.include({
        name: other.patient.name,
        version: 2,
      });
    });

    it('PAT-5: the list, a search and a removal are not for patients', async () => {
      const [{ token }, other] = [await signedIn(), await signedIn({ name: 'Unique Name' })];
      const answers = [
        await api.get('/patients', { token }),
        await api.get('/patients?q=Unique', { token }),
        await api.get('/patients?q=Nobody', { token }),
        await api.delete(other.path, { token }),
        await api.delete('/patients/none-such', { token }),
      ];
      for (const answer of answers) expectProblem(answer, 403, 'forbidden');
      expect(new Set(answers.map(seen)).size).to.equal(1);
    });
  });
});
