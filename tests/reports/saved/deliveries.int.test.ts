import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { nodeWords } from '../../../scripts/compile.mjs';
import { poll } from '../../../src/databases/embedded/processes.js';
import { compose } from '../../../src/composition.js';
import { appointment, at } from '../../aggregations/records.js';
import { startSmtp, type TestSmtp } from '../../messages/notifications/smtp.js';
import { fillStores } from '../reports-fixture.js';
import { startApi, type TestApi } from '../../support/api.js';
import { createVisitor } from '../../web/visitor.js';

const publicUrl = 'https://care.example';
const hour = 3_600_000;
const morning = new Date('2026-03-03T07:59:00Z');
/** Days on which a doctor who is named by the day had a visit. */
const visited = [
  ...['2026-02-25', '2026-03-03', '2026-03-04', '2026-03-05', '2026-03-12'],
  ...['2026-04-20', '2026-05-20', '2026-06-20'],
];
const later = (ms: number): Date => new Date(morning.getTime() + ms);

describe('deliveries of saved reports', function () {
  this.timeout(120_000);
  let api: TestApi;
  let smtp: TestSmtp;
  let token: string;
  let user_id: string;
  let email: string;
  let other: string;

  before(async () => {
    smtp = await startSmtp();
    api = await startApi({
      SMTP_URL: smtp.url,
      DELIVERY_DAYS: '2',
      PUBLIC_URL: publicUrl,
    });
    other = (await api.make.account('manager')).token;
    await fillStores(api, {
      appointments: [
        appointment({ doctor_id: 'D1', date: at('2026-02-10T10:00:00Z') }),
        appointment({ doctor_id: '=D2', date: at('2026-02-11T10:00:00Z') }),
        ...visited.map((day) => appointment({ doctor_id: `on ${day}`, date: at(`${day}T10:00:00Z`) })),
      ],
    });
  });
  after(async () => {
    await api?.stop();
    await smtp?.stop();
  });
  // What is due of an earlier test is nobody's any more.
  beforeEach(async () => {
    await collection('saved_reports').deleteMany({});
    smtp.delivered.length = 0;
    api.clock.set(undefined);
    ({ token, user_id, email } = await api.make.account('manager'));
    api.clock.set(morning);
  });
  afterEach(() => api.clock.set(undefined));

  const collection = (name: string) => api.system.around.stores.connection.collection(name);
  const sweep = (): Promise<void> => api.system.parts.deliveries.sweep();
  const save = async (fields: object = {}) => {
    const schedule = { every: 'day', time: '08:00' };
    const body = { name: 'Mine', report: 'top-doctors', period: 'last_month', schedule, ...fields };
    const saved = await api.post('/saved-reports', { token, body });
    expect(saved.status, JSON.stringify(saved.body)).to.equal(201);
    return saved.body;
  };
  const deliveries = async () => (await api.get('/deliveries', { token })).body.items;
  const notices = async () => (await api.get('/notifications', { token })).body.items;

  it('REP-10: is made when it is due and not before, and told in the inbox', async () => {
    const { saved_report_id } = await save();
    await sweep();
    expect(await deliveries()).to.deep.equal([]);
    api.clock.set(later(2 * 60_000));
    await sweep();
    const [delivery, ...more] = await deliveries();
    expect(more).to.deep.equal([]);
    expect(delivery).to.include({ status: 'done', due_at: '2026-03-03T08:00:00.000Z', saved_report_id });
    const csv = await api.get(`/deliveries/${delivery.delivery_id}?format=csv`, { token });
    expect(csv.headers.get('content-type')).to.match(/^text\/csv/);
    expect(csv.headers.get('content-disposition')).to.match(/top-doctors_[^.]*\.csv/);
    expect(csv.body.split('\r\n')).to.have.length(5);
    expect(csv.body).to.include("'=D2");
    const [notice] = await notices();
    expect(notice).to.include({ kind: 'report.delivered', title: 'Report ready' });
    // The page of the file, which asks a browser to sign in first.
    const path = `/reports/deliveries/${delivery.delivery_id}`;
    expect(notice.body).to.include(`${publicUrl}${path}, until`);
    const visitor = createVisitor(api);
    expect((await visitor.get(path)).to).to.equal(`/sign-in?next=${encodeURIComponent(path)}`);
    await visitor.signIn(email);
    const page = await visitor.get('/my/notices');
    const [, href] = /<a href="([^"]*)">https:/.exec(page.text)!;
    const file = await visitor.get(href!.slice(publicUrl.length));
    expect([file.status, file.text]).to.deep.equal([200, csv.body]);
    const next = (await api.get(`/saved-reports/${saved_report_id}`, { token })).body;
    expect(next).to.include({ next_due_at: '2026-03-04T08:00:00.000Z', version: 1 });
  });

  it('REP-10: goes with its email as a file', async () => {
    await save({ format: 'pdf' });
    api.clock.set(later(2 * 60_000));
    await sweep();
    await api.system.parts.outboxes.mail.drain(50_000);
    const received = smtp.delivered.filter(({ to }) => to.includes(email));
    expect(received).to.have.length(1);
    const { headers, content } = received[0]!;
    expect(headers['subject']).to.equal('Report ready');
    expect(content).to.match(/Content-Type: application\/pdf; name="?top-doctors_[^.]*\.pdf/);
    expect(content).to.include(Buffer.from('%PDF-1.7').toString('base64').slice(0, 8));
  });

  for (const format of ['csv', 'xlsx', 'pdf'] as const) {
    it(`REP-10: is made as ${format}, and is to be had in no other format`, async () => {
      const saved = await save({ format, schedule: null });
      const asked = await api.post(`/saved-reports/${saved.saved_report_id}/deliver`, { token });
      expect([asked.status, asked.body.status, asked.body.due_at]).to.deep.equal([202, 'waiting', null]);
      const where = `/deliveries/${asked.body.delivery_id}`;
      expect(asked.headers.get('location')).to.equal(`/api${where}`);
      const early = await api.get(`${where}?format=${format}`, { token });
      expect([early.status, early.body.code]).to.deep.equal([409, 'step_not_allowed']);
      await sweep();
      const file = await api.get(`${where}?format=${format}`, { token });
      expect(file.status).to.equal(200);
      const starts = { csv: 'doctor_id', xlsx: 'PK', pdf: '%PDF' }[format];
      expect(file.body.slice(0, starts.length)).to.equal(starts);
      const wrong = format === 'csv' ? 'pdf' : 'csv';
      const answer = await api.get(`${where}?format=${wrong}`, { token });
      expect([answer.status, answer.body.code]).to.deep.equal([406, 'not_acceptable']);
      expect((await api.get(where, { token })).body).to.include({ status: 'done', format });
    });
  }

  it('REP-10: is its owner’s alone, also when an admin has asked for it', async () => {
    const saved = await save({ schedule: null });
    const admin = await api.as('admin');
    const asked = await api.post(`/saved-reports/${saved.saved_report_id}/deliver`, { token: admin });
    expect(asked.body).to.include({ user_id });
    await sweep();
    const where = `/deliveries/${asked.body.delivery_id}`;
    for (const as of [other, admin])
      for (const path of [where, `${where}?format=csv`])
        expect((await api.get(path, { token: as })).status).to.equal(404);
    expect((await api.get('/deliveries', { token: other })).body.items).to.deep.equal([]);
    expect((await api.get(where, { token })).status).to.equal(200);
  });

  const monday = '2026-03-02';
  const march = (day: number, hours: string) => `2026-03-${String(day).padStart(2, '0')}T${hours}:00.000Z`;
  // Due times, each with the half-open period that it is about.
  for (const { schedule, period, until, due } of [
    {
      schedule: { every: 'day', time: '23:58' },
      period: 'today',
      until: march(6, '00:03'),
      due: [3, 4, 5].map((day) => [march(day, '23:58'), `2026-03-0${day}`, `2026-03-0${day + 1}`]),
    },
    {
      schedule: { every: 'week', weekday: 2, time: '08:00' },
      period: 'last_week',
      until: march(17, '20:00'),
      due: [
        [march(3, '08:00'), '2026-02-23', monday],
        [march(10, '08:00'), monday, '2026-03-09'],
        [march(17, '08:00'), '2026-03-09', '2026-03-16'],
      ],
    },
    {
      schedule: { every: 'month', day: 31, time: '23:00' },
      period: 'this_month',
      until: '2026-07-01T00:10:00.000Z',
      due: [
        [march(31, '23:00'), '2026-03-01', '2026-04-01'],
        ['2026-04-30T23:00:00.000Z', '2026-04-01', '2026-05-01'],
        ['2026-05-31T23:00:00.000Z', '2026-05-01', '2026-06-01'],
        ['2026-06-30T23:00:00.000Z', '2026-06-01', '2026-07-01'],
      ],
    },
  ])
    it(`REP-10: each ${schedule.every} that was missed is delivered once, about the period that was due`, async () => {
      await save({ parameters: { limit: 100 }, schedule, period });
      api.clock.set(new Date(until));
      const another = compose(api.system.around).deliveries;
      await Promise.all([sweep(), another.sweep()]);
      await sweep();
      const made = (await deliveries()) as { due_at: string; delivery_id: string; status: string }[];
      expect(made.map(({ status }) => status)).to.deep.equal(due.map(() => 'done'));
      expect(made.map(({ due_at }) => due_at).sort()).to.deep.equal(due.map(([at]) => at));
      for (const [at, from, to] of due) {
        const { delivery_id } = made.find(({ due_at }) => due_at === at)!;
        const { body } = await api.get(`/deliveries/${delivery_id}?format=csv`, { token });
        const days = [...(body as string).matchAll(/"on ([\d-]+)"/g)].map(([, day]) => day);
        expect(days.sort(), `${from} to ${to}`).to.deep.equal(
          visited.filter((day) => from! <= day && day < to!),
        );
      }
      expect(await notices()).to.have.length(due.length);
    });

  it('REP-10: several processes at once make one delivery of a due time', async () => {
    for (let index = 0; index < 5; index++) await save({ name: `Mine ${index}` });
    api.clock.set(later(2 * 60_000));
    const processes = [1, 2, 3].map(() => compose(api.system.around).deliveries);
    await Promise.all([sweep(), ...processes.map((one) => one.sweep())]);
    await sweep();
    const made = await deliveries();
    expect(made.map(({ name }: { name: string }) => name).sort()).to.deep.equal(
      [0, 1, 2, 3, 4].map((index) => `Mine ${index}`),
    );
    expect(made.every(({ status }: { status: string }) => status === 'done')).to.equal(true);
    expect(await notices()).to.have.length(5);
  });

  it('REP-10: whoever sweeps while the process has a delivery in hand finds it delivered after it', async () => {
    const { saved_report_id } = await save({ format: 'pdf' });
    api.clock.set(later(2 * 60_000));
    const under = sweep();
    const isTaken = () => collection('deliveries').countDocuments({ saved_report_id, claim: { $ne: null } });
    expect(await poll(async () => (await isTaken()) === 1, 10_000, 1)).to.equal(true);
    await sweep();
    expect((await deliveries())[0].status).to.equal('done');
    await under;
  });

  // Within a transaction it is the store that loses and doubles nothing: what it holds back for a minute is no news to a test.
  for (const moment of ['decided', 'taken', 'applied']) {
    const point = `report.delivery:${moment}`;
    it(`REP-10: a process that is killed at ${point} loses no delivery, and doubles none`, async () => {
      const { saved_report_id } = await save();
      const { config, stores } = api.system.around;
      const file = new URL('child.ts', import.meta.url).pathname;
      const due = later(2 * 60_000).toISOString();
      const args = [stores.connection.name, config.postgresUri!, due, point];
      const child = spawn(process.execPath, [...nodeWords(file), ...args], { stdio: 'inherit' });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal, 'it has come to that point').to.equal('SIGKILL');
      // Its claim has run out.
      api.clock.set(later(hour));
      await sweep();
      await sweep();
      const made = await deliveries();
      expect(made).to.have.length(1);
      expect(made[0]).to.include({ status: 'done', due_at: '2026-03-03T08:00:00.000Z' });
      expect(await notices()).to.have.length(1);
      expect(await collection('report_files').countDocuments({ _id: made[0].delivery_id })).to.equal(1);
      expect(await collection('deliveries').countDocuments({ saved_report_id })).to.equal(1);
    });
  }

  it('REP-10: is asked as its owner may ask then: who may not any more gets a notice instead', async () => {
    await save();
    await collection('users').updateOne({ _id: user_id as never }, { $set: { role: 'vendor' } });
    api.clock.set(later(2 * 60_000));
    await sweep();
    const [delivery] = await collection('deliveries').find({ user_id }).toArray();
    expect(delivery).to.include({ status: 'failed', failure: 'You may not ask for these figures any more.' });
    const [notice] = await notices();
    expect(notice).to.include({ kind: 'report.not_delivered' });
    expect(notice.body).to.equal(
      'The saved report “Mine” could not be delivered. You may not ask for these figures any more.',
    );
    expect(await collection('report_files').countDocuments({ _id: delivery!['_id'] as never })).to.equal(0);
  });

  it('REP-10: a report that cannot be asked any more is told, and not tried again', async () => {
    const { department_id } = await api.make.department();
    await save({ parameters: { department_id } });
    await api.delete(`/departments/${department_id}`, { token: await api.as('admin') });
    api.clock.set(later(2 * 60_000));
    await sweep();
    const [delivery] = await deliveries();
    expect(delivery.status).to.equal('failed');
    expect(delivery.failure).to.include('department_id names no department');
    const file = await api.get(`/deliveries/${delivery.delivery_id}?format=csv`, { token });
    expect([file.status, file.body.code]).to.deep.equal([409, 'step_not_allowed']);
  });

  it('REP-10: is kept for some days', async () => {
    await save();
    api.clock.set(later(2 * 60_000));
    await sweep();
    const [{ delivery_id, expires_at }] = await deliveries();
    expect(expires_at).to.equal('2026-03-05T08:01:00.000Z');
    api.clock.set(later(49 * hour));
    expect((await api.get(`/deliveries/${delivery_id}?format=csv`, { token })).status).to.equal(404);
  });

  it('REP-10: a saved report that is removed is not delivered any more, what was stays', async () => {
    const saved = await save();
    api.clock.set(later(2 * 60_000));
    await sweep();
    await api.delete(`/saved-reports/${saved.saved_report_id}`, { token });
    api.clock.set(later(30 * hour));
    await sweep();
    const made = await deliveries();
    expect(made).to.have.length(1);
    const file = await api.get(`/deliveries/${made[0].delivery_id}?format=csv`, { token });
    expect(file.status).to.equal(200);
  });
});
