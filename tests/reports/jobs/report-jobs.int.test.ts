import { expect } from 'chai';
import { poll } from '../../../src/databases/embedded/processes.js';
import { createReportJobs } from '../../../src/domains/reports/jobs/index.js';
import { Problem } from '../../../src/lib/errors.js';
import { appointment, at } from '../../aggregations/records.js';
import { fillStores } from '../reports-fixture.js';
import { startApi, type TestApi } from '../../support/api.js';

describe('report jobs', function () {
  this.timeout(60_000);
  let api: TestApi;
  let token: string;
  let user_id: string;
  let other: string;

  before(async () => {
    api = await startApi({ REPORT_JOB_SECONDS: '30', MAX_REPORT_JOBS: '2' });
    other = (await api.make.account('manager')).token;
    await fillStores(api, {
      appointments: [
        appointment({ doctor_id: 'D1', date: at('2026-01-10T10:00:00Z') }),
        appointment({ doctor_id: 'D2', date: at('2026-02-10T10:00:00Z') }),
      ],
    });
  });
  after(() => api?.stop());
  beforeEach(async () => {
    ({ token, user_id } = await api.make.account('manager'));
  });

  const jobs = () => api.system.around.stores.connection.collection('report_jobs');
  const start = (body: object = {}, as = token) =>
    api.post('/report-jobs', { token: as, body: { report: 'top-doctors', ...body } });
  const look = async (job_id: string) => (await api.get(`/report-jobs/${job_id}`, { token })).body;
  async function until(job_id: string, ...statuses: string[]) {
    return untilSo(`the job is ${statuses.join(' or ')}`, async () => {
      const job = await look(job_id);
      return statuses.includes(job.status) && job;
    });
  }
  /** Puts a job there without starting it here. */
  async function put(fields: object) {
    const job_id = `RJ-${Math.random()}`;
    const standard = {
      ...{ _id: job_id, user_id, report: 'top-doctors', parameters: {}, period: null, format: 'json' },
      ...{ status: 'queued', phase: 'waiting', failure: null, bytes: null, attempts: 0, holder: null },
      ...{ lease_until: null, version: 1, created_at: new Date(), started_at: null },
      ...{ ended_at: null, expires_at: null },
    };
    await jobs().insertOne({ ...standard, ...fields } as never);
    return job_id;
  }

  /** Holds the rows that revenue reads, so that a report of Postgres waits until it is let go, or ended. */
  async function heldBilling(): Promise<() => Promise<void>> {
    const trx = await api.system.around.stores.knex.transaction();
    await trx.raw('lock table billing, ledger_entries, transactions in access exclusive mode');
    return async () => void (await trx.rollback());
  }
  async function waitingInPostgres(): Promise<number> {
    const { rows } = await api.system.around.stores.knex.raw<{ rows: unknown[] }>(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length;
  }
  async function untilSo<T>(what: string, check: () => Promise<T | false>): Promise<T> {
    const answer = await poll(check, 50_000);
    if (answer === undefined) throw new Error(`not so in time: ${what}`);
    return answer;
  }
  const slow = { report: 'average-prescription-cost' };

  it('REP-12: a job is taken, done in the background, and its result kept', async () => {
    const { status, headers, body: job } = await start({ parameters: { by: 'appointments' } });
    expect(status).to.equal(202);
    expect(headers.get('location')).to.equal(`/api/report-jobs/${job.job_id}`);
    expect(job).to.include({ report: 'top-doctors', format: 'json', result: null });
    const done = await until(job.job_id, 'done', 'failed');
    expect(done).to.include({ status: 'done', failure: null });
    expect(done.progress).to.include({ phase: 'over', attempts: 1 });
    expect(done.progress.ms).to.be.a('number');
    expect(Date.parse(done.expires_at) - Date.parse(done.ended_at)).to.equal(86_400_000);
    const result = await api.get(done.result.slice('/api'.length), { token });
    const asked = await api.get('/reports/top-doctors?by=appointments', { token });
    expect(result.body.rows).to.deep.equal(asked.body.rows);
    expect(result.body.columns).to.deep.equal(asked.body.columns);
  });

  for (const format of ['csv', 'xlsx', 'pdf'] as const) {
    it(`REP-12: the result is to be had as ${format} when that was asked for, and as nothing else`, async () => {
      const { body: job } = await start({ format });
      await until(job.job_id, 'done');
      const file = await api.get(`/report-jobs/${job.job_id}/result?format=${format}`, { token });
      expect(file.headers.get('content-disposition')).to.include(`top-doctors_all-time.${format}`);
      const wrong = await api.get(`/report-jobs/${job.job_id}/result`, { token });
      expect([wrong.status, wrong.body.code]).to.deep.equal([406, 'not_acceptable']);
    });
  }

  it('REP-12: a job that is under way is watched, and cancelled in the database too', async () => {
    const letGo = await heldBilling();
    try {
      const { body: job } = await start(slow);
      const running = await until(job.job_id, 'running');
      expect(running.progress.started_at).to.be.a('string');
      await untilSo('the query waits', async () => (await waitingInPostgres()) > 0);
      await untilSo('it computes', async () => (await look(job.job_id)).progress.phase === 'computing');
      const result = await api.get(`/report-jobs/${job.job_id}/result`, { token });
      expect([result.status, result.body.code]).to.deep.equal([409, 'step_not_allowed']);
      expect((await api.delete(`/report-jobs/${job.job_id}`, { token })).status).to.equal(204);
      await untilSo('the query ends', async () => (await waitingInPostgres()) === 0);
      expect(await look(job.job_id)).to.include({ status: 'cancelled', result: null });
      const again = await api.delete(`/report-jobs/${job.job_id}`, { token });
      expect([again.status, again.body.code]).to.deep.equal([409, 'step_not_allowed']);
    } finally {
      await letGo();
    }
  });

  it('REP-12: a job that another process works on is cancelled there too', async () => {
    const letGo = await heldBilling();
    try {
      const { body: job } = await start(slow);
      await until(job.job_id, 'running');
      // As another process would: past the worker of this one.
      const cancelled = { status: 'cancelled', holder: null, lease_until: null, ended_at: new Date() };
      await jobs().updateOne({ _id: job.job_id }, { $set: cancelled });
      await untilSo('the query ends', async () => (await waitingInPostgres()) === 0);
      expect((await look(job.job_id)).status).to.equal('cancelled');
    } finally {
      await letGo();
    }
  });

  it('REP-12: as many jobs as the settings say are under way, a user has five, and those who wait for an answer wait no longer', async () => {
    const letGo = await heldBilling();
    try {
      const all = await Promise.all(Array.from({ length: 8 }, () => start(slow)));
      expect(all.map(({ status }) => status).sort()).to.deep.equal([202, 202, 202, 202, 202, 409, 409, 409]);
      const refused = all.find(({ status }) => status === 409)!;
      expect(refused.body.code).to.equal('too_many_jobs');
      expect(refused.headers.get('retry-after')).to.equal('5');
      await untilSo(
        'two run',
        async () => (await jobs().countDocuments({ user_id, status: 'running' })) === 2,
      );
      expect(await jobs().countDocuments({ user_id, status: 'running' })).to.equal(2);
      expect(await jobs().countDocuments({ user_id, status: 'queued' })).to.equal(3);
      expect((await api.get('/reports/top-doctors', { token })).status).to.equal(200);
      expect((await start({}, other)).status).to.equal(202);
      const open = (await api.get('/report-jobs', { token })).body.items;
      for (const { job_id } of open) await api.delete(`/report-jobs/${job_id}`, { token });
    } finally {
      await letGo();
    }
  });

  it('REP-12: a job whose process died is done by another one', async () => {
    const dead = { status: 'running', phase: 'computing', attempts: 1, holder: 'gone' };
    const job_id = await put({ ...dead, lease_until: new Date(Date.now() - 1), started_at: new Date() });
    const done = await until(job_id, 'done', 'failed');
    expect(done).to.include({ status: 'done' });
    expect(done.progress.attempts).to.equal(2);
  });

  it('REP-12: a job that ends its process again and again fails, and says so', async () => {
    const dead = { status: 'running', phase: 'computing', attempts: 3, holder: 'gone' };
    const job_id = await put({ ...dead, lease_until: new Date(Date.now() - 1), started_at: new Date() });
    const { status, failure } = await until(job_id, 'done', 'failed');
    expect([status, failure]).to.deep.equal(['failed', 'The process that worked on it ended, 3 times.']);
    const result = await api.get(`/report-jobs/${job_id}/result`, { token });
    expect([result.status, result.body.code]).to.deep.equal([409, 'step_not_allowed']);
  });

  it('REP-12: a job that a process has in hand when it stops is done by the next one', async () => {
    const { around, parts } = api.system;
    await parts.jobWorker.stop();
    const job_id = await put({});
    let isAsked!: () => void;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const { connection } = around.stores;
    const stopped = createReportJobs({
      ...{ connection, clock: around.clock, logger: around.logger, newId: () => '', atOnce: 1 },
      ...({ locks: {}, files: {}, fileOf: {}, transact: {} } as never as Pick<
        Parameters<typeof createReportJobs>[0],
        'locks' | 'files' | 'fileOf' | 'transact'
      >),
      questions: { queryOf: () => ({}), check: () => Promise.resolve() },
      askerOf: () => Promise.resolve({ user_id, role: 'manager', doctor_id: null }),
      reports: {
        prepare: (_id, _asker, _query, options) => {
          isAsked();
          return new Promise((_resolve, reject) => {
            options!.signal!.addEventListener('abort', () => reject(new Problem('unavailable')));
          });
        },
        answer: () => Promise.reject(new Error()),
      },
    });
    await stopped.worker.work();
    await asked;
    expect((await look(job_id)).status).to.equal('running');
    await stopped.worker.stop();
    const given = await look(job_id);
    expect([given.status, given.progress.attempts]).to.deep.equal(['queued', 0]);
    await jobs().deleteOne({ _id: job_id as never });
    await api.stop();
    api = await startApi({ REPORT_JOB_SECONDS: '1' });
    other = (await api.make.account('manager')).token;
  });

  it('REP-12: a job that takes longer than it may fails, and says so', async () => {
    const letGo = await heldBilling();
    try {
      const { body: job } = await start(slow);
      const { status, failure } = await until(job.job_id, 'done', 'failed');
      expect([status, failure]).to.deep.equal(['failed', 'It took longer in a store than a job may.']);
    } finally {
      await letGo();
    }
  });

  it('REP-12: is its owner’s alone, and asked as the owner may', async () => {
    const { body: job } = await start();
    const admin = await api.as('admin');
    for (const as of [other, admin]) {
      for (const [method, path] of [
        ['GET', `/report-jobs/${job.job_id}`],
        ['GET', `/report-jobs/${job.job_id}/result`],
        ['DELETE', `/report-jobs/${job.job_id}`],
      ] as const)
        expect((await api.request(method, path, { token: as })).status, `${method} ${path}`).to.equal(404);
      const listed = (await api.get('/report-jobs', { token: as })).body.items;
      expect(listed.map(({ job_id }: { job_id: string }) => job_id)).not.to.include(job.job_id);
    }
    expect((await api.get('/report-jobs', { token })).body.items).to.have.length(1);
    await until(job.job_id, 'done');
    await api.system.around.stores.connection
      .collection('users')
      .updateOne({ _id: user_id as never }, { $set: { role: 'vendor' } });
    const lost = await put({});
    await untilSo(
      'it fails',
      async () => (await jobs().findOne({ _id: lost as never }))!['status'] === 'failed',
    );
    expect(await jobs().findOne({ _id: lost as never })).to.include({ failure: 'This role may not do that' });
  });

  it('REP-12: what the report would refuse is refused at once, by its place in the body', async () => {
    const pointers = async (body: object): Promise<string[]> =>
      (await start(body)).body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(await pointers({ report: 'no-such' })).to.deep.equal(['/body/report']);
    expect(await pointers({ parameters: { limit: 0 } })).to.deep.equal(['/body/parameters/limit']);
    expect(await pointers({ format: 'svg' })).to.deep.equal(['/body/format']);
    const { doctor_id } = await api.make.doctor();
    const { token: doctor } = await api.make.account('doctor', { doctor_id });
    expect((await start({ parameters: { doctor_id: 'D1' } }, doctor)).status).to.equal(403);
    for (const role of ['patient', 'vendor', 'customer', 'pharmacist'] as const)
      expect((await start({}, await api.as(role))).status, role).to.equal(403);
  });
});
