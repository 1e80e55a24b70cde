import { expect } from 'chai';
import fc from 'fast-check';
import { Decimal128, type Document } from 'mongodb';
import { clusterTime } from '../../src/databases/mongo/write-times.js';
import type { LastWrite } from '../../src/lib/write-time.js';
import { openTestSystem } from '../support/api.js';
import { size } from '../support/size.js';
import { inStep } from './reports-fixture.js';
import { expectBalanced, type Figures } from './revenue-figures.js';

/* What is billed, and what that and prescriptions come to, from the mirror and from the records. */

const admin = { role: 'admin', doctor_id: null } as const;

const among = {
  doctor_id: fc.constantFrom('D1', 'D2', null),
  department_id: fc.constantFrom('X1', 'X2', null),
  hospital_id: fc.constantFrom('H1', 'H2', null),
  patient_id: fc.constantFrom('P1', 'P2', 'P3', 'P4'),
  // Names that bytes and UTF-16 put in another order.
  disease: fc.constantFrom('Asthma', 'asma', 'Gout', '\u{1f600}', '\uffe0', null),
  disease_code: fc.constantFrom('J45', 'M10', null, null),
};
const bill = fc.record({
  ...among,
  kind: fc.constantFrom('consultation', 'prescription'),
  total_cost: fc.constantFrom('0.00', '0.01', '9999999999.99', '12.34'),
  // Around midnight, the end of months, and the day on which the clocks change.
  created_at: fc.constantFrom(
    ...['2024-12-31T23:59:59.999Z', '2025-01-01T00:00:00Z', '2025-01-01T04:59:59Z', '2025-01-15T12:00:00Z'],
    ...['2023-11-29T12:00:00Z', '2023-12-31T23:00:00Z', '2026-02-01T12:00:00Z', '2025-02-01T04:00:00Z'],
    ...['2025-03-09T06:30:00Z', '2025-03-09T07:30:00Z', '2025-12-31T23:00:00Z'],
  ),
});
type Bill = typeof bill extends fc.Arbitrary<infer B> ? B : never;
const prescribed = fc.record({
  ...among,
  cost: fc.integer({ min: 0, max: 99_999 }).map((all) => (all / 100).toFixed(2)),
  start_date: fc.constantFrom('2024-12-31', '2025-01-01', '2025-01-15', '2025-03-09', null),
});
/** Writes a prescription, changes one, or takes one away; or bills. */
const step = fc.oneof(
  { weight: 4, arbitrary: prescribed.map((fields) => ({ do: 'write' as const, fields })) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('change' as const), nth: fc.nat(), fields: prescribed }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), nth: fc.nat() }) },
  {
    weight: 4,
    arbitrary: fc
      .array(bill, { minLength: 1, maxLength: 6 })
      .map((bills) => ({ do: 'bill' as const, bills })),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const periods = [
  ...[{}, { from: '2025-01-01', to: '2026-01-01' }, { from: '2024-12-15', to: '2025-03-10' }],
  ...[{ from: '2025-01-05', to: '2025-01-20' }, { to: '2025-02-02' }, { from: '2025-03-09' }],
  ...[{ from: '2023-11-30', to: '2026-02-02' }, { from: '2025-01-01T04:59:59Z' }],
];
const scopes = [
  ...[{}, { doctor_id: 'D1' }, { hospital_id: 'H2' }, { region: 'West' }, { department_id: 'X2' }],
  { region: 'West', department_id: 'X1' },
];

type Query = Readonly<Record<string, unknown>>;
const questions: readonly (readonly [report: string, query: Query])[] = [
  ...['department', 'doctor', 'month'].flatMap((by, nth) => [
    ...periods.map((period) => ['revenue', { by, ...period }] as const),
    ...scopes.map((scope, n) => ['revenue', { by, ...scope, ...periods[(n + nth) % 3] }] as const),
  ]),
  ...['prescription', 'consultation', 'all'].flatMap((kind, nth) => [
    ...[undefined, 'J45', 'asma', 'Gout'].map(
      (disease) => ['average-prescription-cost', { kind, ...(disease && { disease }) }] as const,
    ),
    ...scopes.map(
      (scope, n) => ['average-prescription-cost', { kind, ...scope, ...periods[n + (nth % 3)] }] as const,
    ),
  ]),
];

for (const zone of ['UTC', 'America/New_York'])
  describe(`money from the mirror, by the calendar of ${zone}`, function () {
    this.timeout(size({ usual: 120_000, long: 1_800_000 }));
    let opened: Awaited<ReturnType<typeof openTestSystem>>;
    let serial = 0;

    before(async () => {
      opened = await openTestSystem({ MIRROR_MEGABYTES: '64', REPORT_TIME_ZONE: zone });
      opened.system.parts.start();
      const hospitals = ['H1', 'H2'].map((_id) => ({ _id, region: 'West' }));
      const departments = ['X1', 'X2'].map((_id) => ({ _id, department_name: _id }));
      const doctors = ['D1', 'D2'].map((_id) => ({ _id, name: _id, registration_number: _id }));
      for (const [name, documents] of Object.entries({ hospitals, departments, doctors }))
        await collection(name).insertMany(documents);
      await inStep(opened);
    });
    after(() => opened.close());

    const stores = () => opened.system.around.stores;
    const collection = (name: string) => stores().connection.collection<Document & { _id: string }>(name);

    const rowsOf = (bills: readonly Bill[]) =>
      bills.map((one) => {
        const n = (serial += 1);
        const appointment_id = one.kind === 'consultation' ? `A${n}` : null;
        return { ...one, id: `B${n}`, appointment_id, created_at: new Date(one.created_at) };
      });
    const addBills = async (bills: readonly Bill[]): Promise<void> => {
      await stores().knex('billing').insert(rowsOf(bills));
    };

    const documentOf = ({ cost, start_date, ...fields }: Extract<Step, { do: 'write' }>['fields']) => ({
      ...{ ...fields, cost: Decimal128.fromString(cost), end_date: null, drug: 'Drug' },
      start_date: start_date && new Date(start_date),
    });

    async function play(steps: readonly Step[]): Promise<void> {
      const prescriptions = collection('prescriptions');
      for (const one of steps) {
        if (one.do === 'bill') await addBills(one.bills);
        else if (one.do === 'write')
          await prescriptions.insertOne({ _id: `R${(serial += 1)}`, ...documentOf(one.fields) });
        else {
          const ids = await prescriptions.find().sort({ _id: 1 }).project<{ _id: string }>({}).toArray();
          const _id = ids[one.nth % Math.max(1, ids.length)]?._id ?? 'none';
          if (one.do === 'remove') await prescriptions.deleteOne({ _id });
          else await prescriptions.updateOne({ _id }, { $set: documentOf(one.fields) });
        }
      }
    }

    /** All that was written so far is in what is read after this. */
    const now = async () => ({
      time: await clusterTime(stores().connection),
      heard_at: performance.now(),
    });

    async function mirrored(report: string, query: Query, since?: LastWrite) {
      const { reports } = opened.system.parts;
      const after = since ?? (await now());
      const question = await reports.prepare(report, admin, query, { path: 'mirror', after });
      const { answer, version } = await reports.answer(question);
      expect(answer.provenance.path).to.equal('mirror');
      return { answer, version: version! };
    }

    async function expectSame(some = questions): Promise<void> {
      const after = await now();
      for (const [report, query] of some) {
        const { answer: fast } = await mirrored(report, query, after);
        const slow = await opened.system.parts.reports.run(report, admin, query, { path: 'definition' });
        const asked = `${report} ${JSON.stringify(query)}`;
        expect(fast.rows, asked).to.deep.equal(slow.rows);
        expect(fast.receipt, asked).to.deep.equal(slow.receipt);
        expect(fast.provenance.rows_read, asked).to.deep.equal(slow.provenance.rows_read);
        if (report === 'revenue') expectBalanced(fast as unknown as Figures);
      }
    }

    it('REP-4, REP-8: is what the records say, receipt included, after random bills and prescriptions', () =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 20 }), async (steps) => {
          await play(steps);
          await expectSame();
        }),
        { numRuns: size({ usual: 4, long: 60 }), endOnFailure: true },
      ));

    it('REP-8: adds up while several bill and prescribe at the same time, and is exact afterwards', async () => {
      let isWriting = true;
      const writing = Array.from({ length: 4 }, async (_, writer) => {
        for (let n = 0; n < 15; n += 1)
          if (writer === 0) await play(fc.sample(step, 3));
          else await addBills(fc.sample(bill, 3));
      });
      const reading = (async () => {
        const seen = new Map<string, string>();
        while (isWriting) {
          const { answer, version } = await mirrored('revenue', { by: 'month' });
          expectBalanced(answer as unknown as Figures);
          const figures = JSON.stringify([answer.rows, answer.receipt]);
          expect(seen.get(version) ?? figures, 'equal versions are equal figures').to.equal(figures);
          seen.set(version, figures);
        }
        return seen.size;
      })();
      await Promise.all(writing).finally(() => (isWriting = false));
      expect(await reading).to.be.greaterThan(1);
      await expectSame();
    });

    it('REP-9: the version rises with each change, and with nothing else', async () => {
      const { knex } = stores();
      const revenue = ['revenue', { by: 'month' }] as const;
      const cost = ['average-prescription-cost', { kind: 'all' }] as const;
      const versions = async () => [(await mirrored(...revenue)).version, (await mirrored(...cost)).version];
      const some = () => rowsOf(fc.sample(bill, 2).map((one) => ({ ...one, total_cost: '12.34' as const })));
      const rows = some();
      const first = await versions();
      await knex('billing').insert(rows);
      const second = await versions();
      second.forEach((version, n) => expect(version).not.to.equal(first[n]));
      await knex('billing').insert(rows).onConflict().ignore();
      await knex
        .transaction(async (trx) => {
          await trx('billing').insert(some());
          // What is not committed is nobody's yet.
          expect(await versions()).to.deep.equal(second);
          await expectSame([revenue, cost]);
          throw new Error('rolled back');
        })
        .catch(({ message }: Error) => expect(message).to.equal('rolled back'));
      expect(await versions()).to.deep.equal(second);
      await play([{ do: 'write', fields: fc.sample(prescribed, 1)[0]! }]);
      const third = await versions();
      expect([third[0], third[1] === second[1]]).to.deep.equal([second[0], false]);
      await expectSame([revenue, cost]);
    });
  });
