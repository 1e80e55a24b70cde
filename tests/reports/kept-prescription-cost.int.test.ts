import { expect } from 'chai';
import fc from 'fast-check';
import { Decimal128, type Document } from 'mongodb';
import type { Change, ProjectionState } from '../../src/databases/projector/projector.types.js';
import { createTransactSql } from '../../src/databases/postgres/sql-transact.js';
import { averagePrescriptionCostReport as report } from '../../src/domains/reports/definitions/average-prescription-cost/average-prescription-cost.report.js';
import { createPrescribedSink } from '../../src/domains/reports/rollups/prescribed.repository.js';
import { openKeptStores, type KeptStores } from './kept-in-postgres.js';

const state = (fields: Partial<ProjectionState> = {}): ProjectionState => ({
  ...{ definition: 'prescribed 1', status: 'live', token: { _data: '82' }, position: 2n ** 60n + 1n },
  ...{ version: 0, fence: 1, build: null, ...fields },
});

const names = ['Asthma', 'asma', 'Gout', '\u{1f600}', '\uffe0', null];
const codes = ['J45', 'M10', null, null];
const patients = ['P1', 'P2', 'P3', 'P4'];
const cents = fc.integer({ min: 0, max: 99_999 }).map((all) => (all / 100).toFixed(2));
const about = {
  patient_id: fc.constantFrom(...patients),
  disease: fc.constantFrom(...names),
  disease_code: fc.constantFrom(...codes),
};
const prescriptionFields = fc.record({ ...about, cost: cents, department_id: fc.constantFrom('X', 'Y') });
const billFields = fc.record({
  ...about,
  kind: fc.constantFrom('consultation', 'prescription'),
  total_cost: cents,
});
/** Writes a prescription, changes one, or takes one away. */
const step = fc.oneof(
  { weight: 4, arbitrary: prescriptionFields.map((fields) => ({ do: 'write' as const, fields })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(), prescriptionFields)
      .map(([nth, fields]) => ({ do: 'change' as const, nth, fields })),
  },
  { weight: 2, arbitrary: fc.nat().map((nth) => ({ do: 'remove' as const, nth })) },
  {
    weight: 4,
    arbitrary: fc
      .array(billFields, { minLength: 1, maxLength: 6 })
      .map((bills) => ({ do: 'bill' as const, bills })),
  },
);

describe('what prescriptions cost, from the figures that are kept', () => {
  let stores: KeptStores;
  let sink: ReturnType<typeof createPrescribedSink>;
  let live = state();
  let serial = 0;
  before(async () => {
    stores = await openKeptStores();
    sink = createPrescribedSink(stores.knex, createTransactSql(stores.knex));
    expect(await sink.reset(live)).to.equal(true);
  });
  after(() => stores.close());

  async function take(...changes: Change[]): Promise<void> {
    const next = { ...live, version: live.version + 1, token: { _data: `82${live.version}` } };
    expect(await sink.apply(changes, live, next)).to.equal(true);
    live = next;
  }

  const prescriptions = () => stores.connection.collection<Document & { _id: string }>('prescriptions');

  async function change(id: string, after: Document | null): Promise<Change> {
    const before = await prescriptions().findOne({ _id: id });
    if (after) await prescriptions().replaceOne({ _id: id }, after, { upsert: true });
    else await prescriptions().deleteOne({ _id: id });
    return { collection: 'prescriptions', id, before, after };
  }

  async function play(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) {
    const changes: Change[] = [];
    for (const one of steps) {
      if (one.do === 'bill') {
        const rows = one.bills.map((bill) => ({
          ...bill,
          id: `B${(serial += 1)}`,
          appointment_id: bill.kind === 'consultation' ? `A${serial}` : null,
          created_at: new Date(0),
        }));
        await stores.knex('billing').insert(rows);
        continue;
      }
      const ids = (await prescriptions().find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
      const id = one.do === 'write' ? `R${(serial += 1)}` : ids[one.nth % Math.max(1, ids.length)];
      if (id === undefined) continue;
      const after =
        one.do === 'remove' ? null : { ...one.fields, cost: Decimal128.fromString(one.fields.cost) };
      changes.push(await change(id, after));
    }
    await take(...changes);
  }

  async function expectSame(): Promise<void> {
    for (const kind of ['prescription', 'consultation', 'all'])
      for (const diseases of [
        undefined,
        { codes: ['Asthma', 'J45'], name: 'Asthma' },
        { codes: ['M10', 'J45', 'none'], name: 'Gout' },
      ]) {
        const question = { query: { kind }, diseases };
        expect(await stores.kept(report, question), kind).to.deep.equal(
          await stores.defined(report, question),
        );
      }
  }

  it('REP-4, REP-8: equals the definition, receipt included, after random writes, changes, removals and bills', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await play(steps);
        await expectSame();
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('REP-4: what it does not keep is left to the definition: a period, a place, a doctor', async () => {
    const query = { kind: 'prescription' };
    expect(await stores.kept(report, { query, from: '2025-01-01' })).to.equal(undefined);
    expect(await stores.kept(report, { query, to: '2025-01-01' })).to.equal(undefined);
    for (const scope of [{ hospital_ids: [] }, { department_id: 'X' }, { doctor_id: 'D' }])
      expect(await stores.kept(report, { query, scope })).to.equal(undefined);
  });

  it('REP-8: takes nothing in from where somebody else went on, and says so', async () => {
    const before = await stores.kept(report, { query: { kind: 'all' } });
    const after = { ...{ patient_id: 'P1', disease: 'Gout', disease_code: null }, cost: '1.00' };
    const changes = [{ collection: 'prescriptions', id: 'R', before: null, after }];
    const next = { ...live, version: live.version + 1 };
    for (const from of [
      { ...live, fence: live.fence + 1 },
      { ...live, token: { _data: 'other' } },
    ])
      expect(await sink.apply(changes, from, next)).to.equal(false);
    expect(await stores.kept(report, { query: { kind: 'all' } })).to.deep.equal(before);
    expect(await sink.reset({ ...live, fence: live.fence - 1 })).to.equal(false);
    expect(await sink.read()).to.deep.equal(live);
  });

  it('REP-8: a reset leaves what was billed, and a build brings the rest again', async () => {
    const all = await prescriptions().find().toArray();
    const progress = { collection: 'prescriptions', done_to: null, documents: 0 };
    const chunks = [{ collection: 'prescriptions', up_to: null, at: 2n ** 61n + 3n }];
    live = { ...live, fence: live.fence + 1, status: 'building', build: { ...progress, chunks } };
    expect(await sink.reset(live)).to.equal(true);
    expect(await sink.read()).to.deep.equal(live);
    const { rows } = (await stores.kept(report, { query: { kind: 'all' } })) as {
      rows: { prescriptions: number; patients: number }[];
    };
    expect(rows.map((row) => row.prescriptions + row.patients).filter((sum) => sum > 0)).to.deep.equal([]);
    await take(...all.map((after) => ({ collection: 'prescriptions', id: after._id, before: null, after })));
    await expectSame();
  });

  it('REP-8: bills and prescriptions of the same patients and diseases at the same time: exact, no deadlock', async function () {
    this.timeout(60_000);
    // Nothing is tried again here: a deadlock would be an error.
    const bills = async (writer: number): Promise<void> => {
      for (let n = 0; n < 12; n += 1)
        await stores.knex('billing').insert(
          patients.map((patient_id, index) => ({
            ...{ id: `C${writer}-${n}-${index}`, patient_id, kind: 'prescription', total_cost: '0.01' },
            ...{ disease: names[(writer + n + index) % 3], disease_code: null, created_at: new Date(0) },
          })),
        );
    };
    const prescribe = async (): Promise<void> => {
      for (let n = 0; n < 12; n += 1)
        await take(
          ...(await Promise.all(
            patients.map((patient_id, index) =>
              change(`S${n}-${index}`, {
                ...{ patient_id, disease: names[(n + index) % 3], disease_code: null, department_id: 'X' },
                cost: Decimal128.fromString('0.02'),
              }),
            ),
          )),
        );
    };
    await Promise.all([prescribe(), ...[0, 1, 2, 3, 4, 5].map(bills)]);
    await expectSame();
  });
});
