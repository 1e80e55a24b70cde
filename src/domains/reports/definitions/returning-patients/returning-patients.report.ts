import {
  mostMonthsLater,
  returningPatients,
  type ReturningPatientsRow,
} from '../../../../../aggregations/returning-patients.js';
import { optional, text } from '../../../../lib/fields.js';
import { invalidField } from '../../../../lib/errors.js';
import { isInYears, years } from '../../../../lib/time.js';
import { defineReport, type Merged } from '../../engine/reports.definition.js';
import { rate, sumOf } from '../../engine/reports.figures.js';
import { monthText } from '../../mirror/tables.js';
import { returningPatientsSql } from './returning-patients.mirror.js';
import {
  cohortChart,
  cohortDrilldown,
  cohortParams,
  monthAfter,
  type CohortRow,
} from './returning-patients.view.js';

/** The months of each cohort, zeros included, up to `until`; and how many appointments they are made of. */
export function cohortRows(
  counted: readonly ReturningPatientsRow[],
  until: string,
): { rows: CohortRow[]; appointments: number } {
  const shown = counted.filter((row) => monthAfter(row.cohort, row.months_later) <= until);
  const found = new Map(shown.map((row) => [`${row.cohort} ${row.months_later}`, row.patients]));
  const rows = [...new Set(shown.map(({ cohort }) => cohort))].sort().flatMap((cohort) => {
    const cohort_patients = found.get(`${cohort} 0`)!;
    return Array.from({ length: mostMonthsLater + 1 }, (_, months_later) => {
      const patients = found.get(`${cohort} ${months_later}`) ?? 0;
      return { cohort, cohort_patients, months_later, patients, share: rate(patients, cohort_patients)! };
    }).filter((row) => monthAfter(cohort, row.months_later) <= until);
  });
  return { rows, appointments: sumOf(shown, (row) => row.appointments) };
}

function merge(
  { mongodb }: { readonly mongodb: readonly ReturningPatientsRow[] },
  { query }: { readonly query: { readonly until?: string | undefined } },
): Merged<CohortRow> {
  const { rows, appointments } = cohortRows(mongodb, query.until!);
  return { rows, rows_read: { mongodb: appointments, postgres: 0 } };
}

const people = (name: keyof CohortRow, title: string, description: string) =>
  ({ name, type: 'count', title, description, persons: true }) as const;

/** A row of the mirror. */
type CountedRow = Omit<ReturningPatientsRow, 'cohort'> & { readonly cohort: number };

/** REP-5. */
export const returningPatientsReport = defineReport<CohortRow, ReturningPatientsRow>()({
  id: 'returning-patients',
  operationId: 'getReturningPatients',
  version: 1,
  title: 'How many patients come again, by the month of their first visit',
  question:
    'Of the patients who came for the first time in a month, how many came again in the months after.',
  description:
    'A cohort is the patients whose first completed appointment ever, at the places asked for, was in that month of the report time zone ' +
    '(REPORT_TIME_ZONE); `from` and `to` choose the first appointments. For each, 0 to 12 months later: how many distinct patients had a ' +
    'completed appointment in that month; 0 is the cohort itself. Months after `until` are left out, for they are not over.',
  params: {
    until: optional(
      text(7)
        .pattern(/^\d{4}-(0[1-9]|1[0-2])$/, 'YYYY-MM')
        .description('The last month that is looked at; the current one by default.')
        .example('2026-01'),
    ),
  },
  key: ['cohort', 'months_later'],
  columns: [
    { name: 'cohort', type: 'month', title: 'Cohort', description: 'The month of the first visit' },
    people('cohort_patients', 'Patients', 'The patients of the cohort'),
    { name: 'months_later', type: 'count', title: 'Months later', description: '0 to 12' },
    people('patients', 'Came again', 'Those of them who had a completed appointment in that month'),
    { name: 'share', type: 'rate', title: 'Share', description: 'patients / cohort_patients' },
  ],
  prepare(query, today) {
    if (query.until !== undefined && !isInYears(Number(query.until.slice(0, 4))))
      throw invalidField('/query/until', `is not a month between ${years.first} and ${years.last}`);
    return { ...query, until: query.until ?? today.slice(0, 7) };
  },
  knownAt: () => true,
  sources: (asked) => ({ mongodb: returningPatients(cohortParams(asked)) }),
  merge,
  mirror: {
    mongodb: (asked) => returningPatientsSql(cohortParams(asked)),
    row: ({ cohort, ...row }: CountedRow) => ({ ...row, cohort: monthText(cohort) }),
  },
  drilldown: cohortDrilldown,
  chart: cohortChart,
});
