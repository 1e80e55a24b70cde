import { expect } from 'chai';
import type { Document } from 'mongodb';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';

describe('departments', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const departments = () =>
    api.system.around.stores.connection.collection<Document & { _id: string }>('departments');
  const stored = (_id: string) => departments().findOne({ _id });

  describe('POST /departments', () => {
    it('DEP-1: an admin adds one to a hospital; it is stored as it was sent', async () => {
      const { hospital_id } = await api.make.hospital();
      const hours = { operating_start_hour: '07:30', operating_end_hour: '20:00' };
      const { status, body } = await api.post('/departments', {
        token: admin,
        body: { hospital_id, department_name: 'Cardiology', ...hours },
      });
      expect(status).to.equal(201);
      expect(body).to.deep.include({ hospital_id, department_name: 'Cardiology', ...hours, version: 1 });
      expect(body.created_date).to.equal(body.last_update);
      const document = await stored(body.department_id);
      expect(document).to.deep.include({ hospital_id, department_name: 'Cardiology', ...hours });
      expect(document!['created_date']).to.deep.equal(new Date(body.created_date));
    });

    it('DEP-1: a name is unique in its hospital → 409, and free in another', async () => {
      const { hospital_id } = await api.make.department({ department_name: 'Radiology' });
      const body = { hospital_id, department_name: 'Radiology' };
      expectProblem(await api.post('/departments', { token: admin, body }), 409, 'already_exists');
      expect(await departments().countDocuments(body)).to.equal(1);
      const elsewhere = await api.make.hospital();
      await api.make.department({ ...body, hospital_id: elsewhere.hospital_id });
    });

    it('DEP-1: refuses a taken id with 409', async () => {
      const { department_id, hospital_id } = await api.make.department();
      const body = { department_id, hospital_id, department_name: 'Unheard of' };
      const answer = await api.post('/departments', { token: admin, body });
      expectProblem(answer, 409, 'already_exists');
      expect(answer.body.key).to.equal('department_id');
    });

    it('DEP-1: refuses an end that is the start, and times that are none, with 400', async () => {
      const { hospital_id } = await api.make.hospital();
      const body = { hospital_id, department_name: 'Never open' };
      const bad: [object, string][] = [
        [{ operating_start_hour: '08:00', operating_end_hour: '08:00' }, '/body/operating_end_hour'],
        [{ operating_start_hour: '24:00' }, '/body/operating_start_hour'],
        [{ operating_start_hour: 8 }, '/body/operating_start_hour'],
        [{ department_name: '' }, '/body/department_name'],
        [{ department_name: { $gt: '' } }, '/body/department_name'],
      ];
      for (const [fields, pointer] of bad) {
        const answer = await api.post('/departments', { token: admin, body: { ...body, ...fields } });
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors[0].pointer).to.equal(pointer);
      }
      expect(await departments().countDocuments({ hospital_id })).to.equal(0);
    });

    it('NET-1: refuses a hospital that does not exist with 422', async () => {
      const body = { hospital_id: 'none-such', department_name: 'Homeless' };
      expectProblem(await api.post('/departments', { token: admin, body }), 422, 'unknown_reference');
      expect(await departments().countDocuments(body)).to.equal(0);
    });

    it('DEP-1: is for admins: 401 without a token, 403 for others', async () => {
      const { hospital_id } = await api.make.hospital();
      const body = { hospital_id, department_name: 'Not mine to make' };
      expectProblem(await api.post('/departments', { body }), 401, 'not_signed_in');
      for (const role of ['patient', 'doctor', 'manager'] as const)
        expectProblem(await api.post('/departments', { token: await api.as(role), body }), 403, 'forbidden');
    });
  });

  describe('GET /departments', () => {
    const ids = (answer: Answer): string[] =>
      answer.body.items.map((item: { department_id: string }) => item.department_id);

    it('NET-1: is public, and filters by hospital and by region', async () => {
      const [east, west] = [
        await api.make.hospital({ region: 'East' }),
        await api.make.hospital({ region: 'West' }),
      ];
      const { department_id: a } = await api.make.department({ hospital_id: east.hospital_id });
      const { department_id: b } = await api.make.department({ hospital_id: west.hospital_id });
      expect(ids(await api.get(`/departments?hospital_id=${east.hospital_id}`))).to.deep.equal([a]);
      expect(ids(await api.get('/departments?region=West'))).to.deep.equal([b]);
      expect(ids(await api.get(`/departments?region=West&hospital_id=${east.hospital_id}`))).to.deep.equal(
        [],
      );
      expect(ids(await api.get('/departments?region=Nowhere'))).to.deep.equal([]);
      expect(ids(await api.get('/departments?limit=100'))).to.include.members([a, b]);
    });

    it('DEP-1: pages through all once, also with equal names', async () => {
      const region = 'Paged';
      const made: string[] = [];
      for (let i = 0; i < 4; i++) {
        const { hospital_id } = await api.make.hospital({ region });
        made.push((await api.make.department({ hospital_id, department_name: 'Same' })).department_id);
      }
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const path = `/departments?region=${region}&limit=3${cursor && `&cursor=${cursor}`}`;
        const answer: Answer = await api.get(path);
        seen.push(...ids(answer));
        cursor = answer.body.next_cursor;
      }
      expect(seen).to.have.members(made);
      expect(seen).to.have.length(made.length);
    });
  });

  describe('GET /departments/:department_id', () => {
    it('DEP-1: is public; 404 when there is none', async () => {
      const { department_id } = await api.make.department();
      expect((await api.get(`/departments/${department_id}`)).body.department_id).to.equal(department_id);
      expectProblem(await api.get('/departments/none-such'), 404, 'not_found');
    });
  });

  describe('PATCH /departments/:department_id', () => {
    it('DEP-1: changes what is sent; last_update and the version say so', async () => {
      const made = await api.make.department();
      const { status, body } = await api.patch(`/departments/${made.department_id}`, {
        token: admin,
        body: { operating_end_hour: '22:00' },
        headers: { 'if-match': '"v1"' },
      });
      expect(status).to.equal(200);
      expect(body).to.deep.include({ operating_end_hour: '22:00', version: 2 });
      expect(body.created_date).to.equal(made.created_date);
      expect(Date.parse(body.last_update)).to.be.greaterThanOrEqual(Date.parse(made.last_update));
      expect(await stored(made.department_id)).to.deep.include({ operating_end_hour: '22:00', version: 2 });
    });

    it('DEP-1: refuses hours that end when they start together with what is stored, and a taken name', async () => {
      const made = await api.make.department();
      const other = await api.make.department({ hospital_id: made.hospital_id });
      const path = `/departments/${made.department_id}`;
      const early = await api.patch(path, {
        token: admin,
        body: { operating_end_hour: made.operating_start_hour },
      });
      expectProblem(early, 400, 'invalid_request');
      const body = { department_name: other.department_name };
      expectProblem(await api.patch(path, { token: admin, body }), 409, 'already_exists');
      expect(await stored(made.department_id)).to.deep.include({
        department_name: made.department_name,
        operating_end_hour: made.operating_end_hour,
        version: 1,
      });
    });

    it('DEP-1: refuses no token, other roles, an unknown id, a stale version', async () => {
      const { department_id } = await api.make.department();
      const path = `/departments/${department_id}`;
      const body = { department_name: 'Renamed' };
      expectProblem(await api.patch(path, { body }), 401, 'not_signed_in');
      expectProblem(await api.patch(path, { token: await api.as('doctor'), body }), 403, 'forbidden');
      expectProblem(await api.patch('/departments/none-such', { token: admin, body }), 404, 'not_found');
      const headers = { 'if-match': '"v2"' };
      expectProblem(await api.patch(path, { token: admin, body, headers }), 412, 'stale_version');
      expect((await stored(department_id))!['version']).to.equal(1);
    });
  });

  describe('DELETE /departments/:department_id', () => {
    it('DEP-1: removes an empty one', async () => {
      const { department_id } = await api.make.department();
      expect((await api.delete(`/departments/${department_id}`, { token: admin })).status).to.equal(204);
      expect(await stored(department_id)).to.equal(null);
    });

    it('DEP-1: refuses one with doctors or with patients with 409', async () => {
      const [withDoctor, withPatient] = [await api.make.department(), await api.make.department()];
      await api.make.doctor({ department_id: withDoctor.department_id });
      await api.make.patient({ department_id: withPatient.department_id });
      for (const { department_id } of [withDoctor, withPatient]) {
        const answer = await api.delete(`/departments/${department_id}`, { token: admin });
        expectProblem(answer, 409, 'still_in_use');
        expect(await stored(department_id)).to.not.equal(null);
      }
    });

    it('DEP-1: of a removal and a doctor who comes at the same moment, one is refused', async () => {
      for (let round = 0; round < 5; round++) {
        const { department_id } = await api.make.department();
        const [removal, doctor] = await Promise.all([
          api.delete(`/departments/${department_id}`, { token: admin }),
          api.make.doctor({ department_id }).catch(() => undefined),
        ]);
        expect(removal.status).to.equal(doctor ? 409 : 204);
        expect((await stored(department_id)) !== null).to.equal(doctor !== undefined);
      }
    });

    it('DEP-1: refuses no token, other roles, an unknown id, a stale version', async () => {
      const { department_id } = await api.make.department();
      const path = `/departments/${department_id}`;
      expectProblem(await api.delete(path), 401, 'not_signed_in');
      expectProblem(await api.delete(path, { token: await api.as('manager') }), 403, 'forbidden');
      expectProblem(await api.delete('/departments/none-such', { token: admin }), 404, 'not_found');
      const headers = { 'if-match': '"v9"' };
      expectProblem(await api.delete(path, { token: admin, headers }), 412, 'stale_version');
      expect(await stored(department_id)).to.not.equal(null);
    });
  });

  describe('importMany', () => {
    const department = (department_id: string, fields: object = {}) => ({
      department_id,
      hospital_id: 'none-such',
      department_name: department_id,
      operating_start_hour: '08:00',
      operating_end_hour: '18:00',
      created_date: new Date(),
      last_update: new Date(),
      version: 1,
      ...fields,
    });

    it('DBA-7: keeps the rules, counts every record, and changes nothing the second time', async () => {
      const { hospital_id } = await api.make.hospital();
      const records = [
        department('I-1', { hospital_id }),
        department('I-2'),
        department('I-3', { hospital_id, operating_end_hour: '08:00' }),
        department('I-4', { hospital_id, department_name: 'I-1' }),
      ];
      const { importMany } = api.system.parts.departments;
      const first = await importMany(records);
      expect(first).to.deep.include({ stored: 1, unchanged: 0 });
      expect(first.rejected.map(({ id }) => id)).to.have.members(['I-2', 'I-3', 'I-4']);
      expect(await importMany(records)).to.deep.include({ stored: 0, unchanged: 1 });
      expect(await departments().countDocuments({ _id: /^I-/ as never })).to.equal(1);
    });
  });
});
