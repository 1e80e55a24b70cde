import { doctorUtilisation } from '../../../../../aggregations/doctor-utilisation.js';
import type { Chart } from '../../../../lib/chart.types.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { appointmentDrilldown, matchedBy } from '../../drilldown/drilldowns.js';
import { chartRows, percent, toldApart } from '../../engine/reports.figures.js';
import type { Row } from '../../engine/reports.types.js';

export interface UtilisationRow {
  readonly doctor_id: string;
  readonly name: string | null;
  readonly department_id: string | null;
  readonly appointments: number;
  readonly booked_minutes: number;
  readonly available_minutes: number | null;
  readonly utilisation: number | null;
}

export function utilisationChart(rows: readonly UtilisationRow[]): Chart | null {
  const shown = rows.filter(({ utilisation }) => utilisation !== null).slice(0, chartRows);
  if (shown.length === 0) return null;
  return {
    kind: 'bar',
    title: 'Booked share of the doctors’ available time',
    description: `How many of a hundred available minutes are booked, for the ${chartRows} most booked doctors.`,
    categories: toldApart(shown.map(({ name, doctor_id }) => [name ?? doctor_id, doctor_id])),
    series: [{ name: 'Utilisation', values: shown.map(({ utilisation }) => percent(utilisation)) }],
    unit: '%',
  };
}

/** The appointments that have, or had, the doctor's time. */
export const utilisationDrilldown = ({ period, scope }: Asked<object>, key: Row): Drilldown =>
  appointmentDrilldown(...matchedBy(doctorUtilisation({ ...period, ...scope })), {
    $match: { doctor_id: key['doctor_id'] },
  });
