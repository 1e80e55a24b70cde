import {
  newAndReturningPatients,
  type NewAndReturningPatientsParams,
} from '../../../../../aggregations/new-and-returning-patients.js';
import { within } from '../../../../../aggregations/stages/filters.js';
import type { Chart } from '../../../../lib/chart.types.js';
import { monthPeriod } from '../../../../lib/period.js';
import { appointmentDrilldown, matchedBy } from '../../drilldown/drilldowns.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import type { Row } from '../../engine/reports.types.js';

export interface PatientsRow {
  readonly month: string;
  readonly new_patients: number;
  readonly returning_patients: number;
  readonly patients: number;
  readonly new_share: number | null;
  readonly appointments: number;
}

type Question = Asked<object>;

export const patientsParams = ({ period, scope, timeZone }: Question): NewAndReturningPatientsParams => ({
  ...period,
  ...scope,
  timeZone,
});

const parts = [
  ['new_patients', 'New'],
  ['returning_patients', 'Returning'],
] as const;

export function patientsChart(rows: readonly PatientsRow[]): Chart | null {
  if (rows.every(({ patients }) => patients === 0)) return null;
  return {
    kind: 'stacked-bar',
    title: 'New and returning patients by month',
    description:
      'How many of the patients who came in a month came for the first time, and how many had come before.',
    categories: rows.map(({ month }) => month),
    series: parts.map(([figure, name]) => ({ name, values: rows.map((row) => row[figure]) })),
    figures: ['new_patients'],
    unit: 'patients',
  };
}

/** The visits of a month, as far as it is in the period. */
export const patientsDrilldown = (asked: Question, key: Row): Drilldown =>
  appointmentDrilldown(
    ...matchedBy(newAndReturningPatients(patientsParams(asked))),
    { $match: within('date', asked.period) },
    { $match: within('date', monthPeriod(String(key['month']), asked.timeZone)) },
  );
