import { expect } from 'chai';
import { appointment, at } from '../../aggregations/records.js';
import { startApi, type TestApi } from '../../support/api.js';
import { createVisitor, words } from '../../web/visitor.js';
import { fillStores } from '../reports-fixture.js';

const publicUrl = 'https://care.example';
const dayMs = 86_400_000;
const now = new Date('2026-03-03T08:00:00Z');

type Account = Awaited<ReturnType<TestApi['make']['account']>>;

describe('links to reports', function () {
  this.timeout(120_000);
  let api: TestApi;
  let manager: Account;

  before(async () => {
    api = await startApi({ PUBLIC_URL: publicUrl, SMALL_CELLS: '5' });
    await fillStores(api, {
      appointments: Array.from({ length: 7 }, (_, n) =>
        appointment({ patient_id: `P${n}`, doctor_id: 'D1', date: at(`2026-02-${10 + n}T10:00:00Z`) }),
      ),
    });
  });
  after(() => api?.stop());
  beforeEach(async () => {
    api.clock.set(undefined);
    manager = await api.make.account('manager');
    api.clock.set(now);
  });
  afterEach(() => api.clock.set(undefined));

  const question = { report: 'monthly-appointments-trend', period: 'last_month' };
  const create = (token: string, fields: object = {}) =>
    api.post('/report-links', { token, body: { ...question, ...fields } });
  async function linked(fields: object = {}) {
    const { status, body } = await create(manager.token, fields);
    expect(status, JSON.stringify(body)).to.equal(201);
    return { ...body, path: (body.url as string).slice(publicUrl.length) };
  }
  const open = (path: string) => createVisitor(api).get(path);
  const audited = async (report_link_id: string): Promise<Record<string, unknown>[]> =>
    api.system.around.stores.connection
      .collection('audit_events')
      .find({ subject: report_link_id })
      .sort({ at: 1, action: 1 })
      .toArray();

  it('REP-14: shows the one report without a sign-in, and leads nowhere else', async () => {
    const { path, url, expires_at } = await linked();
    expect(url).to.match(/^https:\/\/care\.example\/shared\/RL[\w-]+\.[\w-]+$/);
    expect(new Date(expires_at as string)).to.deep.equal(new Date(now.getTime() + 7 * dayMs));
    const page = await open(path);
    expect(page.status).to.equal(200);
    expect(words(page)).to.match(/Appointments by month and status .*February 2026 .*Completed 7/);
    expect(page.headers.get('cache-control')).to.contain('no-store');
    const main = /<main[\s\S]*<\/main>/.exec(page.text)![0];
    expect(main).not.to.match(/href="(?!#)|<form|<button/);
    // The link is no sign-in to anything.
    for (const other of ['/reports/monthly-appointments-trend', '/reports', '/overview'])
      expect((await open(other)).to).to.match(/^\/sign-in/);
  });

  it('REP-14: each opening is on record, with its address; its maker sees how often', async () => {
    const { path, report_link_id } = await linked();
    await open(path);
    await open(path);
    const { body } = await api.get(`/report-links/${report_link_id}`, { token: manager.token });
    expect([body.opened, body.last_opened_at]).to.deep.equal([2, now.toISOString()]);
    const events = await audited(report_link_id as string);
    expect(events.map(({ action, actor_user_id }) => [action, actor_user_id])).to.deep.equal([
      ['report_link.created', manager.user_id],
      ['report_link.opened', null],
      ['report_link.opened', null],
    ]);
    expect(events[1]!['address']).to.be.a('string');
  });

  it('REP-14: altered, expired, revoked, or of somebody who has left, it shows nothing and says why', async () => {
    const { path, report_link_id } = await linked();
    const altered = await open(`${path.slice(0, -2)}${path.endsWith('AA') ? 'BB' : 'AA'}`);
    expect([altered.status, words(altered)].join()).to.match(/^410,.*used, or too old/);
    expect((await open('/shared/nothing')).status).to.equal(410);

    const short = await linked({ days: 1 });
    api.clock.set(new Date(now.getTime() + dayMs));
    const over = await open(short.path);
    expect([over.status, words(over)].join()).to.match(/^410,.*time of this link is over/);
    api.clock.set(now);

    const revoked = await api.delete(`/report-links/${report_link_id}`, { token: manager.token });
    expect(revoked.status).to.equal(204);
    const gone = await open(path);
    expect([gone.status, words(gone)].join()).to.match(/^410,.*was revoked/);
    expect(gone.text).not.to.contain('Completed');
    const again = await api.delete(`/report-links/${report_link_id}`, { token: manager.token });
    expect([again.status, again.body.code]).to.deep.equal([409, 'step_done']);
    expect((await audited(report_link_id as string)).map(({ action }) => action)).to.deep.equal([
      'report_link.created',
      'report_link.revoked',
    ]);

    const left = await linked();
    await api.system.around.stores.connection
      .collection<{ _id: string }>('users')
      .updateOne({ _id: manager.user_id }, { $set: { active: false } });
    expect((await open(left.path)).status).to.equal(410);
  });

  it('REP-14, PAT-8: shows what a manager sees, also when an admin has made it', async () => {
    const admin = await api.make.account('admin');
    const body = { report: 'top-doctors', parameters: { by: 'patients' }, period: 'last_month' };
    const own = await api.post('/report-links', { token: admin.token, body });
    expect(own.status, JSON.stringify(own.body)).to.equal(201);
    const { asked } = await api.system.parts.reports.ask(
      'top-doctors',
      { role: 'manager', doctor_id: null },
      { from: '2026-02-01', to: '2026-03-01', by: 'patients' },
    );
    expect(asked.query.by).to.equal('patients');
    const page = await open((own.body.url as string).slice(publicUrl.length));
    expect(page.status).to.equal(200);
    // What small counts are hidden from, is hidden here.
    const day = { report: 'disease-trends', parameters: { from: '2026-02-10', to: '2026-02-11' } };
    const refused = await api.post('/report-links', { token: admin.token, body: day });
    const asManager = await api.get('/reports/disease-trends?from=2026-02-10&to=2026-02-11', {
      token: manager.token,
    });
    expect([refused.status, asManager.status]).to.deep.equal([400, 400]);
  });

  it('REP-14: only who may share makes one, of a question that has an answer; others’ are not there', async () => {
    const doctor = await api.make.account('doctor');
    const patient = await api.make.account('patient');
    for (const { token } of [doctor, patient]) expect((await create(token)).status).to.equal(403);
    for (const [fields, pointer] of [
      [{ report: 'nothing' }, '/body/report'],
      [{ days: 31 }, '/body/days'],
      [{ days: 0 }, '/body/days'],
      [{ parameters: { limit: 'x' } }, '/body/parameters/limit'],
      [{ parameters: { from: '2026-01-01' } }, '/body/parameters/from'],
    ] as const) {
      const { status, body } = await create(manager.token, fields);
      expect([status, body.errors?.[0].pointer]).to.deep.equal([400, pointer]);
    }
    const { report_link_id } = await linked();
    const other = await api.make.account('manager');
    const path = `/report-links/${report_link_id}`;
    expect((await api.get(path, { token: other.token })).status).to.equal(404);
    expect((await api.delete(path, { token: other.token })).status).to.equal(404);
    const admin = await api.make.account('admin');
    const seen = await api.get(path, { token: admin.token });
    expect([seen.status, seen.body.url]).to.deep.equal([200, null]);
  });

  it('REP-14: a user has so many good ones; revoking one makes room', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => linked()));
    const refused = await create(manager.token);
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'too_many_links']);
    await api.delete(`/report-links/${all[0]!['report_link_id']}`, { token: manager.token });
    expect((await create(manager.token)).status).to.equal(201);
  });

  it('REP-14: on the pages a manager makes one under the figures, sees it, and revokes it', async () => {
    api.clock.set(undefined);
    const visitor = createVisitor(api);
    await visitor.signIn(manager.email);
    const report = await visitor.get('/reports/monthly-appointments-trend?period=last-year');
    expect(report.text).to.contain('Share it by a link');
    const refused = await visitor.submit(report, '/reports/links', { days: '99' });
    expect(words(refused)).to.contain('Choose how long the link is valid.');
    const made = await visitor.submit(report, '/reports/links', { days: '14' });
    expect(made.to, words(made)).to.equal('/reports/links');
    const list = await visitor.get('/reports/links');
    expect(list.text).to.match(/href="\/reports\/monthly-appointments-trend\?period=last-year"/);
    const [, path] = /href="https:\/\/care\.example(\/shared\/[^"]+)"/.exec(list.text)!;
    expect((await open(path!)).status).to.equal(200);
    const [, revoke] = /action="([^"]+\/revoke)"/.exec(list.text)!;
    await visitor.post(revoke!);
    expect((await open(path!)).status).to.equal(410);
    expect(words(await visitor.get('/reports/links'))).to.match(/Revoked on .*Opened 1 time/);
    // Not for a doctor, whose figures are their own.
    const doctor = createVisitor(api);
    await doctor.signIn((await api.make.account('doctor')).email);
    expect((await doctor.get('/reports/links')).status).to.equal(403);
  });
});
