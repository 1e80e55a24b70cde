import { expect } from 'chai';
import { reportCatalogue } from '../../src/domains/reports/engine/index.js';
import { poll } from '../../src/databases/embedded/processes.js';
import { startApi, type TestApi } from '../support/api.js';
import { runScript, runScriptOn } from '../support/run-script.js';
import { forgetBilling } from '../support/stored.js';
import { addBills } from '../reports/reports-fixture.js';

const bill = { id: 'B1', patient_id: 'P1', total_cost: '10', department_id: 'DEP1', hospital_id: 'H1' };

describe('npm run mirror', function () {
  this.timeout(120_000);
  let api: TestApi;

  before(async () => {
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    expect(await isStanding('live')).to.equal(true);
  });
  after(() => api.stop());

  const mirror = (...args: string[]) => runScriptOn(api, 'mirror', args);
  const isStanding = (status: string) =>
    poll(async () => (await api.system.parts.mirrors.living())[0]?.status === status, 30_000);
  const billed = async (): Promise<unknown> => {
    const token = await api.as('admin');
    const { body } = await api.get('/reports/revenue', { token });
    expect(body.provenance.path).to.equal('mirror');
    return body.rows.map((row: { billed: number }) => row.billed);
  };

  it('REP-9: tells of each process how its mirror stands; one that stops takes its entry with it', async () => {
    const { code, stdout, stderr } = await mirror('status', '--json');
    expect(code, stderr).to.equal(0);
    const [one, ...others] = JSON.parse(stdout) as Record<string, unknown>[];
    expect(others).to.deep.equal([]);
    expect(one).to.deep.include({ status: 'live', uncountable: [] });
    expect(one!['process']).to.match(new RegExp(` ${process.pid} `));
    expect(one!['megabytes']).to.be.greaterThan(50);
    expect(one!['lag_seconds']).to.be.lessThan(10);
    expect(Date.parse(one!['up_to'] as string)).to.be.closeTo(Date.now(), 60_000);
    expect((await mirror('status')).stdout).to.match(/^\| \S+ \d+ \S+ +\| live +\|/m);

    const second = await startApi({ MIRROR_MEGABYTES: '256' });
    const entries = second.system.parts.mirrors;
    expect(await poll(async () => (await entries.living()).length === 1, 30_000)).to.equal(true);
    await second.stop();
  });

  it('REP-8: has the rows of all processes read anew', async () => {
    await addBills(api, [bill, { ...bill, id: 'B2', total_cost: '5' }]);
    expect(await billed()).to.deep.equal([15]);
    // As nobody may: with the triggers off, which no mirror can notice.
    await forgetBilling(api.system.around);
    await addBills(api, [{ ...bill, id: 'B3' }]);
    expect(await billed()).to.deep.equal([25]);
    const { code, stderr, stdout } = await mirror('rebuild');
    expect(code, stderr).to.equal(0);
    expect(stderr).to.match(/^1 of 1 mirrors built anew in [\d.]+ s$/m);
    expect(stdout).to.match(/\| live +\|/);
    expect(await billed()).to.deep.equal([10]);
  });

  it('REP-8: names a document that cannot be counted, with 4, until it is put right', async () => {
    const doctors = api.system.around.stores.connection.collection<{ _id: string; name: unknown }>('doctors');
    await doctors.insertOne({ _id: 'D-odd', name: 7 });
    expect(await isStanding('failed')).to.equal(true);
    const { code, stdout } = await mirror('status');
    expect(code).to.equal(4);
    expect(stdout).to.match(/cannot count doctors D-odd: name is no text$/m);
    await doctors.deleteOne({ _id: 'D-odd' });
    expect(await isStanding('live')).to.equal(true);
  });

  it('REP-8: compares a mirror of its own with the records', async () => {
    const { code, stdout, stderr } = await mirror('verify', '--sample', '3', '--json');
    expect(code, stderr).to.equal(0);
    const { differences, verified } = JSON.parse(stdout) as {
      differences: number;
      verified: { questions: number }[];
    };
    expect([differences, verified.length]).to.deep.equal([0, reportCatalogue.length]);
    for (const { questions } of verified) expect(questions).to.be.greaterThan(0);
  });

  it('ends with 2 for an action that there is not, and with 4 where no process has a mirror', async () => {
    expect((await mirror('melt')).code).to.equal(2);
    const none = await startApi();
    try {
      const { stores, config } = none.system.around;
      const { code, stderr, stdout } = await runScript('mirror', ['status'], {
        MONGODB_URI: config.mongodbUri!.replace(/\/[^/?]*(\?|$)/, `/${stores.connection.name}$1`),
        POSTGRES_URI: config.postgresUri!,
        DATA_DIR: config.dataDir,
      });
      expect([code, stdout]).to.deep.equal([4, '']);
      expect(stderr).to.match(/^No process with a mirror is running\.$/m);
    } finally {
      await none.stop();
    }
  });
});
