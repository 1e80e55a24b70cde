import { expect } from 'chai';
import fc from 'fast-check';
import type { Document } from 'mongodb';
import type { Change } from '../../src/databases/projector/projector.types.js';
import type { AnyReport, Asked } from '../../src/domains/reports/engine/reports.definition.js';
import { doctorUtilisationReport } from '../../src/domains/reports/definitions/doctor-utilisation/doctor-utilisation.report.js';
import { drugSpendReport } from '../../src/domains/reports/definitions/drug-spend/drug-spend.report.js';
import { noShowRateReport } from '../../src/domains/reports/definitions/no-show-rate/no-show-rate.report.js';
import { patientFlowReport } from '../../src/domains/reports/definitions/patient-flow/patient-flow.report.js';
import { returningPatientsReport } from '../../src/domains/reports/definitions/returning-patients/returning-patients.report.js';
import type { MongoQuery } from '../../src/domains/reports/engine/reports.types.js';
import { bookedTime } from '../../src/domains/reports/rollups/booked-time.rollup.js';
import { cohorts } from '../../src/domains/reports/rollups/cohorts.rollup.js';
import { drugSpendRollup } from '../../src/domains/reports/rollups/drug-spend.rollup.js';
import {
  addUnit,
  changed,
  documentIncrements,
  documentRollups,
  unitChanges,
  unitGroups,
  type Increments,
} from '../../src/domains/reports/rollups/rollup.deltas.js';
import { rollupId } from '../../src/domains/reports/rollups/rollup.definition.js';
import { visitTimes } from '../../src/domains/reports/rollups/visit-times.rollup.js';
import { at, openScratch, type Scratch } from '../aggregations/records.js';
import { after as afterStep, places, step, type Step } from './random-records.js';

/* REP-5's reports over figures that are kept change by change, and over the documents that the changes left. */

const rollups = [visitTimes, cohorts, bookedTime, drugSpendRollup];

/** Adds a figure at the path of its name. */
function increase(document: Document, name: string, n: number): void {
  const path = name.split('.');
  const last = path.pop()!;
  let inner = document;
  for (const part of path) inner = (inner[part] ??= {}) as Document;
  inner[last] = ((inner[last] as number | undefined) ?? 0) + n;
}

/** The documents of the rollups after one change upon the other, by collection. */
function keep(changes: readonly Change[], timeZone: string): Record<string, Document[]> {
  const context = { timeZone, gapDays: 90 };
  const kept = new Map<string, Map<string, Document>>(rollups.map((one) => [one.collection, new Map()]));
  const units = new Map<string, Map<string, number>>();
  const add = ({ collection, key: names }: (typeof rollups)[number], increments: Increments): void => {
    const documents = kept.get(collection)!;
    for (const { key, figures } of increments.values()) {
      const _id = rollupId(key);
      const document = documents.get(_id) ?? {
        _id,
        ...Object.fromEntries(names.map((part, n) => [part, key[n]])),
      };
      documents.set(_id, document);
      for (const [name, n] of figures) increase(document, name, n);
    }
  };
  for (const change of changes) {
    for (const rollup of documentRollups(rollups)) add(rollup, documentIncrements(rollup, [change], context));
    for (const group of unitGroups(rollups))
      for (const [unit, net] of unitChanges(group, [change], context)) {
        const before = units.get(`${group.name} ${unit}`) ?? new Map<string, number>();
        const now = changed(before, net);
        const sums = group.rollups.map((): Increments => new Map());
        addUnit(sums, group, unit, [before, now], context);
        units.set(`${group.name} ${unit}`, now);
        group.rollups.forEach((rollup, n) => add(rollup, sums[n]!));
      }
  }
  return Object.fromEntries([...kept].map(([name, documents]) => [name, [...documents.values()]]));
}

function played(steps: readonly Step[]): { changes: Change[]; left: Record<string, Document[]> } {
  const documents = new Map<string, { of: string; document: Document | null }>();
  const changes = steps.flatMap((one): Change[] => {
    const key = `${one.of} ${one.id}`;
    const before = documents.get(key)?.document ?? null;
    const now = afterStep(one, before);
    documents.set(key, { of: one.of, document: now });
    return before || now ? [{ collection: one.of, id: one.id, before, after: now }] : [];
  });
  const left = (of: string): Document[] =>
    [...documents.values()].flatMap((one) => (one.of === of && one.document ? [one.document] : []));
  return { changes, left: { appointments: left('appointments'), prescriptions: left('prescriptions') } };
}

const windows = [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, start: '08:00', end: '16:00' }));
const doctors = [0, 1, 2, 3].map((n) => ({
  ...{ _id: `D${n}`, name: `Doctor ${n}`, ...places[n % places.length] },
  ...{ availability: windows, leave_days: [at('2024-05-06')], registration_expiry: at('2030-01-01') },
  ...{ slot_minutes: 20 + 5 * n, slot_capacity: 1 + (n % 2) },
}));
const departments = places.map(({ department_id, hospital_id }) => ({
  ...{ _id: department_id, hospital_id, operating_start_hour: '07:00', operating_end_hour: '15:00' },
}));
const hospitals = ['H1', 'H2'].map((_id, n) => ({
  _id,
  time_zone: n === 0 ? 'America/New_York' : 'Asia/Kolkata',
}));

const midnight = { UTC: 'T00:00:00Z', 'America/New_York': 'T05:00:00Z' } as const;
const periods = [
  [null, null],
  ['2024-01-01', '2025-01-01'],
  ['2024-01-01', '2024-03-01'],
  ['2023-12-01', '2024-12-01'],
  ['2024-02-01', '2024-02-02'],
  ['2024-01-15', '2024-03-09'],
  ['2024-02-01', null],
  [null, '2025-01-01'],
] as const;
const scopes = [
  {},
  { hospital_ids: ['H1'] },
  { hospital_ids: ['H1', 'H2'] },
  { hospital_ids: [] },
  { department_id: 'DEP2' },
  { hospital_ids: ['H1'], department_id: 'DEP3' },
  { doctor_id: 'D1' },
  { doctor_id: 'D4', department_id: 'DEP2' },
];
const reports: readonly (readonly [AnyReport, object])[] = [
  ...(['weekday', 'hour', 'lead_time'] as const).map((by) => [noShowRateReport, { by }] as const),
  [patientFlowReport, {}],
  [returningPatientsReport, { until: '2025-06' }],
  [doctorUtilisationReport, {}],
  [drugSpendReport, { limit: 3 }],
];

describe('the kept figures of REP-5', () => {
  let scratch: Scratch;
  before(async () => void (scratch = await openScratch()));
  after(() => scratch.close());

  /** How many questions the kept figures answered. */
  async function compare(steps: readonly Step[], timeZone: keyof typeof midnight): Promise<number> {
    const { changes, left } = played(steps);
    const kept = keep(changes, timeZone);
    for (const name of [...Object.keys(kept), 'doctors', 'departments', 'hospitals'])
      await scratch.db.collection(name).deleteMany({});
    await scratch.fill({ ...left, ...kept, doctors, departments, hospitals });
    const ask = async (query: MongoQuery) => ({ mongodb: await scratch.run(query), postgres: {} });
    let answered = 0;
    for (const [n, [report, query]] of reports.entries())
      for (const [m, [from, to]] of periods.entries()) {
        if (report === doctorUtilisationReport && !(from && to)) continue;
        const scope = scopes[(n + m + steps.length) % scopes.length]!;
        const instant = (text: string | null): Date | null =>
          text === null ? null : new Date(text + midnight[timeZone]);
        const days = { from: from === null ? null : at(from), to: to === null ? null : at(to) };
        const period = { from: instant(from), to: instant(to) };
        const asked: Asked<object> = {
          query,
          period,
          days,
          scope,
          timeZone,
          diseases: undefined,
          gapDays: 90,
        };
        const fast = report.rollups!.read(asked as never)?.mongodb;
        if (!fast) continue;
        answered += 1;
        const expected = report.merge(
          (await ask(report.sources(asked as never).mongodb!)) as never,
          asked as never,
        );
        const found = report.rollups!.merge((await ask(fast)) as never, asked as never);
        expect(found, JSON.stringify([report.id, asked])).to.deep.equal(expected);
      }
    return answered;
  }

  it('REP-8: answer what the documents answer, after random histories', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 160 }),
        fc.constantFrom('UTC', 'America/New_York'),
        async (steps, zone) => void (answered += await compare(steps, zone)),
      ),
      { numRuns: 8 },
    );
    expect(answered).to.be.greaterThan(8 * 20);
  }).timeout(60_000);
});
