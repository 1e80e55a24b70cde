import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { poll } from '../../../src/databases/embedded/processes.js';
import { prescription } from '../../aggregations/records.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { createVisitor, visitorOf, words } from '../../web/visitor.js';

interface Check {
  readonly id: string;
  readonly status: string;
  readonly detail: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly command: string | null;
}

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

describe('GET /operations', function () {
  this.timeout(180_000);
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    api.system.parts.start();
    admin = await api.as('admin');
  });
  after(() => api?.stop());

  async function checks(of = api, token = admin): Promise<readonly Check[]> {
    const { status, body } = await of.get('/operations', { token });
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.checks as readonly Check[];
  }
  const check = async (id: string): Promise<Check> => (await checks()).find((one) => one.id.startsWith(id))!;

  /** Until it is so; what it is at last. */
  async function becomes(id: string, status: string): Promise<Check> {
    await poll(async () => (await check(id))?.status === status, 60_000, 200);
    const found = await check(id);
    expect(found?.status, JSON.stringify(found)).to.equal(status);
    return found;
  }

  it('WEB-4: is for admins, and tells each part that runs', async () => {
    expectProblem(await api.get('/operations'), 401, 'not_signed_in');
    for (const role of ['manager', 'doctor', 'receptionist', 'patient'] as const)
      expectProblem(await api.get('/operations', { token: await api.as(role) }), 403, 'forbidden');
    await becomes('mirror', 'ok');
    const ids = (await checks()).map(({ id }) => id.replace(/^mirror .*/, 'mirror'));
    expect([...ids].sort()).to.deep.equal(
      [
        ...['mongodb', 'postgres', 'processes', 'mirror', 'hand-overs mongodb', 'hand-overs postgres'],
        ...['hand-overs mail', 'reconciliation', 'report-jobs', 'deliveries', 'emails', 'refunds'],
      ].sort(),
    );
    expect((await check('processes')).status).to.equal('ok');
    expect((await check('mongodb')).detail).to.include('PRIMARY');
    expect((await check('postgres')).counts['connections']).to.be.greaterThan(0);
  });

  it('WEB-4: says that the stores were never compared, then when, by a command that there is', async () => {
    const first = await check('reconciliation');
    if (first.status === 'warning') expect(first.command).to.equal('npm run reconcile');
    await api.system.parts.reconciliation.run({ apply: false });
    const { status, detail, counts } = await check('reconciliation');
    expect([status, counts['left']]).to.deep.equal(['ok', 0]);
    expect(detail).to.match(/last compared \d+ seconds? ago/);
  });

  it('WEB-4: a hand-over that fails again and again is told by its kind, with the command that applies it', async () => {
    const entry = {
      ...{ _id: 'E-wrong', kind: 'appointment.completed', payload: {}, created_at: new Date() },
      ...{ attempts: 0, claimed_until: new Date(0), applied_at: null },
    };
    const outbox = api.system.around.stores.connection.db!.collection('outbox');
    await outbox.insertOne(entry as never);
    const failed = await becomes('hand-overs mongodb', 'failed');
    expect(failed.detail).to.include('appointment.completed').and.to.include('entry_id');
    expect(failed.counts).to.deep.equal({ waiting: 1, failing: 1 });
    expect(failed.command).to.equal('npm run reconcile -- --kind outbox_stuck --apply');
    expect((await check('hand-overs postgres')).status).to.equal('ok');
    expect((await check('hand-overs mail')).counts['waiting']).to.equal(0);
    await outbox.deleteOne({ _id: 'E-wrong' as never });
    await becomes('hand-overs mongodb', 'ok');
  });

  it('WEB-4: a delivery and a job that failed are told with why', async () => {
    const { db } = api.system.around.stores.connection;
    const question = {
      ...{ user_id: 'U-gone', name: 'Monthly', report: 'top-doctors', parameters: {}, period: null },
      ...{ format: 'csv', failure: null, bytes: null, attempts: 0, version: 1, created_at: new Date() },
      ...{ ended_at: null, expires_at: null },
    };
    await db!.collection('deliveries').insertOne({
      ...{ _id: 'DL-wrong', saved_report_id: 'SR1', due_at: null, claimed_until: new Date(0), claim: null },
      ...{ ...question, status: 'waiting' },
    } as never);
    await db!.collection('report_jobs').insertOne({
      ...{ _id: 'RJ-wrong', phase: 'waiting', holder: null, lease_until: null, started_at: null },
      ...{ ...question, status: 'queued' },
    } as never);
    await api.system.parts.deliveries.sweep();
    for (const id of ['deliveries', 'report-jobs']) {
      const { detail, counts, command } = await becomes(id, 'warning');
      expect(detail, id).to.match(/top-doctors, failed \d+ seconds? ago: .+/);
      expect(counts['failed'], id).to.equal(1);
      expect(command).to.equal('npm run report -- top-doctors');
    }
  });

  it('WEB-4: a document that cannot be counted is told by name, and is well again when it is put right', async () => {
    const prescriptions = api.system.around.stores.connection.db!.collection('prescriptions');
    const wrong = prescription({ _id: 'PR-wrong', cost: 'much' });
    await prescriptions.insertOne(wrong);
    const { detail, command } = await becomes('mirror', 'failed');
    expect(detail).to.include('prescriptions PR-wrong');
    expect(command).to.equal('npm run mirror -- status');
    await prescriptions.deleteOne({ _id: 'PR-wrong' as never });
    await becomes('mirror', 'ok');
  });

  it('WEB-4: an email that was refused is counted', async () => {
    await api.system.around.stores.connection.db!.collection('notifications').insertOne({
      ...{ _id: 'N-refused', user_id: 'U1', kind: 'report.delivery', title: 'T', body: 'B' },
      ...{ appointment_id: null, email_status: 'refused', created_at: new Date(), read_at: null },
    } as never);
    const { status, counts } = await check('emails');
    expect([status, counts['refused']]).to.deep.equal(['warning', 1]);
  });

  it('WEB-4: what hangs is a check that failed, by name and within seconds; all others are told', async () => {
    const { knex } = api.system.around.stores;
    const lock = await knex.transaction();
    try {
      await lock.raw('lock table refunds in access exclusive mode');
      const start = performance.now();
      const all = await checks();
      expect(performance.now() - start).to.be.lessThan(6_000);
      const { status, detail } = all.find(({ id }) => id === 'refunds')!;
      expect([status, detail]).to.deep.equal(['failed', 'It did not answer within 2 seconds.']);
      expect(all[0]!.status).to.equal('failed');
      expect(all.find(({ id }) => id === 'postgres')!.status).to.equal('ok');
    } finally {
      await lock.rollback();
    }
    expect((await becomes('refunds', 'ok')).counts['waiting']).to.equal(0);
  });

  it('WEB-4: what is wrong comes first, on the page too, which is for admins and works without a script', async () => {
    const all = await checks();
    const order = ['failed', 'warning', 'ok'];
    const ranks = all.map(({ status }) => order.indexOf(status));
    expect(ranks).to.deep.equal([...ranks].sort());
    const visitor = await visitorOf(api, 'admin');
    const page = await visitor.get('/operations');
    expect(page.status).to.equal(200);
    expect(page.text).to.not.include('<script');
    const text = words(page);
    expect(text.indexOf('Emails that were refused')).to.be.within(0, text.indexOf('checks are in order'));
    expect(text).to.include('npm run report -- top-doctors');
    expect(page.text).to.match(/<nav[^]*href="\/operations"[^]*<\/nav>/);
    const manager = await visitorOf(api, 'manager');
    expect((await manager.get('/operations')).status).to.equal(403);
    expect((await manager.get('/reports')).text).to.not.include('href="/operations"');
    expect((await createVisitor(api).get('/operations')).to).to.match(/^\/sign-in/);
  });

  it('WEB-4: each command is a script of package.json', async () => {
    const commands = (await checks()).flatMap(({ command }) => (command === null ? [] : [command]));
    expect(commands.length).to.be.greaterThan(0);
    for (const command of commands) {
      const [, name] = /npm (?:run )?([\w:-]+)/.exec(command)!;
      expect(scripts, command).to.have.property(name!);
    }
  });
});

describe('GET /operations where modules run nowhere', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi({ MODULES: 'identity,exchange' });
    api.system.parts.start();
  });
  after(() => api?.stop());

  it('WEB-4: names the modules that no process runs, and how one is started', async () => {
    const { token } = await api.make.account('admin');
    const { body } = await api.get('/operations', { token });
    expect(body.status).to.equal('failed');
    const [first] = body.checks as readonly Check[];
    expect(first).to.deep.include({ id: 'processes', status: 'failed' });
    expect(first!.detail).to.include('money').and.to.include('appointment.completed');
    expect(first!.command).to.equal('MODULES=money,clinical,messages npm start');
    expect((body.checks as Check[]).find(({ id }) => id === 'mirror')!.status).to.equal('warning');
  });
});
