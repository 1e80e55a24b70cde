import { expect } from 'chai';
import { startApi, type Answer, type TestApi } from '../../support/api.js';

const hour = 3_600_000;
const day = 24 * hour;

describe('reading appointments', () => {
  let api: TestApi;
  let admin: string;
  const people: Record<string, { id: string; token: string }> = {};
  /** By name: whose, with whom. */
  const ids: Record<string, string> = {};
  let start: number;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
    start = (Math.floor(Date.now() / day) + 1) * day + 10 * hour;
    for (const name of ['ann', 'bob', 'eve']) {
      const { patient_id } = await api.make.patient({ name });
      people[name] = { id: patient_id, ...(await api.make.account('patient', { patient_id })) };
    }
    const south = await api.make.hospital({ region: 'South' });
    const department = await api.make.department({ hospital_id: south.hospital_id });
    for (const name of ['dan', 'dora', 'dina']) {
      const fields = name === 'dora' ? { department_id: department.department_id } : {};
      const { doctor_id } = await api.make.doctor(fields);
      people[name] = { id: doctor_id, ...(await api.make.account('doctor', { doctor_id })) };
    }
    let n = 0;
    for (const [patient, doctor] of ['ann dan', 'ann dora', 'bob dora', 'ann dan'].map((pair) =>
      pair.split(' '),
    )) {
      const date = new Date(start + n++ * hour).toISOString();
      const made = await api.make.appointment({
        patient_id: people[patient!]!.id,
        doctor_id: people[doctor!]!.id,
        date,
      });
      ids[`${patient}-${doctor}-${n}`] = made.appointment_id;
    }
    await api.make.steps(ids['ann-dan-4']!, 'cancelled');
  });

  after(() => api.stop());

  const names = ({ body }: Answer): string[] => {
    const byId = new Map(Object.entries(ids).map(([name, id]) => [id, name]));
    return body.items.map((item: { appointment_id: string }) => byId.get(item.appointment_id));
  };
  const list = (who: string, query = '') =>
    api.get(`/appointments${query}`, { token: who === 'admin' ? admin : people[who]!.token });
  const all = ['ann-dan-4', 'bob-dora-3', 'ann-dora-2', 'ann-dan-1'];

  describe('GET /appointments', () => {
    it('BOOK-5: an admin sees all, the newest first', async () => {
      const answer = await list('admin');
      expect(answer.status).to.equal(200);
      expect(names(answer)).to.deep.equal(all);
      expect(answer.body.next_cursor).to.equal(null);
    });

    it('BOOK-5: a patient sees only their own', async () => {
      expect(names(await list('ann'))).to.deep.equal(['ann-dan-4', 'ann-dora-2', 'ann-dan-1']);
      expect(names(await list('bob'))).to.deep.equal(['bob-dora-3']);
      expect(names(await list('eve'))).to.deep.equal([]);
    });

    it('PAT-5: a filter that names another patient shows a patient nothing', async () => {
      expect(names(await list('bob', `?patient_id=${people['ann']!.id}`))).to.deep.equal([]);
      expect(names(await list('bob', `?doctor_id=${people['dan']!.id}`))).to.deep.equal([]);
      expect(names(await list('bob', `?patient_id=${people['bob']!.id}`))).to.deep.equal(['bob-dora-3']);
    });

    it('BOOK-5: a doctor sees their own and their patients’', async () => {
      expect(names(await list('dan'))).to.deep.equal(['ann-dan-4', 'ann-dora-2', 'ann-dan-1']);
      expect(names(await list('dora'))).to.deep.equal(all);
      expect(names(await list('dina'))).to.deep.equal([]);
    });

    it('BOOK-5: a doctor’s filters reach no further', async () => {
      expect(names(await list('dan', `?doctor_id=${people['dan']!.id}`))).to.deep.equal([
        'ann-dan-4',
        'ann-dan-1',
      ]);
      expect(names(await list('dan', `?doctor_id=${people['dora']!.id}`))).to.deep.equal(['ann-dora-2']);
      expect(names(await list('dan', `?patient_id=${people['ann']!.id}`))).to.deep.equal([
        'ann-dan-4',
        'ann-dora-2',
        'ann-dan-1',
      ]);
      expect(names(await list('dan', `?patient_id=${people['bob']!.id}`))).to.deep.equal([]);
      expect(names(await list('dina', `?doctor_id=${people['dan']!.id}`))).to.deep.equal([]);
    });

    it('NET-1: filters by doctor, department, hospital, region, status and half-open period', async () => {
      const { body } = await api.get(`/doctors/${people['dora']!.id}`);
      const { department_id, hospital_id } = body;
      const doras = ['bob-dora-3', 'ann-dora-2'];
      expect(names(await list('admin', `?doctor_id=${people['dora']!.id}`))).to.deep.equal(doras);
      expect(names(await list('admin', `?department_id=${department_id}`))).to.deep.equal(doras);
      expect(names(await list('admin', `?hospital_id=${hospital_id}`))).to.deep.equal(doras);
      expect(names(await list('admin', '?region=South'))).to.deep.equal(doras);
      expect(names(await list('admin', `?region=North&hospital_id=${hospital_id}`))).to.deep.equal([]);
      expect(names(await list('admin', '?region=Nowhere'))).to.deep.equal([]);
      expect(names(await list('admin', '?status=cancelled'))).to.deep.equal(['ann-dan-4']);
      const [from, to] = [1, 3].map((n) => new Date(start + n * hour).toISOString());
      expect(names(await list('admin', `?from=${from}&to=${to}`))).to.deep.equal(doras);
    });

    it('DOCS-3: pages by cursor, in both orders, and links to the next page', async () => {
      for (const [sort, expected] of [
        ['-date', all],
        ['date', all.toReversed()],
      ] as const) {
        const seen: string[] = [];
        let cursor = '';
        do {
          const answer = await list('admin', `?limit=1&sort=${sort}${cursor && `&cursor=${cursor}`}`);
          seen.push(...names(answer));
          cursor = answer.body.next_cursor;
          if (cursor)
            expect(answer.headers.get('link')).to.include(`cursor=${cursor}`).and.include('rel="next"');
        } while (cursor);
        expect(seen).to.deep.equal(expected);
      }
    });

    it('DOCS-3: a cursor that this list did not make is a 400', async () => {
      const { body } = await list('admin', '?limit=1');
      expect((await list('admin', `?sort=date&cursor=${body.next_cursor}`)).body.code).to.equal(
        'invalid_cursor',
      );
      const forged = [
        { s: '-date', v: 'x', i: 'A' },
        { s: '-date', v: {}, i: 'A' },
        { s: '-date', v: 'x', i: { $ne: 1 } },
        7,
      ];
      for (const cursor of forged.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))) {
        const { status, body } = await list('admin', `?cursor=${cursor}`);
        expect({ status, code: body.code }).to.deep.equal({ status: 400, code: 'invalid_cursor' });
      }
    });

    for (const query of [
      '?limit=0',
      '?limit=101',
      '?status=done',
      '?from=yesterday',
      '?sort=doctor_id',
      '?patient_id[$ne]=1',
      '?x=1',
    ]) {
      it(`BOOK-5: refuses ${query} with 400`, async () => {
        const { status, body } = await list('admin', query);
        expect({ status, code: body.code }).to.deep.equal({ status: 400, code: 'invalid_request' });
      });
    }

    it('BOOK-5: is for patients, doctors and admins', async () => {
      expect((await api.get('/appointments')).status).to.equal(401);
      expect((await api.get('/appointments', { token: await api.as('manager') })).status).to.equal(403);
    });
  });

  describe('GET /appointments/mine', () => {
    const mine = (who: string, query = '') => list(who, `/mine${query}`);

    it('BOOK-5: a patient’s own, a doctor’s own, an admin’s none', async () => {
      expect(names(await mine('ann'))).to.deep.equal(['ann-dan-4', 'ann-dora-2', 'ann-dan-1']);
      expect(names(await mine('dan'))).to.deep.equal(['ann-dan-4', 'ann-dan-1']);
      expect(names(await mine('dora'))).to.deep.equal(['bob-dora-3', 'ann-dora-2']);
      expect(names(await mine('admin'))).to.deep.equal([]);
    });

    it('BOOK-5: filters, sorts and pages', async () => {
      expect(names(await mine('ann', '?status=scheduled&sort=date'))).to.deep.equal([
        'ann-dan-1',
        'ann-dora-2',
      ]);
      const first = await mine('ann', '?limit=2');
      expect(names(await mine('ann', `?limit=2&cursor=${first.body.next_cursor}`))).to.deep.equal([
        'ann-dan-1',
      ]);
      expect((await mine('ann', '?patient_id=P1')).status).to.equal(400);
      expect((await api.get('/appointments/mine')).status).to.equal(401);
    });
  });

  describe('GET /appointments/{appointment_id}', () => {
    const get = (who: string, id: string) => list(who, `/${id}`);

    it('BOOK-5: for the owner, the doctor, another doctor of the patient, and an admin', async () => {
      const id = ids['ann-dan-1']!;
      for (const who of ['ann', 'dan', 'dora', 'admin']) {
        const { status, body, headers } = await get(who, id);
        expect({ who, status, id: body.appointment_id }).to.deep.equal({ who, status: 200, id });
        expect(headers.get('etag')).to.equal('"v1"');
      }
    });

    it('PAT-5: for everybody else it does not exist, and the answer is the one for a missing id', async () => {
      for (const who of ['bob', 'eve', 'dina']) {
        const [hidden, missing] = [await get(who, ids['ann-dan-1']!), await get(who, 'A-none')];
        expect(hidden.status).to.equal(404);
        expect({ ...hidden.body, instance: '' }).to.deep.equal({ ...missing.body, instance: '' });
      }
      expect((await api.get(`/appointments/${ids['ann-dan-1']!}`)).status).to.equal(401);
      expect((await get('ann', '$x')).status).to.equal(400);
    });
  });
});
