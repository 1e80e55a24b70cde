import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { startFixture, type Fixture } from './fixture.js';

const minute = 60_000;

describe('reconciliation: how it runs', function () {
  this.timeout(60_000);
  let api: TestApi;
  let on: Fixture;

  before(async () => {
    api = await startApi();
    on = await startFixture(api);
  });
  after(() => api.stop());

  it('BILL-5: what has changed within the last minute is on its way, and not counted', async () => {
    const id = await on.book();
    await on.force(id, 'completed', { ended_at: new Date() });
    expect((await on.run({ graceMs: minute })).found).equal(0);
    expect((await on.run({ graceMs: minute, apply: true })).found).equal(0);
    expect(await on.bills(id)).deep.equal([]);
    api.clock.set(new Date(Date.now() + 61_000));
    expect(await on.run({ graceMs: undefined, apply: true })).deep.include({ found: 1, repaired: 1 });
    api.clock.set(undefined);
    expect(await on.bills(id)).have.length(1);
  });

  it('BILL-5: a visit that nobody can bill is left, and the others are repaired all the same', async () => {
    const [lost, other] = [await on.book(), await on.book()];
    for (const id of [lost, other]) await on.force(id, 'completed', { ended_at: new Date() });
    await on.mongo('appointments').updateOne({ _id: lost }, { $set: { patient_id: 'nobody' } });
    const report = await on.look('completed_without_bill', true);
    expect(report).deep.include({ found: 2, repaired: 1, left: 1 });
    expect(report.examples.map(({ id, repaired }) => [id, repaired])).deep.equal([
      [lost, false],
      [other, true],
    ]);
    await on.forget(lost);
    await on.dropClaims(lost);
    expect((await on.run()).found).equal(0);
  });

  it('BILL-5: takes over an entry of either outbox that a relay has left lying, not one that is young', async () => {
    const [id, paid] = [await on.book(), await on.pay()];
    await on.force(id, 'completed', { ended_at: new Date() });
    const { consultation_fee, patient_id, doctor_id, department_id, hospital_id } = await on.visit(id);
    const payload = {
      ...{ appointment_id: id, patient_id, doctor_id, department_id, hospital_id },
      ...{ disease: null, disease_code: null, completed_at: new Date() },
      consultation_fee: `${consultation_fee}.00`,
    };
    const [later, long] = [new Date(Date.now() + 60 * minute), new Date(Date.now() - 6 * minute)];
    const entry = {
      kind: 'appointment.completed',
      payload,
      attempts: 1,
      claimed_until: later,
      applied_at: null,
    };
    await on.mongo('outbox').insertMany([
      { _id: 'E-old', ...entry, created_at: long },
      { _id: 'E-tired', ...entry, created_at: new Date(), attempts: 11 },
      { _id: 'E-young', ...entry, created_at: new Date() },
    ] as never);
    await on
      .sql('outbox')
      .where({ kind: 'payment.changed' })
      .whereRaw(`payload->>'appointment_id' = ?`, [paid.id])
      .update({ applied_at: null, due_at: later, created_at: long });
    const seen = await on.look('outbox_stuck');
    expect(seen.examples.map((example) => example.id.replace(/E01.*/, 'E01…')).sort()).deep.equal([
      'mongodb E-old',
      'mongodb E-tired',
      'postgres E01…',
    ]);
    expect(await on.look('outbox_stuck', true)).deep.include({ found: 3, repaired: 3, left: 0 });
    expect(await on.bills(id)).have.length(1);
    await on.mongo('outbox').deleteOne({ _id: 'E-young' });
    expect((await on.run()).found).equal(0);
  });

  it('BILL-5: an entry that nobody can apply is left', async () => {
    const takeAway = await on.addOddEntry();
    expect(await on.look('outbox_stuck', true)).deep.include({ found: 1, repaired: 0, left: 1 });
    await takeAway();
  });

  it('BILL-5: an email that waits for its mail server is no difference', async () => {
    const takeAway = await on.addOddEntry('notification.email');
    expect(await on.look('outbox_stuck')).deep.include({ compared: 0, found: 0 });
    await takeAway();
  });

  it('BILL-5: only one runs at a time, of however many processes', async () => {
    const one = { apply: true };
    const all = await Promise.all([1, 2, 3].map(() => api.system.parts.reconciliation.run(one)));
    expect(all.filter((report) => report !== null)).have.length(1);
    expect(await api.system.parts.reconciliation.run(one)).not.equal(null);
  });

  it('BILL-5: ends when it is told to, and lets the next one in', async () => {
    const reason = new Error('stop');
    const stopped = await on.run({ signal: AbortSignal.abort(reason) }).catch((error: unknown) => error);
    expect(stopped).equal(reason);
    expect((await on.run()).found).equal(0);
  });

  it('BILL-5: the metrics tell what was left, and when it was looked for', async () => {
    const takeAway = await on.addOddEntry();
    const { at } = await on.run();
    const metrics = async (): Promise<string> => (await api.get('//metrics')).body as string;
    expect(await metrics())
      .include('reconcile_drift{kind="outbox_stuck"} 1')
      .include('reconcile_drift{kind="completed_without_bill"} 0')
      .include(`reconcile_last_run_timestamp_seconds ${at.getTime() / 1000}`);
    await takeAway();
    await on.look('outbox_stuck');
    expect(await metrics())
      .include('reconcile_drift{kind="outbox_stuck"} 0')
      .include(`reconcile_last_run_timestamp_seconds ${at.getTime() / 1000}`);
  });

  it('BILL-5: repairs on its schedule, and ends when it is stopped', async () => {
    const id = await on.book();
    await on.force(id, 'completed', { ended_at: new Date(), updated_at: new Date(0) });
    await on.mongo('reconciliations').deleteMany({});
    const { reconciliation } = api.system.parts;
    const task = reconciliation.schedule(50);
    task.start();
    const deadline = Date.now() + 10_000;
    while ((await on.bills(id)).length === 0 && Date.now() < deadline);
    await task.stop();
    expect(await on.bills(id)).have.length(1);
    const never = reconciliation.schedule(0);
    never.start();
    await never.stop();
  });
});
