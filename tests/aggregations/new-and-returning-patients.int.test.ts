import { expect } from 'chai';
import fc from 'fast-check';
import type { Document } from 'mongodb';
import {
  newAndReturningPatients,
  type NewAndReturningPatientsParams,
  type NewAndReturningPatientsRow,
} from '../../aggregations/new-and-returning-patients.js';
import { patientRows } from '../../src/domains/reports/definitions/new-and-returning-patients/new-and-returning-patients.report.js';
import { visit } from '../reports/random-records.js';
import { appointment, at, openScratch, type Scratch } from './records.js';

describe('aggregation new-and-returning-patients', () => {
  let scratch: Scratch;
  const visits = (patient_id: string, ...dates: string[]) =>
    dates.map((date) => appointment({ patient_id, date: at(date) }));
  before(async () => {
    scratch = await openScratch();
  });
  after(() => scratch.close());

  const asked = async (params: Partial<NewAndReturningPatientsParams> = {}) =>
    patientRows(
      await scratch.run<NewAndReturningPatientsRow>(
        newAndReturningPatients({ from: null, to: null, timeZone: 'UTC', ...params }),
      ),
    );
  const told = async (params: Partial<NewAndReturningPatientsParams> = {}) =>
    (await asked(params)).rows.map(
      (row) =>
        `${row.month} ${row.new_patients}+${row.returning_patients}=${row.patients}/${row.appointments}`,
    );
  const totals = async (params: Partial<NewAndReturningPatientsParams> = {}) =>
    (await asked(params)).all!.totals;

  describe('of a few visits', () => {
    before(() =>
      scratch.fill({
        appointments: [
          ...visits('P1', '2024-01-05', '2024-01-20', '2024-02-01', '2024-04-01'),
          ...visits('P2', '2024-01-31T23:30:00Z', '2024-02-10'),
          ...visits('P3', '2024-02-15'),
          appointment({ patient_id: 'P3', date: at('2023-01-01'), status: 'no_show' }),
          appointment({ patient_id: 'P4', date: at('2024-01-02'), hospital_id: 'H2' }),
          appointment({ patient_id: 'P4', date: at('2024-02-20') }),
        ],
      }),
    );

    it('WEB-4: a patient is new in the month of the first visit ever and returning in later ones; months between are zeros', async () => {
      expect(await told()).to.deep.equal([
        ...['2024-01 3+0=3/4', '2024-02 1+3=4/4', '2024-03 0+0=0/0', '2024-04 0+1=1/1'],
      ]);
      expect(await totals()).to.deep.equal({
        ...{ new_patients: 4, returning_patients: 0, patients: 4, new_share: 1, appointments: 9 },
      });
    });

    it('WEB-4: who had a visit before the period is returning, once in the totals; one after it changes nothing', async () => {
      const period = { from: at('2024-01-10'), to: at('2024-03-01') };
      expect(await told(period)).to.deep.equal(['2024-01 1+1=2/2', '2024-02 1+3=4/4']);
      expect(await totals(period)).to.deep.equal({
        ...{ new_patients: 2, returning_patients: 2, patients: 4, new_share: 0.5, appointments: 6 },
      });
    });

    it('WEB-4: the first visit is the first at the places asked for; months are those of the zone', async () => {
      expect(await told({ hospital_ids: ['H2'] })).to.deep.equal(['2024-01 1+0=1/1']);
      expect(await told({ hospital_ids: ['H1'], from: at('2024-02-16') })).to.deep.equal([
        ...['2024-02 1+0=1/1', '2024-03 0+0=0/0', '2024-04 0+1=1/1'],
      ]);
      expect((await told({ timeZone: 'Asia/Tokyo' })).slice(0, 2)).to.deep.equal([
        ...['2024-01 2+0=2/3', '2024-02 2+2=4/5'],
      ]);
      expect(await asked({ from: at('2030-01-01') })).to.deep.include({ rows: [] });
    });
  });

  it('WEB-4: new and returning are all patients of any period, as a recount from visit to visit says', async () => {
    const all = fc
      .sample(visit, { numRuns: 400, seed: 5 })
      .map((one, n): Document => ({ ...one, _id: `A${n}` }));
    // Few patients have many visits: most of these are of others.
    const spread = all.map((one, n) => ({
      ...one,
      patient_id: n % 3 ? `Q${n % 90}` : (one['patient_id'] as string),
    }));
    await scratch.fill({ appointments: spread });
    for (const [from, to] of [
      ['2024-03-01', '2024-04-01'],
      ['2024-01-15', '2024-09-10'],
      ['2023-01-01', '2027-01-01'],
    ] as const) {
      const first = new Map<string, number>();
      const inPeriod = new Set<string>();
      for (const { patient_id, date, status } of spread as unknown as {
        patient_id: string;
        date: Date;
        status: string;
      }[]) {
        if (status !== 'completed') continue;
        first.set(patient_id, Math.min(first.get(patient_id) ?? Infinity, date.getTime()));
        if (date >= at(from) && date < at(to)) inPeriod.add(patient_id);
      }
      const returning = [...inPeriod].filter((id) => first.get(id)! < at(from).getTime()).length;
      const { rows, all: whole } = await asked({ from: at(from), to: at(to) });
      expect(whole!.totals, from).to.include({
        ...{
          patients: inPeriod.size,
          returning_patients: returning,
          new_patients: inPeriod.size - returning,
        },
      });
      expect(rows.reduce((sum, row) => sum + row.new_patients, 0)).to.equal(inPeriod.size - returning);
    }
  });
});
