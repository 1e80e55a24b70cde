import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { runScript } from '../support/run-script.js';

const drill = (...args: string[]) => runScript('drill-postgres', args);

describe('npm run drill:postgres', function () {
  this.timeout(180_000);

  it('BILL-5: Postgres is killed under load: nothing that was acknowledged is lost or doubled, and it is served again', async () => {
    const run = await drill('--kills', '1', '--down', '1', '--clients', '6', '--json');
    expect(run.code, run.stderr + run.stdout).to.equal(0);
    const report = JSON.parse(run.stdout) as {
      outages: { first_success_ms: number }[];
      acknowledged: Record<string, number>;
      answers: Record<string, unknown>;
    };
    expect(report).to.deep.include({ clean: true, missing: [], doubled: [], unbalanced: [], gaps: [] });
    expect(report).to.deep.include({ ledger_sum: '0.00', unexpected: {}, api_faults: {}, unmarked: [] });
    // It was a drill: there was money on its way, and readers noticed that Postgres was gone.
    expect(report.outages).to.have.length(1);
    expect(report.acknowledged['payments']).to.be.greaterThan(0);
    expect(report.answers).to.include.keys('list 503 unavailable', 'list 200');
    const left = (await readdir(tmpdir())).filter((name) => name.includes(`-own-${run.pid}-`));
    expect(left).to.deep.equal([]);
  });

  it('BILL-5: a number of kills that cannot be is refused with 2', async () => {
    const run = await drill('--kills', '0');
    expect(run.code).to.equal(2);
    expect(run.stdout).to.equal('');
    expect(run.stderr).to.match(/whole number from 1 to 100/);
  });
});
