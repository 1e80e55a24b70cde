import { expect } from 'chai';
import type { Document } from 'mongodb';
import { compose } from '../../../src/composition.js';
import { poll } from '../../../src/databases/embedded/processes.js';
import { appointment, at } from '../../aggregations/records.js';
import { startApi, type TestApi } from '../../support/api.js';
import { fillStores } from '../reports-fixture.js';

type Account = Awaited<ReturnType<TestApi['make']['account']>>;
type Doc = Document & { _id: string };

const now = new Date('2026-03-20T08:00:00Z');

describe('targets of figures', function () {
  this.timeout(180_000);
  let api: TestApi;
  let manager: Account;
  let board: Account;
  let visits = 0;

  before(async () => {
    api = await startApi({ MIRROR_MEGABYTES: '128', PUBLIC_URL: 'https://care.example' });
    await fillStores(api, {
      appointments: [appointment({ doctor_id: 'D1', date: at('2026-02-10T10:00:00Z') })],
    });
    const { mirror } = api.system.parts;
    mirror!.start();
    expect(await poll(() => Promise.resolve(mirror!.report().status === 'live'), 60_000)).to.equal(true);
    manager = await api.make.account('manager');
    board = await api.make.account('manager');
  });
  after(async () => {
    await api?.system.parts.mirror!.stop();
    await api?.stop();
  });
  beforeEach(async () => {
    await collection('report_targets').deleteMany({});
    await collection('appointments').deleteMany({ date: { $gte: at('2026-03-01T00:00:00Z') } });
    api.clock.set(now);
  });
  afterEach(() => api.clock.set(undefined));

  const collection = (name: string) => api.system.around.stores.connection.collection<Doc>(name);
  const base = {
    ...{ report: 'monthly-appointments-trend', figure: 'completed', period: 'this_month' },
    ...{ direction: 'at_least', goal: 3 },
  };
  const create = (fields: object = {}, { token } = manager) =>
    api.post('/report-targets', { token, body: { ...base, ...fields } });
  async function made(fields: object = {}) {
    const { status, body } = await create(fields);
    expect(status, JSON.stringify(body)).to.equal(201);
    return body;
  }
  /** A visit that has taken place this month, and is in the mirror. */
  async function visit(status = 'completed'): Promise<void> {
    visits += 1;
    await collection('appointments').insertOne(
      {
        ...appointment({ doctor_id: 'D1', status, date: at('2026-03-05T10:00:00Z') }),
        _id: `AT${visits}`,
      },
      { writeConcern: { w: 'majority' } },
    );
    const seen = async (): Promise<boolean> => (await count()) === (await stored());
    expect(await poll(seen, 20_000, 20)).to.equal(true);
  }
  const stored = () =>
    collection('appointments').countDocuments({ date: { $gte: at('2026-03-01T00:00:00Z') } });
  async function count(): Promise<number> {
    const path = '/reports/monthly-appointments-trend?from=2026-03-01&to=2026-04-01';
    return (await api.get(path, { token: manager.token })).body.totals.total;
  }
  const sweep = (parts = api.system.parts): Promise<void> => parts.targetWatch.sweep();
  const told = async (who: Account): Promise<string[]> =>
    (await api.get('/notifications?limit=100', { token: who.token })).body.items
      .filter(({ kind }: { kind: string }) => kind.startsWith('target.'))
      .map(({ body }: { body: string }) => body)
      .reverse();
  const forget = () => collection('notifications').deleteMany({});

  it('REP-14: each crossing is told once to each recipient, in words that say what is so now', async () => {
    await forget();
    const { target_id } = await made({ recipients: [board.email, manager.email] });
    await visit();
    await sweep();
    expect(await told(board)).to.deep.equal([]);
    await visit();
    await visit();
    await sweep();
    await sweep();
    const met =
      'Completed (Appointments by month and status) is 3 now. The target, at least 3, is met: ' +
      'https://care.example/reports/targets';
    expect(await told(board)).to.deep.equal([met]);
    expect(await told(manager)).to.deep.equal([met]);
    const one = await api.get(`/report-targets/${target_id}`, { token: board.token });
    expect([one.body.is_met, one.body.since]).to.deep.equal([true, now.toISOString()]);

    // Back again: a visit was taken off.
    await collection('appointments').deleteOne({ _id: `AT${visits}` });
    expect(await poll(async () => (await count()) === 2, 20_000, 20)).to.equal(true);
    await sweep();
    await sweep();
    const all = await told(board);
    expect(all.length).to.equal(2);
    // Told at one moment of the clock: in any order.
    expect(all.filter((one) => /is 2 now\. The target, at least 3, is missed/.test(one)).length).to.equal(1);
  });

  it('REP-14: a rate is told in per cent, and what has no figure yet is neither met nor missed', async () => {
    await forget();
    const rate = { figure: 'cancellation_rate', direction: 'at_most', goal: 0.4 };
    const { target_id } = await made({ ...rate, recipients: [board.email] });
    await sweep();
    expect((await api.get(`/report-targets/${target_id}`, { token: board.token })).body.is_met).to.equal(
      null,
    );
    await visit();
    await sweep();
    await visit('cancelled');
    await sweep();
    expect(await told(board)).to.deep.equal([
      'Cancellation rate (Appointments by month and status) is 50% now. The target, at most 40%, is missed: ' +
        'https://care.example/reports/targets',
    ]);
  });

  it('REP-14: a month that begins is no crossing; nor is a target that is changed', async () => {
    await forget();
    const { target_id } = await made({ goal: 1, recipients: [board.email] });
    await visit();
    await sweep();
    api.clock.set(new Date('2026-04-02T08:00:00Z'));
    await sweep();
    expect(await told(board)).to.deep.equal([]);
    const standing = async () => (await api.get(`/report-targets/${target_id}`, { token: board.token })).body;
    expect((await standing()).is_met).to.equal(false);
    api.clock.set(now);
    const changed = await api.patch(`/report-targets/${target_id}`, {
      token: manager.token,
      body: { goal: 0 },
    });
    expect([changed.status, changed.body.is_met]).to.deep.equal([200, null]);
    await sweep();
    expect([(await standing()).is_met, await told(board)]).to.deep.equal([true, []]);
  });

  it('REP-14: of two processes that see the same crossing, one tells it; older rows tell nothing', async () => {
    await forget();
    await made({ goal: 1, recipients: [board.email] });
    await sweep();
    const other = compose(api.system.around);
    const { mirror } = other;
    mirror!.start();
    expect(await poll(() => Promise.resolve(mirror!.report().status === 'live'), 60_000)).to.equal(true);
    await visit();
    await Promise.all([sweep(), sweep(other as never), sweep(), sweep(other as never)]);
    await sweep(other);
    expect((await told(board)).length).to.equal(1);
    await other.stop();
  });

  it('REP-14: whoever has lost the right to figures is not told, and the others are', async () => {
    await forget();
    const gone = await api.make.account('manager');
    await made({ goal: 1, recipients: [gone.email, board.email] });
    await sweep();
    await collection('users').updateOne({ _id: gone.user_id }, { $set: { active: false } });
    await visit();
    await sweep();
    expect((await told(board)).length).to.equal(1);
    expect(await collection('notifications').countDocuments({ user_id: gone.user_id })).to.equal(0);
  });

  it('REP-14: a target of text, of no figure, of no period, or of a period that has one already is refused by name', async () => {
    const days = { period: null, from: '2026-01-01', to: '2026-04-01' };
    for (const [fields, pointer] of [
      [{ goal: 'many' }, '/body/goal'],
      [{ goal: 2.5 }, '/body/goal'],
      [{ goal: -1 }, '/body/goal'],
      [{ figure: 'cancellation_rate', goal: 8 }, '/body/goal'],
      [{ figure: 'cancellation_rate', goal: 0.000_01 }, '/body/goal'],
      [{ figure: 'month' }, '/body/figure'],
      [{ figure: 'nothing' }, '/body/figure'],
      [{ report: 'nothing' }, '/body/report'],
      [{ direction: 'about' }, '/body/direction'],
      [{ period: null }, '/body/from'],
      [{ period: null, from: '2026-01-01' }, '/body/to'],
      [{ ...days, to: '2026-01-01' }, '/body/to'],
      [{ ...days, period: 'this_month' }, '/body/from'],
      [{ ...days, from: '2026-02-30' }, '/body/from'],
      [{ parameters: { hospital_id: 'H-none' } }, '/body/parameters/hospital_id'],
      [{ parameters: { nonsense: 1 } }, '/body/parameters/nonsense'],
      [{ recipients: ['nobody@test.example'] }, '/body/recipients/0'],
    ] as const) {
      const { status, body } = await create(fields);
      expect([status, body.errors?.[0].pointer], JSON.stringify([fields, body])).to.deep.equal([
        400,
        pointer,
      ]);
    }
    await made(days);
    for (const other of [days, { ...days, from: '2026-03-31', to: '2026-05-01' }]) {
      const { status, body } = await create(other);
      expect([status, body.code]).to.deep.equal([409, 'already_exists']);
      expect(body.detail).to.contain('from 2026-01-01 to 2026-04-01');
    }
    await made({ ...days, from: '2026-04-01', to: '2026-07-01' });
    await made();
    const again = await create();
    expect([again.status, again.body.code]).to.deep.equal([409, 'already_exists']);
    // Of another place it is another target.
    const { hospital_id } = await api.make.hospital();
    await made({ parameters: { hospital_id } });
  });

  it('REP-14: of many who set the same at once, one does', async () => {
    const days = { period: null, from: '2026-01-01', to: '2026-04-01' };
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) => create({ ...days, to: `2026-04-0${n + 1}` })),
    );
    expect(all.map(({ status }) => status).sort()).to.deep.equal([201, ...Array<number>(7).fill(409)]);
  });

  it('REP-14: managers and admins see, set, change and remove targets; a doctor, whose figures are their own, none of it', async () => {
    const { target_id } = await made();
    const path = `/report-targets/${target_id}`;
    const doctor = await api.make.account('doctor');
    expect((await api.get(path, { token: doctor.token })).status).to.equal(403);
    expect((await create({}, doctor)).status).to.equal(403);
    expect((await api.patch(path, { token: doctor.token, body: { goal: 1 } })).status).to.equal(403);
    expect((await api.delete(path, { token: doctor.token })).status).to.equal(403);
    const { body } = await api.get('/report-targets?report=monthly-appointments-trend', {
      token: board.token,
    });
    expect(body.items.map((one: { target_id: string }) => one.target_id)).to.deep.equal([target_id]);
    const stale = await api.patch(path, {
      token: board.token,
      body: { goal: 5 },
      headers: { 'if-match': '"9"' },
    });
    expect(stale.status).to.equal(412);
    expect((await api.delete(path, { token: board.token })).status).to.equal(204);
    expect((await api.get(path, { token: board.token })).status).to.equal(404);
  });
});
