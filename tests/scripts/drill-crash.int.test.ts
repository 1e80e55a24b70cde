import { expect } from 'chai';
import { runRelayDrill } from '../../scripts/drill-crash/relay.js';
import { runCrashDrill, type PointReport } from '../../scripts/drill-crash/run.js';
import { visitPoints } from '../../src/contracts/crash-points.js';
import { withOwnServers, type OwnServers } from '../../scripts/own-servers.js';
import { testConfig } from '../support/api.js';
import { runScript } from '../support/run-script.js';
import { size } from '../support/size.js';

/** All of them, or those of one hand-over and of the others where a retry or reconcile has most to do. */
const points = size({
  usual: visitPoints.filter(
    (point) =>
      point.startsWith('appointment.completed') ||
      ['appointment.cancelled:taken', 'payment.changed:deciding', 'payment.changed:taken'].includes(point),
  ),
  long: visitPoints,
});

describe('npm run drill:crash', function () {
  this.timeout(240_000);
  const { signal } = new AbortController();

  /** Servers that nobody else uses: a drill lets MongoDB give up transactions after seconds. */
  const onOwnServers = (use: (servers: OwnServers) => Promise<void>): Promise<void> =>
    withOwnServers({ nodes: 3, log: () => undefined, signal }, use);

  it('BILL-5: killed once at each point, the API loses nothing, doubles nothing, and reconcile leaves nothing', () =>
    onOwnServers(async ({ mongodbUri, postgresUri, dataDir }) => {
      const killed: string[] = [];
      const reports = await runCrashDrill(
        { mongodbUri, postgresUri, dataDir },
        { points, kills: 1, lanes: 2, restart: 'here' },
        { config: testConfig(), signal, onKill: (point) => killed.push(point) },
      );
      expect(killed.sort()).deep.equal([...points].sort());
      const clean = { kills: 1, lost: [], doubled: [], wrong: [], left: [] };
      for (const report of reports) expect(report, report.point).deep.include(clean);
      const of = (point: string): PointReport => reports.find((report) => report.point === point)!;
      // Where the process dies before the commit, nothing is there to differ; where a relay in MongoDB dies, its claim holds.
      const taken = { drift_found: 1, answers: { '409 step_not_allowed': 1 } };
      expect(of('appointment.cancelled:taken')).deep.include(taken);
      expect(of('appointment.completed:taken')).deep.include(taken);
      const deciding = { drift_found: 0, answers: { '200 done': 1 } };
      expect(of('appointment.completed:deciding')).deep.include(deciding);
      expect(of('appointment.completed:applying')).deep.include({ drift_found: 1 });
      expect(of('payment.changed:deciding').answers).not.deep.equal(of('payment.changed:taken').answers);
      expect(Object.keys(of('payment.changed:taken').answers)[0]).match(/^20[01] replayed$/);
    }));

  it('BILL-5: the process of the relays is killed again and again: every event is applied, and once', () =>
    onOwnServers(async ({ mongodbUri, postgresUri }) => {
      const [events, kills] = size({ usual: [60, 2] as const, long: [1_000, 10] as const });
      const report = await runRelayDrill(
        { mongodbUri: mongodbUri.replace(/\/[^/?]*(\?|$)/, '/relays$1'), postgresUri },
        { events, kills },
        { signal, onKill: () => undefined },
      );
      for (const direction of report.directions) {
        expect(direction).deep.include({ events, lost: [], doubled: [], strange: [] });
        expect(direction.applied_under_kills).greaterThan(0);
      }
    }));

  it('BILL-5: prints the points, and refuses with 2 one that there is not', async () => {
    const listed = await runScript('drill-crash', ['--list']);
    expect(listed).deep.include({ code: 0, stdout: `${visitPoints.join('\n')}\n` });
    const refused = await runScript('drill-crash', ['--point', 'appointment.dreamt:taken']);
    expect(refused).deep.include({ code: 2, stdout: '' });
    expect(refused.stderr).include('appointment.completed:taken');
  });
});
