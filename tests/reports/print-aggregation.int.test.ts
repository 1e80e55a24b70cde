import { createContext, runInContext } from 'node:vm';
import { expect } from 'chai';
import { BSON, Decimal128, type Document } from 'mongodb';
import { averagePrescriptionCost } from '../../aggregations/average-prescription-cost.js';
import { diseaseTrends } from '../../aggregations/disease-trends.js';
import { doctorUtilisation } from '../../aggregations/doctor-utilisation.js';
import { drugSpend } from '../../aggregations/drug-spend.js';
import { monthlyAppointmentsTrend } from '../../aggregations/monthly-appointments-trend.js';
import { newAndReturningPatients } from '../../aggregations/new-and-returning-patients.js';
import { noShowRate } from '../../aggregations/no-show-rate.js';
import { patientFlow } from '../../aggregations/patient-flow.js';
import { returningPatients } from '../../aggregations/returning-patients.js';
import type { Aggregation, Stage } from '../../aggregations/stages/types.js';
import { topDoctors } from '../../aggregations/top-doctors.js';
import { waitingTimes } from '../../aggregations/waiting-times.js';
import { mongoshText } from '../../scripts/mongosh-text.js';
import { reportCatalogue } from '../../src/domains/reports/definitions/reports.catalogue.js';
import { appointment, at, openScratch, prescription, type Scratch } from '../aggregations/records.js';
import { runScript } from '../support/run-script.js';

/** Reads the printed text as mongosh would. */
function readBack(printed: string): Aggregation {
  const read = (collection: string) => ({
    aggregate: (pipeline: Stage[]): Aggregation => ({ collection, pipeline }),
  });
  const context = createContext({
    db: new Proxy({}, { get: (_, collection) => read(String(collection)) }),
    ISODate: (iso: string) => new Date(iso),
    NumberDecimal: (decimal: string) => Decimal128.fromString(decimal),
  });
  return runInContext(printed, context) as Aggregation;
}

describe('npm run aggregation', () => {
  let scratch: Scratch;
  before(async () => {
    scratch = await openScratch();
    await scratch.fill({
      appointments: [appointment(), appointment({ disease: '"Ünü"`sual\u2028\n${x}' })],
      prescriptions: [prescription(), prescription({ end_date: at('2025-02-01') })],
    });
  });
  after(() => scratch.close());

  const period = { from: at('2025-01-01'), to: at('2026-01-01') };
  const strange = { codes: ['J45', '"$where"'], name: '"Ünü"`sual\u2028\n${x}' };
  const questions: readonly Aggregation[] = [
    topDoctors({ ...period, by: 'patients', status: 'completed', limit: 5, hospital_ids: ['H1', 'H2'] }),
    diseaseTrends({ ...period, basis: 'prescriptions', gapDays: 90, timeZone: 'UTC' }),
    diseaseTrends({ ...period, basis: 'appointments', gapDays: 90, timeZone: 'Asia/Tokyo' }),
    diseaseTrends({ from: null, to: null, basis: 'diagnoses', gapDays: 90, timeZone: 'UTC' }),
    monthlyAppointmentsTrend({ ...period, timeZone: 'UTC' }),
    averagePrescriptionCost({ ...period, diseases: strange }),
    noShowRate({ ...period, by: 'lead_time', timeZone: 'Asia/Tokyo' }),
    waitingTimes({ ...period, by: 'doctor', timeZone: 'Asia/Tokyo' }),
    patientFlow({ ...period, timeZone: 'Asia/Tokyo' }),
    newAndReturningPatients({ ...period, timeZone: 'Asia/Tokyo' }),
    returningPatients({ ...period, timeZone: 'Asia/Tokyo' }),
    doctorUtilisation({ ...period, hospital_ids: ['H1'] }),
    drugSpend(period),
  ];
  for (const question of questions) {
    it(`REP-7: what is printed of ${question.collection} (${question.pipeline.length} stages) is what runs`, async () => {
      const printed = readBack(mongoshText(question));
      const plain = (value: unknown): unknown =>
        BSON.EJSON.parse(BSON.EJSON.stringify(value, { relaxed: false }));
      expect(plain(printed)).to.deep.equal(plain(question));
      // In which order $setWindowFields writes its fields, MongoDB leaves open.
      const fields = (row: Document) =>
        JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
      const sorted = async (one: Aggregation) => (await scratch.run<Document>(one)).map(fields).sort();
      expect(await sorted(printed)).to.deep.equal(await sorted(question));
    });
  }

  it('REP-7: a decimal is printed as one', () => {
    const cost = {
      collection: 'prescriptions',
      pipeline: [{ $match: { cost: Decimal128.fromString('1.10') } }],
    };
    expect(mongoshText(cost)).to.include('NumberDecimal("1.10")');
  });

  it('REP-7: lists the pipelines when none is named', async () => {
    const { stdout, code } = await runScript('print-aggregation', []);
    expect(code).to.equal(0);
    for (const { id } of reportCatalogue) expect(stdout).to.include(id);
  });

  it('REP-7: prints a pipeline with its parameters, as mongosh text or as JSON', async () => {
    const asked = [
      'top-doctors',
      '--by',
      'appointments',
      '--from',
      '2025-01-01',
      '--hospital-id',
      'H1',
      '--limit',
      '3',
    ];
    const [printed, json] = await Promise.all([
      runScript('print-aggregation', asked),
      runScript('print-aggregation', [...asked, '--json']),
    ]);
    const params = {
      from: at('2025-01-01'),
      to: null,
      by: 'appointments',
      status: 'completed',
      limit: 3,
    } as const;
    const expected = topDoctors({ ...params, hospital_ids: ['H1'] });
    expect(JSON.stringify(readBack(printed.stdout))).to.equal(JSON.stringify(expected));
    expect(BSON.EJSON.parse(json.stdout)).to.deep.equal(expected);
  });

  it('REP-6: a mistake is a mistake of usage that names the option', async () => {
    const mistakes = [
      { args: ['top-doctor'], named: 'top-doctor' },
      { args: ['top-doctors', '--form', '2025-01-01'], named: '--form' },
      { args: ['top-doctors', '--limit', '0'], named: '--limit' },
      { args: ['top-doctors', '--region', 'West'], named: '--region' },
    ];
    const answers = await Promise.all(mistakes.map(({ args }) => runScript('print-aggregation', args)));
    answers.forEach(({ code, stderr, stdout }, n) => {
      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.include(mistakes[n]!.named);
    });
  });
}).timeout(60_000);
