import { expect } from 'chai';
import { poll } from '../../../src/databases/embedded/processes.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { merge, undo } from '../merges/attached.js';

describe('GET /patient-duplicates', () => {
  let api: TestApi;
  let admin: string;
  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any answer
  const list = async (query = ''): Promise<any[]> => {
    await api.system.parts.duplicates.sweep();
    const { status, body } = await api.get(`/patient-duplicates?limit=100${query}`, { token: admin });
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.items;
  };
  const dismiss = (duplicate_id: string, token = admin) =>
    api.post(`/patient-duplicates/${duplicate_id}/dismiss`, { token, body: { note: 'Twins' } });

  it('PAT-7: finds two records of one patient, says why, and forgets them when one is corrected or merged', async () => {
    const one = await api.make.patient({
      name: 'Zoë Quandary',
      date_of_birth: '1984-03-09',
      contact: { phone: '+1 202 555 0175' },
    });
    const two = await api.make.patient({
      name: 'QUANDARY Zoe',
      date_of_birth: '1984-09-03',
      contact: { phone: '(202) 555-0175' },
    });
    await api.make.patient({ name: 'Zoë Quandary', date_of_birth: '1951-01-01' });
    const of = `&patient_id=${one.patient_id}`;
    const [pair, ...others] = await list(of);
    expect(others).to.deep.equal([]);
    expect(pair.patients.map(({ patient_id }: { patient_id: string }) => patient_id).sort()).to.deep.equal(
      [one.patient_id, two.patient_id].sort(),
    );
    expect(
      pair.reasons.map(({ field, agreement }: Record<string, string>) => `${field} ${agreement}`),
    ).to.deep.equal(['name same', 'date_of_birth swapped', 'sex same', 'phone same']);
    expect(pair.score).to.be.above(20);
    const renamed = await api.patch(`/patients/${two.patient_id}`, {
      token: admin,
      body: { name: 'Someone Else', date_of_birth: '2001-01-01', contact: { phone: null } },
    });
    expect(renamed.status).to.equal(200);
    expect(await list(of)).to.deep.equal([]);
    await api.patch(`/patients/${two.patient_id}`, {
      token: admin,
      body: { name: 'Zoe Quandary', date_of_birth: '1984-03-09' },
    });
    expect(await list(of)).to.have.length(1);
    const merged = await merge(api, one.patient_id, two.patient_id);
    expect(await list(of)).to.deep.equal([]);
    expect((await undo(api, merged.body.merge_id)).status).to.equal(200);
    expect(await list(of)).to.have.length(1);
    expect((await api.delete(`/patients/${two.patient_id}`, { token: admin })).status).to.equal(204);
    expect(await list(of)).to.deep.equal([]);
  });

  it('PAT-7: remembers that two are not the same, whatever is corrected', async () => {
    const twin = { name: 'Ida Twinset', date_of_birth: '2010-05-05' };
    const [a, b] = [await api.make.patient(twin), await api.make.patient(twin)];
    const of = `&patient_id=${a.patient_id}`;
    const [pair] = await list(of);
    expectProblem(await dismiss('PD-NONE'), 404, 'not_found');
    expectProblem(await dismiss(pair.duplicate_id, await api.as('doctor')), 403, 'forbidden');
    const { status, body } = await dismiss(pair.duplicate_id);
    expect({ status, as: body.status, note: body.dismissed.note }).to.deep.equal({
      status: 200,
      as: 'dismissed',
      note: 'Twins',
    });
    expectProblem(await dismiss(pair.duplicate_id), 409, 'step_done');
    await api.patch(`/patients/${b.patient_id}`, {
      token: admin,
      body: { contact: { email: 'ida@test.example' } },
    });
    expect(await list(of)).to.deep.equal([]);
    expect(await list(`${of}&status=dismissed`)).to.have.length(1);
  });

  it('PAT-7: pages, the likeliest first, for an admin only', async () => {
    const same = { name: 'Per Paging', date_of_birth: '1960-06-07' };
    for (let n = 0; n < 3; n++) await api.make.patient(same);
    await list();
    const first = await api.get('/patient-duplicates?limit=2', { token: admin });
    const rest = await api.get(`/patient-duplicates?limit=2&cursor=${first.body.next_cursor}`, {
      token: admin,
    });
    const ids = [...first.body.items, ...rest.body.items].map(({ duplicate_id }) => duplicate_id);
    expect(new Set(ids).size).to.equal(ids.length);
    for (const role of ['doctor', 'patient', 'receptionist', 'manager'] as const)
      expectProblem(await api.get('/patient-duplicates', { token: await api.as(role) }), 403, 'forbidden');
    expectProblem(await api.get('/patient-duplicates?cursor=x', { token: admin }), 400, 'invalid_cursor');
  });

  it('PAT-7: a worker compares what is written, what an import brings, and all when the secret is another', async () => {
    const { connection } = api.system.around.stores;
    const waiting = () =>
      connection.collection('patients').countDocuments({ compared_by: { $in: [null, ''] } });
    const since = new Date();
    const record = {
      ...(await api.system.parts.patients.find((await api.make.patient()).patient_id))!,
      created_at: since,
    };
    const rows = ['I-1', 'I-2'].map((patient_id) => ({
      ...record,
      patient_id,
      name: 'Imre Import',
      user_id: null,
    }));
    await api.system.parts.patients.importMany(rows);
    expect(await poll(async () => (await waiting()) === 0, 30_000)).to.equal(true);
    expect(await list('&patient_id=I-1')).to.have.length(1);
    await connection.collection('patients').updateMany({}, { $set: { compared_by: 'by another key' } });
    await api.system.parts.duplicates.sweep();
    expect(
      await connection.collection('patients').countDocuments({ compared_by: 'by another key' }),
    ).to.equal(0);
  });
});
