import { expect } from 'chai';
import { appointment, at } from '../../aggregations/records.js';
import { fillStores } from '../reports-fixture.js';
import { startApi, type Ask, type TestApi } from '../../support/api.js';

const none = { parameters: {}, period: null };

describe('saved reports', function () {
  this.timeout(60_000);
  let api: TestApi;
  let token: string;
  let other: string;
  let admin: string;
  let doctor: { token: string; doctor_id: string };

  before(async () => {
    api = await startApi();
    ({ token } = await api.make.account('manager'));
    other = (await api.make.account('manager')).token;
    admin = await api.as('admin');
    const { doctor_id } = await api.make.doctor();
    doctor = { doctor_id, token: (await api.make.account('doctor', { doctor_id })).token };
    await fillStores(api, {
      appointments: [
        appointment({ doctor_id, date: at('2026-01-10T10:00:00Z') }),
        appointment({ doctor_id, date: at('2026-02-10T10:00:00Z') }),
        appointment({ doctor_id: 'D-other', date: at('2026-02-11T10:00:00Z') }),
      ],
    });
  });
  after(() => api?.stop());
  afterEach(() => api.clock.set(undefined));

  let names = 0;
  const body = (fields: object = {}) => ({ name: `Report ${names++}`, report: 'top-doctors', ...fields });
  const save = async (fields: object = {}, as = token) => {
    const { status, body: saved } = await api.post('/saved-reports', { token: as, body: body(fields) });
    expect(status, JSON.stringify(saved)).to.equal(201);
    return saved;
  };
  const refused = async (fields: object, as = token): Promise<[number, string, ...string[]]> => {
    const { status, body: problem } = await api.post('/saved-reports', { token: as, body: body(fields) });
    const pointers = (problem.errors ?? []).map(({ pointer }: { pointer: string }) => pointer);
    return [status, problem.code, ...pointers];
  };
  const path = ({ saved_report_id }: { saved_report_id: string }): string =>
    `/saved-reports/${saved_report_id}`;

  it('REP-10: is saved with its parameters, period and schedule, and read again', async () => {
    api.clock.set(new Date('2026-03-03T12:00:00Z'));
    const schedule = { every: 'week', weekday: 1, time: '07:30' };
    const given = {
      parameters: { by: 'appointments', limit: 3 },
      period: 'last_month',
      format: 'pdf',
      schedule,
    };
    const { status, headers, body: saved } = await api.post('/saved-reports', { token, body: body(given) });
    expect(status).to.equal(201);
    expect(headers.get('location')).to.equal(`/api${path(saved)}`);
    expect(saved).to.deep.include({ ...given, schedule: { ...schedule, day: null, time_zone: 'UTC' } });
    expect(saved).to.include({ next_due_at: '2026-03-09T07:30:00.000Z', version: 1 });
    const read = await api.get(path(saved), { token });
    expect(read.body).to.deep.equal(saved);
    expect(read.headers.get('etag')).to.equal('"v1"');
  });

  it('REP-10: answers what its report answers now, in the format that is asked for', async () => {
    const saved = await save({ parameters: { by: 'appointments' }, period: 'last_month' });
    api.clock.set(new Date('2026-03-03T12:00:00Z'));
    const { body: answer, headers } = await api.get(`${path(saved)}/result`, { token });
    expect(answer.rows.map((row: { appointments: number }) => row.appointments)).to.deep.equal([1, 1]);
    expect(answer.parameters).to.include({ from: '2026-02-01', to: '2026-03-01' });
    api.clock.set(new Date('2026-02-20T12:00:00Z'));
    expect((await api.get(`${path(saved)}/result`, { token })).body.rows).to.have.length(1);
    const csv = await api.get(`${path(saved)}/result?format=csv`, { token });
    expect(csv.headers.get('content-type')).to.match(/^text\/csv/);
    expect(csv.body.split('\r\n')[0]).to.match(/^doctor_id,/);
    const pdf = await api.get(`${path(saved)}/result`, { token, headers: { accept: 'application/pdf' } });
    expect(pdf.body).to.match(/^%PDF-1\.7/);
    api.clock.set(new Date('2026-03-03T12:00:00Z'));
    // fetch would add `no-cache` of its own.
    const unchanged = { 'if-none-match': headers.get('etag')!, 'cache-control': 'max-age=0' };
    const again = { token, headers: unchanged };
    expect((await api.get(`${path(saved)}/result`, again)).status).to.equal(304);
  });

  it('REP-10: a doctor’s saved report is held to the doctor', async () => {
    const saved = await save({}, doctor.token);
    const { body: answer } = await api.get(`${path(saved)}/result`, { token: doctor.token });
    expect(answer.rows.map((row: { doctor_id: string }) => row.doctor_id)).to.deep.equal([doctor.doctor_id]);
    expect(await refused({ parameters: { doctor_id: 'D-other' } }, doctor.token)).to.deep.equal([
      403,
      'forbidden',
    ]);
  });

  it('REP-10: is its owner’s and an admin’s; to others it does not exist', async () => {
    const saved = await save();
    for (const [method, where, given] of [
      ['GET', path(saved)],
      ['PATCH', path(saved), { name: 'mine' }],
      ['DELETE', path(saved)],
      ['GET', `${path(saved)}/result`],
      ['POST', `${path(saved)}/deliver`],
    ] as const) {
      const asked: Ask = given ? { body: given } : {};
      const mine = await api.request(method, where, { ...asked, token: other });
      expect([mine.status, mine.body.code], `${method} ${where}`).to.deep.equal([404, 'not_found']);
    }
    expect((await api.get(path(saved), { token: admin })).status).to.equal(200);
    const listed = async (as: string) =>
      (await api.get('/saved-reports?limit=100', { token: as })).body.items.map(
        ({ saved_report_id }: { saved_report_id: string }) => saved_report_id,
      );
    expect(await listed(token)).to.include(saved.saved_report_id);
    expect(await listed(admin)).to.include(saved.saved_report_id);
    expect(await listed(other)).not.to.include(saved.saved_report_id);
  });

  it('REP-10: is for those who read reports', async () => {
    for (const role of ['patient', 'vendor', 'customer', 'pharmacist'] as const) {
      const answer = await api.post('/saved-reports', { token: await api.as(role), body: body() });
      expect(answer.status, role).to.equal(403);
    }
    expect((await api.post('/saved-reports', { body: body() })).status).to.equal(401);
  });

  it('REP-10: what the report would refuse is refused when it is saved, by its place in the body', async () => {
    expect(await refused({ report: 'no-such' })).to.deep.equal([400, 'invalid_request', '/body/report']);
    for (const [parameters, field] of [
      [{ limit: 0 }, 'limit'],
      [{ limit: '5' }, 'limit'],
      [{ no_such: 1 }, 'no_such'],
      [{ from: '2026-02-30' }, 'from'],
      [{ from: '2026-02-02', to: '2026-02-01' }, 'from'],
      [{ department_id: 'none-such' }, 'department_id'],
    ] as const)
      expect(await refused({ parameters }), JSON.stringify(parameters)).to.deep.equal([
        400,
        'invalid_request',
        `/body/parameters/${field}`,
      ]);
    expect(await refused({ parameters: { from: '2026-01-01' }, period: 'last_month' })).to.deep.equal([
      400,
      'invalid_request',
      '/body/parameters/from',
    ]);
    expect(await refused({ period: 'next_month' })).to.include('/body/period');
    expect(await refused({ format: 'svg' })).to.include('/body/format');
  });

  it('REP-10: a schedule that never comes due, or says more than it means, is refused', async () => {
    for (const [schedule, field] of [
      [{ every: 'month', time: '08:00' }, 'day'],
      [{ every: 'week', time: '08:00' }, 'weekday'],
      [{ every: 'month', day: 0, time: '08:00' }, 'day'],
      [{ every: 'month', day: 32, time: '08:00' }, 'day'],
      [{ every: 'week', weekday: 8, time: '08:00' }, 'weekday'],
      [{ every: 'day', weekday: 1, time: '08:00' }, 'weekday'],
      [{ every: 'week', weekday: 1, day: 1, time: '08:00' }, 'day'],
      [{ every: 'day', time: '24:00' }, 'time'],
      [{ every: 'day' }, 'time'],
      [{ every: 'year', time: '08:00' }, 'every'],
      [{ every: 'day', time: '08:00', time_zone: 'Mars/Olympus' }, 'time_zone'],
      [{ every: 'day', time: '08:00', month: 2 }, 'month'],
    ] as const)
      expect(await refused({ schedule }), JSON.stringify(schedule)).to.include(`/body/schedule/${field}`);
    expect(await refused({ schedule: {} })).to.include('/body/schedule/every');
  });

  it('REP-10: a name is one report’s of its owner, and nobody else’s business', async () => {
    const { name, saved_report_id } = await save();
    expect((await refused({ name })).slice(0, 2)).to.deep.equal([409, 'already_exists']);
    await save({ name }, other);
    const second = await save();
    const taken = await api.patch(path(second), { token, body: { name } });
    expect([taken.status, taken.body.code]).to.deep.equal([409, 'already_exists']);
    expect((await api.patch(path({ saved_report_id }), { token, body: { name } })).status).to.equal(200);
  });

  it('REP-10: is changed by the one who has read its version, and removed', async () => {
    const saved = await save({ schedule: { every: 'day', time: '08:00' } });
    const change = { token, body: { schedule: null, period: 'yesterday' }, headers: { 'if-match': '"v1"' } };
    const changed = await api.patch(path(saved), change);
    expect(changed.body).to.include({ version: 2, schedule: null, next_due_at: null, period: 'yesterday' });
    const stale = await api.patch(path(saved), change);
    expect([stale.status, stale.body.code]).to.deep.equal([412, 'stale_version']);
    const wrong = await api.patch(path(saved), { token, body: { parameters: { limit: 1000 } } });
    expect(wrong.body.errors[0].pointer).to.equal('/body/parameters/limit');
    expect((await api.delete(path(saved), { token, headers: { 'if-match': '"v1"' } })).status).to.equal(412);
    expect((await api.delete(path(saved), { token, headers: { 'if-match': '"v2"' } })).status).to.equal(204);
    expect((await api.get(path(saved), { token })).status).to.equal(404);
  });

  it('REP-10: one whose place is gone says that it is out of date', async () => {
    const { department_id } = await api.make.department();
    const saved = await save({ parameters: { department_id } });
    await api.delete(`/departments/${department_id}`, { token: admin });
    const { status, body: problem } = await api.get(`${path(saved)}/result`, { token });
    expect([status, problem.code]).to.deep.equal([409, 'saved_report_outdated']);
  });

  it('REP-10: an owner has a hundred at the most, however many are saved at once', async () => {
    const { token: busy, user_id } = await api.make.account('manager');
    const records = Array.from({ length: 97 }, (_, index) => ({
      ...{ _id: `SR-full-${index}`, user_id, name: `n${index}`, report: 'top-doctors', ...none },
      ...{ format: 'csv', schedule: null, next_due_at: null, version: 1 },
      ...{ created_at: new Date(index), updated_at: new Date() },
    }));
    const { connection } = api.system.around.stores;
    await connection.collection('saved_reports').insertMany(records as never);
    const all = await Promise.all(
      Array.from({ length: 6 }, () => api.post('/saved-reports', { token: busy, body: body() })),
    );
    expect(all.map(({ status }) => status).sort()).to.deep.equal([201, 201, 201, 409, 409, 409]);
    expect(all.find(({ status }) => status === 409)!.body.code).to.equal('too_many_saved_reports');
    const page = await api.get('/saved-reports?limit=60', { token: busy });
    const rest = await api.get(`/saved-reports?limit=60&cursor=${page.body.next_cursor}`, { token: busy });
    expect([page.body.items.length, rest.body.items.length, rest.body.next_cursor]).to.deep.equal([
      60,
      40,
      null,
    ]);
  });
});
