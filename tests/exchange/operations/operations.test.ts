import { expect } from 'chai';
import {
  ageWords,
  checkJobs,
  checkMirror,
  checkPostgres,
  checkProcesses,
  checkQueue,
  checkReconciliation,
  checkRefunds,
  checkReplicaSet,
} from '../../../src/domains/exchange/operations/operations.checks.js';
import { createOperationsService } from '../../../src/domains/exchange/operations/operations.service.js';
import type { Check, Probe } from '../../../src/domains/exchange/operations/operations.types.js';
import { modules } from '../../../src/contracts/modules.js';
import { createLogger } from '../../../src/lib/logger.js';

const now = new Date('2026-12-01T12:00:00Z');
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);

describe('what a reading of operations means', () => {
  it('WEB-4: says ages in the unit that fits', () => {
    expect([1_000, 90_000, 200_000, 10_000_000, 200_000_000].map(ageWords)).to.deep.equal([
      ...['1 second', '90 seconds', '3 minutes', '2 hours', '2 days'],
    ]);
  });

  it('WEB-4: what waits longer than a minute is to be looked at, longer than five or failing has failed', () => {
    const queue = (waiting: number, failing: number, minutes: number) =>
      checkQueue('mongodb')(
        {
          ...{ waiting, failing, oldest_at: waiting ? ago(minutes) : null },
          failing_kinds: failing ? ['appointment.completed'] : [],
        },
        now,
      ).status;
    expect([
      queue(0, 0, 0),
      queue(2, 0, 0.5),
      queue(2, 0, 2),
      queue(2, 0, 6),
      queue(1, 1, 0.1),
    ]).to.deep.equal([...['ok', 'ok', 'warning', 'failed', 'failed']]);
  });

  it('WEB-4: a mirror is well when it is live and in step', () => {
    const mirror = {
      _id: 'host 1',
      status: 'live',
      position: now,
      lag_seconds: 0.1,
      uncountable: [],
      is_full: false,
    } as const;
    const of = (more: object) => checkMirror({ ...mirror, ...more }, now);
    expect(of({}).status).to.equal('ok');
    expect(of({ lag_seconds: 8 }).status).to.equal('warning');
    expect(of({ status: 'building', lag_seconds: null }).status).to.equal('warning');
    expect(of({ status: 'failed', is_full: true })).to.deep.include({
      status: 'failed',
      command: 'npm run mirror -- rebuild',
    });
    expect(of({ status: 'failed' }).detail).to.include('log');
    const uncountable = Array.from({ length: 7 }, (_, n) => ({
      collection: 'patients',
      id: `P${n}`,
      reason: 'no day',
    }));
    expect(of({ status: 'failed', uncountable }).detail)
      .to.include('patients P0: no day')
      .and.to.include('2 more');
  });

  it('WEB-4: processes: all modules, without those that nobody needs, without those that hand-overs wait for', () => {
    const of = (...running: (typeof modules)[number][]) =>
      checkProcesses([])([{ modules: running, seen_at: now }], now);
    expect(of(...modules).status).to.equal('ok');
    expect(of(...modules.filter((name) => name !== 'reports'))).to.deep.include({
      status: 'warning',
      command: 'MODULES=reports npm start',
    });
    expect(of('identity').status).to.equal('failed');
  });

  it('WEB-4: the stores were compared lately and agree, or not', () => {
    const of = (at: Date | null, left = {}) => checkReconciliation(60_000 * 60)({ at, left }, now);
    expect(of(ago(30)).status).to.equal('ok');
    expect(of(null).status).to.equal('warning');
    expect(of(ago(60 * 24)).status).to.equal('warning');
    expect(of(ago(1), { paid_twice: 2, number_gap: 0 })).to.deep.include({
      ...{ status: 'failed', command: 'npm run reconcile -- --apply', counts: { left: 2 } },
    });
    expect(checkReconciliation(0)({ at: ago(60 * 24), left: {} }, now).status).to.equal('ok');
  });

  it('WEB-4: refunds and jobs that wait too long are told', () => {
    const refunds = (minutes: number) => checkRefunds({ waiting: 1, oldest_at: ago(minutes) }, now).status;
    expect([refunds(60), refunds(60 * 25)]).to.deep.equal(['ok', 'warning']);
    const jobs = (minutes: number) =>
      checkJobs(
        { waiting: 1, running: 0, failed: 0, oldest_waiting_at: ago(minutes), last_failure: null },
        now,
      ).status;
    expect([jobs(1), jobs(11), jobs(61)]).to.deep.equal(['ok', 'warning', 'failed']);
  });

  it('WEB-4: a replica set without a primary, or with half of its members away, has failed', () => {
    const of = (...states: string[]) =>
      checkReplicaSet(
        {
          members: states.map((state, n) => ({ name: `m${n}`, state, lag_seconds: 0 })),
          oplog_hours: 20,
        },
        now,
      ).status;
    expect(of('PRIMARY', 'SECONDARY', 'SECONDARY')).to.equal('ok');
    expect(of('PRIMARY', 'SECONDARY', '(not reachable/healthy)')).to.equal('warning');
    expect(of('SECONDARY', 'SECONDARY', 'DOWN')).to.equal('failed');
    expect(of('PRIMARY')).to.equal('ok');
    const postgres = {
      started_at: now,
      connections: 90,
      most_connections: 100,
      replicas: 0,
      lag_seconds: null,
    };
    expect(checkPostgres(postgres, now).status).to.equal('warning');
  });

  it('WEB-4: what throws or never answers is a check that failed, and those who look at once look once', async () => {
    let looks = 0;
    const check = (id: string): Check => ({
      ...{ id, title: id, status: 'ok', since: null, detail: '', counts: {}, command: null },
    });
    const probe = (id: string, look: Probe['look']): Probe => ({ id, title: id, command: 'npm start', look });
    const service = createOperationsService({
      probes: [
        probe('well', async () => [check('well')]),
        probe('hangs', () => {
          looks += 1;
          return new Promise<never>(() => undefined);
        }),
        probe('throws', () => Promise.reject(new Error('secret words'))),
      ],
      ...{ clock: { now: () => now }, logger: createLogger('silent'), patienceMs: 20 },
    });
    const [one, other] = await Promise.all([
      service.forActors.look({} as never),
      service.forActors.look({} as never),
    ]);
    expect(one).to.equal(other);
    expect(looks).to.equal(1);
    expect(one.status).to.equal('failed');
    expect(one.checks.map(({ id, status }) => [id, status])).to.deep.equal([
      ...[
        ['hangs', 'failed'],
        ['throws', 'failed'],
        ['well', 'ok'],
      ],
    ]);
    expect(JSON.stringify(one)).to.not.include('secret words');
  });
});
