import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runRelayDrill } from '../../scripts/drill-crash/relay.js';
import { runCrashDrill, type PointReport } from '../../scripts/drill-crash/run.js';
import { crashPoints } from '../../src/contracts/crash-points.js';
import { createTestDatabase, testConfig } from '../support/api.js';
import { runScript } from '../support/run-script.js';

describe('npm run drill:crash', function () {
  this.timeout(240_000);
  const signal = new AbortController().signal;
  let mongodbUri: string;
  let dataDir: string;

  before(async () => {
    mongodbUri = process.env['TEST_MONGODB_URI']!;
    dataDir = await mkdtemp(join(tmpdir(), 'drill-crash-'));
  });
  after(() => rm(dataDir, { recursive: true, force: true }));

  it('BILL-5: killed once at each point, the API loses nothing, doubles nothing, and reconcile leaves nothing', async () => {
    const servers = { mongodbUri, postgresUri: process.env['TEST_POSTGRES_URI']!, dataDir };
    const killed: string[] = [];
    const reports = await runCrashDrill(
      servers,
      { points: crashPoints, kills: 1, lanes: 2, restart: 'here' },
      { config: testConfig(), signal, onKill: (point) => killed.push(point) },
    );
    expect(killed.sort()).deep.equal([...crashPoints].sort());
    const clean = { kills: 1, lost: [], doubled: [], wrong: [], left: [] };
    for (const report of reports) expect(report, report.point).deep.include(clean);
    const of = (point: string): PointReport => reports.find((report) => report.point === point)!;
    // Where the process dies before the commit, nothing is there to differ; where a relay in MongoDB dies, its claim holds.
    for (const kind of ['appointment.completed', 'appointment.cancelled']) {
      expect(of(`${kind}:deciding`)).deep.include({ drift_found: 0, answers: { '200 done': 1 } });
      expect(of(`${kind}:taken`)).deep.include({ drift_found: 1, answers: { '409 step_not_allowed': 1 } });
      expect(of(`${kind}:applying`)).deep.include({ drift_found: 1 });
    }
    expect(of('payment.changed:deciding').answers).not.deep.equal(of('payment.changed:taken').answers);
    expect(Object.keys(of('payment.changed:taken').answers)[0]).match(/^20[01] replayed$/);
  });

  it('BILL-5: the process of the relays is killed again and again: every event is applied, and once', async () => {
    const { name, uri, drop } = await createTestDatabase();
    try {
      const databases = { postgresUri: uri, mongodbUri: mongodbUri.replace(/\/[^/?]*(\?|$)/, `/${name}$1`) };
      const report = await runRelayDrill(
        databases,
        { events: 100, kills: 2 },
        { signal, onKill: () => undefined },
      );
      for (const direction of report.directions) {
        expect(direction).deep.include({ events: 100, lost: [], doubled: [], strange: [] });
        expect(direction.applied_under_kills).greaterThan(0);
      }
    } finally {
      await drop();
    }
  });

  it('BILL-5: prints the points, and refuses with 2 one that there is not', async () => {
    const listed = await runScript('drill-crash', ['--list']);
    expect(listed).deep.include({ code: 0, stdout: `${crashPoints.join('\n')}\n` });
    const refused = await runScript('drill-crash', ['--point', 'appointment.dreamt:taken']);
    expect(refused).deep.include({ code: 2, stdout: '' });
    expect(refused.stderr).include('appointment.completed:taken');
  });
});
