import { expect } from 'chai';
import type { Document } from 'mongodb';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';

describe('hospitals', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const hospitals = () =>
    api.system.around.stores.connection.collection<Document & { _id: string }>('hospitals');
  const stored = (_id: string) => hospitals().findOne({ _id });

  describe('POST /hospitals', () => {
    it('NET-1: an admin adds one; it is stored as it was sent', async () => {
      const body = {
        hospital_id: 'H-1',
        name: 'St Mary’s',
        region: 'North',
        address: '1 Main St',
        location: { latitude: 52.5, longitude: -1.25 },
        time_zone: 'Europe/London',
      };
      const answer = await api.post('/hospitals', { token: admin, body });
      expect(answer.status).to.equal(201);
      expect(answer.headers.get('etag')).to.equal('"v1"');
      expect(answer.body).to.deep.include({ ...body, version: 1 });
      const { hospital_id, ...rest } = body;
      expect(await stored(hospital_id)).to.deep.include(rest);
    });

    it('NET-1: the id is generated, the zone is the configured one, address and location may be unknown', async () => {
      const { body } = await api.post('/hospitals', { token: admin, body: { name: 'A', region: 'South' } });
      expect(body.hospital_id).to.match(/^H/);
      expect(body).to.deep.include({ time_zone: 'UTC', address: null, location: null });
    });

    it('NET-1: refuses a taken id with 409', async () => {
      const { hospital_id, name } = await api.make.hospital();
      const body = { hospital_id, name: 'Another', region: 'North' };
      const answer = await api.post('/hospitals', { token: admin, body });
      expectProblem(answer, 409, 'already_exists');
      expect(answer.body.key).to.equal('hospital_id');
      expect((await stored(hospital_id))!['name']).to.equal(name);
    });

    it('NET-1: refuses what is not a hospital with 400 that names the field, and stores nothing', async () => {
      const before = await hospitals().countDocuments();
      const good = { name: 'A', region: 'North' };
      const bad: [object, string][] = [
        [{ region: 'North' }, '/body/name'],
        [{ ...good, name: '   ' }, '/body/name'],
        [{ ...good, name: { $gt: '' } }, '/body/name'],
        [{ ...good, time_zone: 'Mars/Olympus' }, '/body/time_zone'],
        [{ ...good, location: { latitude: 91, longitude: 0 } }, '/body/location/latitude'],
        [{ ...good, version: 7 }, '/body/version'],
      ];
      for (const [body, pointer] of bad) {
        const answer = await api.post('/hospitals', { token: admin, body });
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors[0].pointer).to.equal(pointer);
      }
      expect(await hospitals().countDocuments()).to.equal(before);
    });

    it('NET-1: is for admins: 401 without a token, 403 for others', async () => {
      const body = { name: 'A', region: 'North' };
      expectProblem(await api.post('/hospitals', { body }), 401, 'not_signed_in');
      for (const role of ['patient', 'doctor', 'manager'] as const)
        expectProblem(await api.post('/hospitals', { token: await api.as(role), body }), 403, 'forbidden');
    });
  });

  describe('GET /hospitals', () => {
    it('NET-1: is public, filters by region, and pages through all once, also with equal names', async () => {
      const region = 'Twins';
      for (let i = 0; i < 5; i++) await api.make.hospital({ name: i < 4 ? 'Same' : 'Other', region });
      const seen: string[] = [];
      let cursor = '';
      do {
        const { status, body, headers } = await api.get(`/hospitals?region=${region}&limit=2${cursor}`);
        expect(status).to.equal(200);
        seen.push(...body.items.map((item: { hospital_id: string }) => item.hospital_id));
        expect(headers.get('link') !== null).to.equal(body.next_cursor !== null);
        cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : '';
      } while (cursor);
      expect(seen).to.have.length(5);
      expect(new Set(seen).size).to.equal(5);
      expect(await hospitals().countDocuments({ region })).to.equal(5);
    });

    it('NET-1: refuses a limit out of range, an operator and a cursor that is not its own', async () => {
      expectProblem(await api.get('/hospitals?limit=101'), 400, 'invalid_request');
      expectProblem(await api.get('/hospitals?region[$ne]=x'), 400, 'invalid_request');
      expectProblem(await api.get('/hospitals?cursor=nonsense'), 400, 'invalid_cursor');
    });
  });

  describe('GET /hospitals/:hospital_id', () => {
    it('NET-1: is public; 404 when there is none', async () => {
      const { hospital_id } = await api.make.hospital();
      const { status, body } = await api.get(`/hospitals/${hospital_id}`);
      expect({ status, id: body.hospital_id }).to.deep.equal({ status: 200, id: hospital_id });
      expectProblem(await api.get('/hospitals/none-such'), 404, 'not_found');
    });
  });

  describe('PATCH /hospitals/:hospital_id', () => {
    it('NET-1: changes what is sent, and raises the version', async () => {
      const { hospital_id, region } = await api.make.hospital();
      const { status, body, headers } = await api.patch(`/hospitals/${hospital_id}`, {
        token: admin,
        body: { name: 'Renamed' },
        headers: { 'if-match': '"v1"' },
      });
      expect(status).to.equal(200);
      expect(headers.get('etag')).to.equal('"v2"');
      expect(body).to.deep.include({ name: 'Renamed', region, version: 2 });
      expect(await stored(hospital_id)).to.deep.include({ name: 'Renamed', region, version: 2 });
    });

    it('NET-1: refuses an empty body, an unknown field, no token, other roles, an unknown id, a stale version', async () => {
      const { hospital_id, name } = await api.make.hospital();
      const path = `/hospitals/${hospital_id}`;
      const body = { name: 'Renamed' };
      expectProblem(await api.patch(path, { token: admin, body: {} }), 400, 'invalid_request');
      expectProblem(
        await api.patch(path, { token: admin, body: { hospital_id: 'H2' } }),
        400,
        'invalid_request',
      );
      expectProblem(await api.patch(path, { body }), 401, 'not_signed_in');
      expectProblem(await api.patch(path, { token: await api.as('doctor'), body }), 403, 'forbidden');
      expectProblem(await api.patch('/hospitals/none-such', { token: admin, body }), 404, 'not_found');
      const headers = { 'if-match': '"v2"' };
      expectProblem(await api.patch(path, { token: admin, body, headers }), 412, 'stale_version');
      expect(await stored(hospital_id)).to.deep.include({ name, version: 1 });
    });
  });

  describe('DELETE /hospitals/:hospital_id', () => {
    it('NET-1: removes one without departments', async () => {
      const { hospital_id } = await api.make.hospital();
      expect((await api.delete(`/hospitals/${hospital_id}`, { token: admin })).status).to.equal(204);
      expect(await stored(hospital_id)).to.equal(null);
    });

    it('NET-1: refuses one with departments with 409, and what PATCH refuses', async () => {
      const { hospital_id } = await api.make.hospital();
      await api.make.department({ hospital_id });
      const path = `/hospitals/${hospital_id}`;
      expectProblem(await api.delete(path, { token: admin }), 409, 'still_in_use');
      expectProblem(await api.delete(path), 401, 'not_signed_in');
      expectProblem(await api.delete(path, { token: await api.as('manager') }), 403, 'forbidden');
      expectProblem(await api.delete('/hospitals/none-such', { token: admin }), 404, 'not_found');
      const headers = { 'if-match': '"v9"' };
      expectProblem(await api.delete(path, { token: admin, headers }), 412, 'stale_version');
      expect(await stored(hospital_id)).to.not.equal(null);
    });
  });
});
