import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { runScript } from '../support/run-script.js';

const drill = (...args: string[]) => runScript('drill-failover', args, { LOG_LEVEL: 'error' });

describe('npm run drill:failover', function () {
  this.timeout(180_000);

  it('DBA-3: the primary is killed under load: no acknowledged write is lost or doubled, no caller sees an error', async () => {
    const run = await drill('--fault', 'kill', '--seconds', '6', '--writers', '4', '--json');
    const report = JSON.parse(run.stdout) as { clean: boolean; runs: Record<string, unknown>[] };
    expect(report.runs).to.have.length(1);
    const [first] = report.runs;
    expect(first, run.stderr).to.deep.include({ hung: [], errors: {}, lost: [], doubled: [], torn: [] });
    expect(report.clean).to.equal(true);
    expect(run.code).to.equal(0);
    // It was a drill: the primary went, another came, and there was work on both sides of it.
    expect(first!['primary_lost_ms']).to.be.a('number');
    expect(first!['elected_ms']).to.be.a('number');
    expect(first!['acknowledged']).to.be.greaterThan(20);
    expect(first!['gap_ms']).to.be.greaterThan(0);
    const left = (await readdir(tmpdir())).filter((name) => name.includes(`-own-${run.pid}-`));
    expect(left).to.deep.equal([]);
  });

  it('DBA-3: a fault that there is not is refused with 2', async () => {
    const run = await drill('--fault', 'earthquake');
    expect(run.code).to.equal(2);
    expect(run.stdout).to.equal('');
    expect(run.stderr).to.match(/kill, stepdown, pause/);
  });
});
