import {
  newAndReturningPatients,
  type NewAndReturningPatientsRow,
} from '../../../../../aggregations/new-and-returning-patients.js';
import { defineReport, type Merged } from '../../engine/reports.definition.js';
import { monthsBetween, rate, sumOf } from '../../engine/reports.figures.js';
import { monthText } from '../../mirror/tables.js';
import { newAndReturningPatientsSql } from './new-and-returning-patients.mirror.js';
import {
  patientsChart,
  patientsDrilldown,
  patientsParams,
  type PatientsRow,
} from './new-and-returning-patients.view.js';

const figuresOf = (new_patients: number, returning_patients: number, appointments: number) => {
  const patients = new_patients + returning_patients;
  return {
    new_patients,
    returning_patients,
    patients,
    new_share: rate(new_patients, patients),
    appointments,
  };
};

/** In the figures of all months a patient who came in several is counted once. */
export function patientRows(counted: readonly NewAndReturningPatientsRow[]): Merged<PatientsRow> {
  const byMonth = new Map(counted.map((row) => [row.month, row]));
  const rows = monthsBetween([...byMonth.keys()]).map((month): PatientsRow => {
    const { patients = 0, new_patients = 0, appointments = 0 } = byMonth.get(month) ?? {};
    return { month, ...figuresOf(new_patients, patients - new_patients, appointments) };
  });
  const [fresh, returned, appointments] = [
    sumOf(counted, ({ new_patients }) => new_patients),
    sumOf(counted, (row) => row.returned),
    sumOf(counted, (row) => row.appointments),
  ];
  return {
    rows,
    all: { of: rows.length, totals: figuresOf(fresh, returned, appointments) },
    rows_read: { mongodb: appointments, postgres: 0 },
  };
}

const people = (name: keyof PatientsRow, title: string, description: string) =>
  ({ name, type: 'count', title, description, persons: true, total: 'own', headline: true }) as const;

/** A row of the mirror. */
type CountedRow = Omit<NewAndReturningPatientsRow, 'month'> & { readonly month: number };

/** WEB-4. */
export const newAndReturningPatientsReport = defineReport<PatientsRow, NewAndReturningPatientsRow>()({
  id: 'new-and-returning-patients',
  operationId: 'getNewAndReturningPatients',
  version: 1,
  title: 'New and returning patients by month',
  question:
    'How many of the patients who came in a month came for the first time, and how many had come before.',
  description:
    'One row for each calendar month of the report time zone (REPORT_TIME_ZONE) from the first to the last with a completed appointment. ' +
    'A patient is new in the month of the first completed appointment ever, at the places asked for, and returning in every later one; ' +
    'whoever had one before `from` is returning in all of them. In the totals each patient of the period counts once: new who had none ' +
    'before it, returning who had, and the two together are all patients of the period.',
  params: {},
  key: ['month'],
  columns: [
    { name: 'month', type: 'month', title: 'Month', description: 'YYYY-MM' },
    {
      ...people(
        'new_patients',
        'New patients',
        'Whose first visit ever, at the places asked for, was in this month and period',
      ),
      total: 'sum',
    },
    people(
      'returning_patients',
      'Returning patients',
      'Those who had a visit before this month, or before the period',
    ),
    people('patients', 'Patients', 'Distinct ones who had a visit: new_patients + returning_patients'),
    {
      ...{
        name: 'new_share',
        type: 'rate',
        title: 'Share of new ones',
        description: 'new_patients / patients',
      },
      ...{ total: 'own', nullable: true, nothing: 'no visits', headline: true },
    },
    { name: 'appointments', type: 'count', title: 'Visits', description: 'Completed appointments' },
  ],
  knownAt: () => true,
  sources: (asked) => ({ mongodb: newAndReturningPatients(patientsParams(asked)) }),
  merge: ({ mongodb }) => patientRows(mongodb),
  mirror: {
    mongodb: (asked) => newAndReturningPatientsSql(patientsParams(asked)),
    row: ({ month, ...row }: CountedRow) => ({ ...row, month: monthText(month) }),
  },
  drilldown: patientsDrilldown,
  chart: patientsChart,
});
