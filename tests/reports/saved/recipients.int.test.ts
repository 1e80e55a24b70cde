import { expect } from 'chai';
import { dropLeftBehind } from '../../../src/databases/mongo/left-behind.js';
import { models } from '../../../src/models.js';
import { appointment, at } from '../../aggregations/records.js';
import { startApi, type TestApi } from '../../support/api.js';
import { createVisitor, words } from '../../web/visitor.js';
import { fillStores } from '../reports-fixture.js';

const morning = new Date('2026-03-03T07:59:00Z');
const later = (ms: number): Date => new Date(morning.getTime() + ms);

type Account = Awaited<ReturnType<TestApi['make']['account']>>;

describe('a saved report that several people are sent', function () {
  this.timeout(120_000);
  let api: TestApi;
  let owner: Account;
  let colleague: Account;

  before(async () => {
    api = await startApi();
    await fillStores(api, {
      appointments: [appointment({ doctor_id: 'D1', date: at('2026-02-10T10:00:00Z') })],
    });
  });
  after(() => api?.stop());
  beforeEach(async () => {
    await api.system.around.stores.connection.collection('saved_reports').deleteMany({});
    api.clock.set(undefined);
    [owner, colleague] = [await api.make.account('manager'), await api.make.account('admin')];
    api.clock.set(morning);
  });
  afterEach(() => api.clock.set(undefined));

  const sweep = (): Promise<void> => api.system.parts.deliveries.sweep();
  const save = (token: string, fields: object = {}) => {
    const schedule = { every: 'day', time: '08:00' };
    const body = { name: 'Ours', report: 'top-doctors', period: 'last_month', schedule, ...fields };
    return api.post('/saved-reports', { token, body });
  };
  const deliveriesOf = async ({ token }: Account) => (await api.get('/deliveries', { token })).body.items;

  it('REP-14: each of them gets a file of their own, and a notice that leads to it', async () => {
    const saved = await save(owner.token, { recipients: [colleague.email, owner.email] });
    expect([saved.status, saved.body.recipients]).to.deep.equal([201, [colleague.email]]);
    api.clock.set(later(120_000));
    await sweep();
    await sweep();
    for (const person of [owner, colleague]) {
      const [delivery, ...more] = await deliveriesOf(person);
      expect([delivery.status, delivery.user_id, more]).to.deep.equal(['done', person.user_id, []]);
      const file = await api.get(`/deliveries/${delivery.delivery_id}?format=csv`, { token: person.token });
      expect(file.status).to.equal(200);
      const { items } = (await api.get('/notifications', { token: person.token })).body;
      expect(items.map(({ kind }: { kind: string }) => kind)).to.deep.equal(['report.delivered']);
      expect(items[0].body).to.contain(delivery.delivery_id);
    }
    // What is another’s is nobody else’s.
    const [{ delivery_id }] = await deliveriesOf(colleague);
    expect((await api.get(`/deliveries/${delivery_id}`, { token: owner.token })).status).to.equal(404);
  });

  it('REP-14: who may not read figures is refused by name, and so is an address that nobody has or has confirmed', async () => {
    const patient = await api.make.account('patient');
    const doctor = await api.make.account('doctor');
    const unconfirmed = await api.make.account('manager');
    await api.system.around.stores.connection
      .collection<{ _id: string }>('users')
      .updateOne({ _id: unconfirmed.user_id }, { $set: { email_confirmed: false } });
    const recipients = [
      colleague.email,
      'nobody@test.example',
      patient.email,
      doctor.email,
      unconfirmed.email,
    ];
    const { status, body } = await save(owner.token, { recipients });
    expect([status, body.code]).to.deep.equal([400, 'invalid_request']);
    expect(body.errors).to.deep.equal([
      { pointer: '/body/recipients/1', message: 'nobody@test.example is of nobody who may be sent figures' },
      ...[2, 3].map((at) => ({
        pointer: `/body/recipients/${at}`,
        message: `${recipients[at]} is of nobody who may be sent figures`,
      })),
      { pointer: '/body/recipients/4', message: `${unconfirmed.email} is not confirmed yet` },
    ]);
    // A doctor’s figures are their own.
    const own = await save(doctor.token, { recipients: [colleague.email], parameters: {} });
    expect([own.status, own.body.code]).to.deep.equal([403, 'forbidden']);
    const many = Array.from({ length: 21 }, (_, n) => `m${n}@test.example`);
    expect((await save(owner.token, { recipients: many })).status).to.equal(400);
  });

  it('REP-14: the owner changes who gets it; whoever does not want it leaves', async () => {
    const third = await api.make.account('manager');
    const { body: saved } = await save(owner.token, { recipients: [colleague.email, third.email] });
    const listed = async ({ token }: Account) =>
      (await api.get('/saved-reports?sent_to=me', { token })).body.items.map(
        ({ saved_report_id: id }: { saved_report_id: string }) => id,
      );
    expect(await listed(third)).to.deep.equal([saved.saved_report_id]);
    expect(await listed(owner)).to.deep.equal([]);
    const path = `/saved-reports/${saved.saved_report_id}`;
    expect((await api.post(`${path}/leave`, { token: third.token })).status).to.equal(204);
    expect((await api.post(`${path}/leave`, { token: third.token })).status).to.equal(404);
    expect((await api.post(`${path}/leave`, { token: owner.token })).status).to.equal(404);
    expect((await api.get(path, { token: owner.token })).body.recipients).to.deep.equal([colleague.email]);
    const emptied = await api.patch(path, { token: owner.token, body: { recipients: [] } });
    expect([emptied.status, emptied.body.recipients]).to.deep.equal([200, []]);
    api.clock.set(later(120_000));
    await sweep();
    expect((await deliveriesOf(owner)).length).to.equal(1);
    expect(await deliveriesOf(colleague)).to.deep.equal([]);
  });

  it('REP-14: who has lost the right to the figures is sent none, and the others are', async () => {
    const { body: saved } = await save(owner.token, { recipients: [colleague.email] });
    await api.system.around.stores.connection
      .collection<{ _id: string }>('users')
      .updateOne({ _id: colleague.user_id }, { $set: { role: 'pharmacist' } });
    api.clock.set(later(120_000));
    await sweep();
    expect((await deliveriesOf(owner))[0].status).to.equal('done');
    const sent = await api.system.around.stores.connection
      .collection('deliveries')
      .findOne({ saved_report_id: saved.saved_report_id, user_id: colleague.user_id });
    expect(sent).to.equal(null);
  });

  it('REP-14: on the pages somebody is added by address, sees what comes from others, and stops it', async () => {
    api.clock.set(undefined);
    const visitor = createVisitor(api);
    await visitor.signIn(owner.email);
    const form = {
      ...{
        report: 'top-doctors',
        asked: 'period=last-month',
        name: 'From the page',
        every: 'day',
        time: '08:00',
      },
      ...{ format: 'pdf', recipients: `${colleague.email}, nobody@test.example` },
    };
    const refused = await visitor.post('/reports/saved', form);
    expect(words(refused)).to.contain('nobody@test.example is of nobody who may be sent figures.');
    await visitor.post('/reports/saved', { ...form, recipients: colleague.email });
    expect((await visitor.get('/reports/saved')).text).to.contain(`Also to ${colleague.email}.`);
    const other = createVisitor(api);
    await other.signIn(colleague.email);
    const page = await other.get('/reports/saved');
    expect(page.text).to.match(/From others[\s\S]*From the page[\s\S]*Stop sending it to me/);
    const [, leave] = /action="([^"]+\/leave)"/.exec(page.text)!;
    await other.post(leave!, {});
    expect((await other.get('/reports/saved')).text).not.to.contain('From the page');
  });

  it('REP-14: an index of an earlier version that forbids it is dropped at a start', async () => {
    const { connection } = api.system.around.stores;
    const deliveries = connection.collection('deliveries');
    await deliveries.deleteMany({});
    await deliveries.createIndex(
      { saved_report_id: 1, due_at: 1 },
      { unique: true, partialFilterExpression: { due_at: { $type: 'date' } } },
    );
    await dropLeftBehind(connection, models.mongodb);
    expect(await deliveries.indexExists('saved_report_id_1_due_at_1')).to.equal(false);
  });
});
