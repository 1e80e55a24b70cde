import {
  topDoctors,
  type TopDoctorsParams,
  type TopDoctorsRow,
} from '../../../../../aggregations/top-doctors.js';
import type { Chart } from '../../../../lib/chart.types.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { appointmentDrilldown, matchedBy } from '../../drilldown/drilldowns.js';
import { chartRows, toldApart } from '../../engine/reports.figures.js';
import type { Row } from '../../engine/reports.types.js';

export type DoctorRow = Omit<TopDoctorsRow, 'doctors' | 'rows_read'>;

type Question = Asked<Pick<TopDoctorsParams, 'by' | 'status' | 'limit'>>;

export const topDoctorsParams = ({
  query: { by, status, limit },
  period,
  scope,
}: Question): TopDoctorsParams => ({
  ...{ ...period, ...scope },
  ...{ by, status, limit },
});

export function topDoctorsChart(rows: readonly DoctorRow[], { query: { by } }: Question): Chart | null {
  const shown = rows.slice(0, chartRows);
  if (shown.length === 0) return null;
  const other = by === 'patients' ? 'appointments' : 'patients';
  return {
    kind: 'bar',
    title: `Doctors with the most ${by}`,
    description: `Distinct patients and appointments of the doctors with the most ${by}.`,
    categories: toldApart(
      shown.map(({ name, specialty, doctor_id }) => [name ?? doctor_id, specialty, doctor_id]),
    ),
    series: [by, other].map((figure) => ({
      name: figure === 'patients' ? 'Patients' : 'Appointments',
      values: shown.map((row) => row[figure as typeof by]),
    })),
    unit: 'patients, appointments',
  };
}

/** The appointments that a doctor is ranked by. */
export const topDoctorsDrilldown = (asked: Question, key: Row): Drilldown =>
  appointmentDrilldown(...matchedBy(topDoctors(topDoctorsParams(asked))), {
    $match: { doctor_id: key['doctor_id'] },
  });
