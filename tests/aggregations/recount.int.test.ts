import { expect } from 'chai';
import fc from 'fast-check';
import { Decimal128, type Document } from 'mongodb';
import {
  averagePrescriptionCost,
  type AveragePrescriptionCostRow,
} from '../../aggregations/average-prescription-cost.js';
import { bases, diseaseTrends, type DiseaseTrendsRow } from '../../aggregations/disease-trends.js';
import {
  monthlyAppointmentsTrend,
  type MonthlyAppointmentsTrendRow,
} from '../../aggregations/monthly-appointments-trend.js';
import { topDoctors, type TopDoctorsRow } from '../../aggregations/top-doctors.js';
import { costRows } from '../../src/domains/reports/definitions/average-prescription-cost/average-prescription-cost.join.js';
import { trendRows } from '../../src/domains/reports/definitions/disease-trends/disease-trends.report.js';
import { appointmentStatuses } from '../../src/domains/clinical/appointments/appointments.types.js';
import { toCents } from '../../src/lib/money.js';
import { appointment, at, day, openScratch, patient, prescription, type Scratch } from './records.js';
import * as recount from './recount.js';

const start = at('2024-01-01').getTime();
const days = (max: number) => fc.integer({ min: 0, max }).map((n) => new Date(start + n * day));
const instants = fc.integer({ min: 0, max: 700 * 24 }).map((hours) => new Date(start + hours * 3_600_000));
const who = {
  patient_id: fc.constantFrom('P1', 'P2', 'P3'),
  doctor_id: fc.constantFrom('D1', 'D2', 'D3'),
  hospital_id: fc.constantFrom('H1', 'H2'),
  department_id: fc.constantFrom('DEP1', 'DEP2'),
};
/** A code with two names, a name without a code, a code without a name, nothing. */
const disease = fc.constantFrom(
  { disease: 'Asthma', disease_code: 'J45' },
  { disease: 'Asthma bronchiale', disease_code: 'J45' },
  { disease: 'Asthma', disease_code: null },
  { disease: null, disease_code: 'E11' },
  { disease: null, disease_code: null },
);
const later = (begin: Date, amount: number | null, unit: number): Date | null =>
  amount === null ? null : new Date(begin.getTime() + amount * unit);
const longer = fc.option(fc.integer({ min: 0, max: 200 }), { freq: 4 });

const appointments = fc.array(
  fc
    .record({
      ...who,
      disease,
      date: instants,
      hours: longer,
      status: fc.constantFrom(...appointmentStatuses),
    })
    .map(({ disease: named, hours, ...rest }) =>
      appointment({
        ...rest,
        ...named,
        ended_at: later(rest.date, hours, 3_600_000),
      }),
    ),
  { maxLength: 60 },
);
const prescriptions = fc.array(
  fc
    .record({
      ...who,
      disease,
      start: fc.option(days(700), { freq: 9 }),
      length: longer,
      cents: fc.nat(10_000_000),
    })
    .map(({ disease: named, start: start_date, length, cents, ...rest }) =>
      prescription({
        ...rest,
        ...named,
        start_date,
        end_date: start_date && later(start_date, length, day),
        cost: Decimal128.fromString((cents / 100).toFixed(2)),
      }),
    ),
  { maxLength: 60 },
);
const diagnoses = fc.array(
  fc
    .record({ disease, start_date: days(700), length: longer })
    .map(({ disease: named, start_date, length }) => ({
      disease: named.disease ?? 'Unnamed',
      code: named.disease_code,
      start_date,
      end_date: later(start_date, length, day),
    })),
  { maxLength: 8 },
);
const asked = fc.record({
  period: fc.constantFrom(
    { from: null, to: null },
    { from: at('2024-06-01'), to: null },
    { from: at('2024-03-01T05:00:00Z'), to: at('2025-03-01T05:00:00Z') },
  ),
  scope: fc.constantFrom(
    {},
    { hospital_ids: ['H1'] },
    { hospital_ids: [], doctor_ids: ['D1'] },
    { department_ids: ['DEP2'] },
    { hospital_ids: ['H1', 'H2'], doctor_ids: ['D1', 'D3'] },
    { department_ids: ['DEP1', 'DEP2'] },
  ),
  timeZone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata'),
});

/** What `trendRows` says of a disease, out of the recounted durations. */
function figures(durations: Record<string, recount.Duration>) {
  return Object.fromEntries(
    Object.entries(durations)
      .filter(([, { days: all }]) => all.length > 0)
      .map(([key, { days: all, patients, open }]) => {
        const total = all.reduce((sum, one) => sum + one, 0);
        const n = all.length;
        return [
          key,
          {
            patients: patients.size,
            episodes: n,
            total_days: total,
            average_days: Math.floor((total * 100) / n + 0.5) / 100,
            median_days: (all[Math.floor((n - 1) / 2)]! + all[Math.floor(n / 2)]!) / 2,
            p90_days: all.find((one) => all.filter((other) => other <= one).length * 10 >= 9 * n),
            min_days: all[0],
            max_days: all[n - 1],
            open_excluded: open,
          },
        ];
      }),
  );
}

describe('aggregations against a recount of random documents', () => {
  let scratch: Scratch;
  before(async () => void (scratch = await openScratch()));
  after(() => scratch.close());
  const check = <T>(values: fc.Arbitrary<T>, holds: (value: T) => Promise<void>) =>
    fc.assert(fc.asyncProperty(values, holds), { numRuns: 25 });

  it('REP-1: top-doctors ranks like the recount', () =>
    check(
      fc.tuple(appointments, asked, fc.constantFrom('patients' as const, 'appointments' as const)),
      async ([all, { period, scope }, by]) => {
        await scratch.fill({ appointments: all });
        const params = { ...period, ...scope, by, status: 'completed' as const, limit: 2 };
        const rows = await scratch.run<TopDoctorsRow>(topDoctors(params));
        const expected = recount.topDoctors(all, params);
        expect(
          rows.map(({ doctor_id, patients, appointments: n }) => ({ doctor_id, patients, appointments: n })),
        ).to.deep.equal(expected);
        const everybody = recount.topDoctors(all, { ...params, limit: 100 });
        if (rows[0])
          expect(rows[0].rows_read).to.equal(everybody.reduce((sum, one) => sum + one.appointments, 0));
      },
    ));

  it('REP-3: monthly-appointments-trend counts like the recount, in every zone', () =>
    check(fc.tuple(appointments, asked), async ([all, { period, scope, timeZone }]) => {
      await scratch.fill({ appointments: all });
      const params = { ...period, ...scope, timeZone };
      const rows = await scratch.run<MonthlyAppointmentsTrendRow>(monthlyAppointmentsTrend(params));
      const counted = Object.fromEntries(rows.map((row) => [`${row.month} ${row.status}`, row.appointments]));
      expect(counted).to.deep.equal(recount.months(all, params));
    }));

  it('REP-4: average-prescription-cost sums like the recount, to the cent', () =>
    check(fc.tuple(prescriptions, asked), async ([all, { period, scope }]) => {
      await scratch.fill({ prescriptions: all });
      const params = { ...period, ...scope };
      const rows = await scratch.run<AveragePrescriptionCostRow>(averagePrescriptionCost(params));
      const merged = costRows(rows, [], { without_disease: '0', filtered_out: '0' }, '0').rows;
      const summed = merged.map(
        ({ disease_code, disease: name, prescriptions: n, total_prescription_cost, patients }) => [
          disease_code === null ? `name ${name}` : `code ${disease_code}`,
          { prescriptions: n, cents: toCents(total_prescription_cost), patients },
        ],
      );
      expect(Object.fromEntries(summed)).to.deep.equal(recount.costs(all, params));
    }));

  for (const basis of bases) {
    it(`REP-2: disease-trends by ${basis} measures like the recount`, () => {
      const documents: fc.Arbitrary<Document[]> = {
        diagnoses: fc
          .array(diagnoses, { maxLength: 5 })
          .map((all) => all.map((own, n) => patient(`P${n}`, ...own))),
        prescriptions,
        appointments,
      }[basis];
      return check(
        fc.tuple(documents, asked, fc.constantFrom(0, 14, 90)),
        async ([all, { period, scope, timeZone }, gapDays]) => {
          await scratch.fill({ [basis === 'diagnoses' ? 'patients' : basis]: all });
          const params = { ...period, ...(basis === 'diagnoses' ? {} : scope), basis, gapDays, timeZone };
          const histogram = await scratch.run<DiseaseTrendsRow>(diseaseTrends(params));
          const { rows, receipt } = trendRows(histogram);
          const shown = rows.map(({ disease_code, disease: name, ...rest }) => [
            disease_code === null ? `name ${name}` : `code ${disease_code}`,
            rest,
          ]);
          const durations = recount.trends[basis](all, params);
          expect(Object.fromEntries(shown)).to.deep.equal(figures(durations));
          expect(receipt.open_excluded).to.equal(
            Object.values(durations).reduce((sum, { open }) => sum + open, 0),
          );
        },
      );
    }).timeout(60_000);
  }
});
