import { expect } from 'chai';
import {
  returningPatients,
  type ReturningPatientsParams,
  type ReturningPatientsRow,
} from '../../aggregations/returning-patients.js';
import { cohortRows } from '../../src/domains/reports/definitions/returning-patients/returning-patients.report.js';
import { appointment, at, openScratch, type Scratch } from './records.js';

describe('aggregation returning-patients', () => {
  let scratch: Scratch;
  before(async () => {
    scratch = await openScratch();
    const visits = (patient_id: string, ...dates: string[]) =>
      dates.map((date) => appointment({ patient_id, date: at(date) }));
    await scratch.fill({
      appointments: [
        ...visits('P1', '2024-01-05', '2024-01-31T23:59:59Z', '2024-02-01', '2025-01-20', '2025-02-01'),
        ...visits('P2', '2024-01-31', '2024-03-01', '2024-03-02'),
        ...visits('P3', '2024-02-15'),
        appointment({ patient_id: 'P3', date: at('2023-01-01'), status: 'no_show' }),
        appointment({ patient_id: 'P4', date: at('2024-02-01T04:00:00Z'), hospital_id: 'H2' }),
        appointment({ patient_id: 'P4', date: at('2024-05-01T12:00:00Z') }),
      ],
    });
  });
  after(() => scratch.close());

  const asked = (params: Partial<ReturningPatientsParams> = {}) =>
    scratch.run<ReturningPatientsRow>(
      returningPatients({ from: null, to: null, timeZone: 'UTC', ...params }),
    );
  const told = (rows: readonly ReturningPatientsRow[]) =>
    rows.map((row) => `${row.cohort}+${row.months_later} ${row.patients}/${row.appointments}`);

  it('REP-5: counts each patient once in a month, up to twelve months after the first one', async () => {
    expect(told(await asked())).to.deep.equal([
      ...['2024-01+0 2/3', '2024-01+1 1/1', '2024-01+2 1/2', '2024-01+12 1/1'],
      ...['2024-02+0 2/2', '2024-02+3 1/1'],
    ]);
  });

  it('REP-5: the first visit is the first at the places asked for, ever; the period chooses among them', async () => {
    expect(told(await asked({ hospital_ids: ['H1'], from: at('2024-02-01') }))).to.deep.equal([
      '2024-02+0 1/1',
      '2024-05+0 1/1',
    ]);
    expect(told(await asked({ from: at('2024-01-06'), to: at('2024-02-01') }))).to.deep.equal([
      '2024-01+0 1/1',
      '2024-01+2 1/2',
    ]);
  });

  it('REP-5: months are those of the zone', async () => {
    const rows = told(await asked({ timeZone: 'America/New_York', from: at('2024-02-01T04:00:00Z') }));
    expect(rows).to.deep.equal(['2024-01+0 1/1', '2024-01+4 1/1', '2024-02+0 1/1']);
  });

  it('REP-5: months without anybody are zeros, and months that are not over are not there', async () => {
    const { rows, appointments } = cohortRows(await asked(), '2024-04');
    expect(rows.map((row) => `${row.cohort}+${row.months_later} ${row.patients} ${row.share}`)).to.deep.equal(
      [
        ...['2024-01+0 2 1', '2024-01+1 1 0.5', '2024-01+2 1 0.5', '2024-01+3 0 0'],
        ...['2024-02+0 2 1', '2024-02+1 0 0', '2024-02+2 0 0'],
      ],
    );
    expect(appointments).to.equal(8);
    expect(cohortRows(await asked(), '2023-12')).to.deep.equal({ rows: [], appointments: 0 });
    expect(cohortRows([], '2024-04').rows).to.deep.equal([]);
  });
});
