import { expect } from 'chai';
import type { Document } from 'mongodb';
import type { Change, ProjectionState } from '../../src/databases/projector/projector.types.js';
import { createMongoSink, rollupCatalogue } from '../../src/domains/reports/engine/index.js';
import { openTestSystem } from '../support/api.js';

const context = { timeZone: 'UTC', gapDays: 90 };

const booked = (id: string, fields: Document = {}): Change => ({
  ...{ collection: 'appointments', id, before: null },
  after: {
    ...{ _id: id, doctor_id: 'D1', patient_id: 'P1', hospital_id: 'H1', department_id: 'DEP1' },
    ...{ date: new Date('2025-03-15T10:00:00Z'), ended_at: null, slot_end: null, status: 'completed' },
    ...{ disease: 'Asthma', disease_code: 'J45', created_at: new Date('2025-03-01T10:00:00Z') },
    ...fields,
  },
});

describe('createMongoSink', () => {
  let opened: Awaited<ReturnType<typeof openTestSystem>>;
  let sink: ReturnType<typeof createMongoSink>;
  let first: ProjectionState;

  before(async () => (opened = await openTestSystem()));
  after(() => opened.close());

  beforeEach(async () => {
    sink = createMongoSink(opened.system.around.stores.connection, rollupCatalogue, context);
    await opened.system.around.stores.connection.collection('rollup_state').deleteMany({});
    first = {
      ...{ definition: sink.definition, status: 'live', token: { _data: '1' }, build: null },
      ...{ position: 7_000_000_000_000_000_001n, version: 1, fence: 5 },
    };
    expect(await sink.reset(first)).equal(true);
  });

  const next = (state: ProjectionState, fields: Partial<ProjectionState> = {}): ProjectionState => ({
    ...state,
    token: { _data: `${state.version + 1}` },
    version: state.version + 1,
    position: state.position + 1n,
    ...fields,
  });
  const all = (name: string) => opened.system.around.stores.connection.collection(name).find().toArray();
  const month = async (): Promise<Document | null> =>
    opened.system.around.stores.connection
      .collection('rollup_appointments')
      .findOne({ level: 'network', span: 'month', period: '2025-03' });

  it('REP-9: stores figures and where they stand at once, to the last bit of a moment', async () => {
    const second = next(first);
    expect(await sink.apply([booked('A1'), booked('A2')], first, second)).equal(true);
    expect(await sink.read()).deep.equal(second);
    expect((await month())?.['completed']).deep.equal({ appointments: 2, days: { '15': 2 } });
    const [ranked] = (await all('rollup_doctor_ranking')).filter(({ period }) => period === 'all');
    expect(ranked).deep.include({ status: 'completed', doctor_id: 'D1', patients: 1, appointments: 2 });
  });

  it('REP-9: takes a batch in once, whose outcome was unknown and that comes again', async () => {
    const second = next(first);
    for (const _again of [1, 2]) expect(await sink.apply([booked('A1')], first, second)).equal(true);
    expect((await month())?.['completed'].appointments).equal(1);
  });

  it('REP-9: keeps what documents make together, of all kinds at once, where one begins, goes on and ends', async () => {
    const records = async (): Promise<Record<string, number>> => {
      const units = await all('rollup_units');
      return Object.fromEntries(units.map(({ _id, records }) => [String(_id), (records as []).length]));
    };
    const of = (patient: string, n: number) => ({
      [`doctor_patients ["D1","${patient}"]`]: n,
      [`rollup_cohorts [null,"${patient}"]`]: n,
      [`rollup_cohorts ["H1","${patient}"]`]: n,
      [`rollup_appointment_episodes ["${patient}","J45",null]`]: n,
    });
    const [second, third] = [next(first), next(next(first))];
    const other = booked('A2', { patient_id: 'P2' });
    await sink.apply([booked('A1'), other, booked('A3', { patient_id: 'P3' })], first, second);
    expect(await records()).deep.equal({ ...of('P1', 1), ...of('P2', 1), ...of('P3', 1) });
    const [ended, went] = [booked('A1').after, booked('A2', { patient_id: 'P3' })];
    const gone: Change = { collection: 'appointments', id: 'A1', before: ended, after: null };
    const moved: Change = { ...went, before: other.after };
    await sink.apply([gone, moved, booked('A4', { patient_id: 'P4' })], second, third);
    expect(await records()).deep.equal({ ...of('P3', 2), ...of('P4', 1) });
  });

  it('refuses a batch that does not go on from what is stored', async () => {
    const second = next(first);
    await sink.apply([booked('A1')], first, second);
    const stale = { ...first, fence: 4 };
    for (const from of [first, stale, next(second)])
      expect(await sink.apply([booked('A2')], from, next(second, { version: 99 }))).equal(false);
    expect(await sink.read()).deep.equal(second);
    expect((await month())?.['completed'].appointments).equal(1);
  });

  it('keeps nothing of a batch that fails', async () => {
    const { after } = booked('A1');
    const gone: Change = { collection: 'appointments', id: 'A1', before: after, after: null };
    const failure = await sink
      .apply([booked('A2', { doctor_id: 'D2' }), gone], first, next(first))
      .catch(String);
    expect(failure).match(/not kept/);
    expect(await sink.read()).deep.equal(first);
    expect([await all('rollup_units'), await all('rollup_appointments')]).deep.equal([[], []]);
  });

  it('empties everything, with its indexes, unless another process has taken over', async () => {
    await sink.apply([booked('A1')], first, next(first));
    expect(await sink.reset({ ...first, fence: 4 })).equal(false);
    expect((await all('rollup_units')).length).above(0);
    const anew: ProjectionState = { ...next(first), fence: 6, status: 'building' };
    expect(await sink.reset(anew)).equal(true);
    expect(await sink.read()).deep.equal(anew);
    for (const { collection } of rollupCatalogue) expect(await all(collection), collection).deep.equal([]);
    const indexes = await opened.system.around.stores.connection
      .collection('rollup_doctor_ranking')
      .indexes();
    expect(indexes.length).equal(3);
  });

  it('keeps where a build is', async () => {
    const build = { collection: 'appointments', done_to: 'A9', documents: 9 };
    const chunks = [{ collection: 'appointments', up_to: 'A9', at: 7_000_000_000_000_000_003n }];
    const second = next(first, { status: 'building', build: { ...build, chunks } });
    expect(await sink.apply([], first, second)).equal(true);
    expect(await sink.read()).deep.equal(second);
  });

  it('has another definition in another time zone, and with another gap', () => {
    const { connection } = opened.system.around.stores;
    const definitions = [context, { ...context, timeZone: 'Asia/Kolkata' }, { ...context, gapDays: 30 }].map(
      (one) => createMongoSink(connection, rollupCatalogue, one).definition,
    );
    expect(new Set(definitions).size).equal(3);
  });
});
