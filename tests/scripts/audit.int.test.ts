import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { startApi, type TestApi } from '../support/api.js';
import { runScriptOn } from '../support/run-script.js';

describe('npm run audit', function () {
  this.timeout(120_000);
  let api: TestApi;
  before(async () => {
    api = await startApi();
    const token = await api.as('admin');
    for (const _ of [1, 2, 3]) {
      const { patient_id } = await api.make.patient();
      await api.get(`/patients/${patient_id}`, { token });
    }
    await api.system.parts.trail.seal();
  });
  after(() => api?.stop());

  const events = () => api.system.around.stores.connection.db!.collection('audit_events');
  const audit = (...args: string[]) => runScriptOn(api, 'audit', args);

  it('AUTH-8: export writes every sealed entry, as NDJSON and as CSV', async () => {
    const { code, stdout, stderr } = await audit('export');
    expect(code, stderr).equal(0);
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.length).equal(await events().countDocuments({ seq: { $gt: 0 } }));
    expect(entries.map(({ seq }) => seq)).deep.equal(entries.map((_, at) => at + 1));
    expect(entries.some(({ action }) => action === 'patient.read')).equal(true);
    const csv = await audit('export', '--csv', '--year', String(new Date().getUTCFullYear()));
    const rows = parse<Record<string, string>>(csv.stdout, { columns: true });
    expect(rows.map(({ mac }) => mac)).deep.equal(entries.map(({ mac }) => mac));
    expect((await audit('export', '--year', '2001')).stdout).equal('');
  });

  it('AUTH-8: verify says that the trail holds, and names the first entry that does not, with 4', async () => {
    const right = await audit('verify');
    expect([right.code, right.stderr], right.stderr).deep.equal([0, 'The trail holds.\n']);
    const entry = await events().findOne({ seq: 2 });
    await events().updateOne({ _id: entry!._id }, { $set: { actor_user_id: 'U-somebody-else' } });
    const wrong = await audit('verify', '--json');
    expect(wrong.code).equal(4);
    expect(wrong.stderr).match(/broken at entry 2 of \d{4} \(AE\w+\), changed/);
    expect(JSON.parse(wrong.stdout).fault).include({ kind: 'changed', seq: 2, event_id: String(entry!._id) });
  });

  it('AUTH-8: refuses what it does not know, with 2', async () => {
    expect((await audit('prove')).code).equal(2);
    expect((await audit('export', '--year', 'x')).code).equal(2);
  });
});
