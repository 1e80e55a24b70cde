import { monthlyAppointmentsTrend } from '../../../../../aggregations/monthly-appointments-trend.js';
import { within } from '../../../../../aggregations/stages/filters.js';
import type { Chart } from '../../../../lib/chart.types.js';
import { monthPeriod } from '../../../../lib/period.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { appointmentDrilldown, matchedBy } from '../../drilldown/drilldowns.js';
import type { Row } from '../../engine/reports.types.js';

export interface MonthRow {
  readonly month: string;
  readonly completed: number;
  readonly cancelled: number;
  readonly no_show: number;
  readonly scheduled: number;
  readonly total: number;
  readonly cancellation_rate: number | null;
  readonly no_show_rate: number | null;
}

const parts = [
  ['completed', 'Completed'],
  ['scheduled', 'Scheduled'],
  ['cancelled', 'Cancelled'],
  ['no_show', 'No-show'],
] as const;

export function monthsChart(rows: readonly MonthRow[]): Chart | null {
  if (rows.every(({ total }) => total === 0)) return null;
  return {
    kind: 'stacked-bar',
    title: 'Appointments by month',
    description: 'How many appointments of each month took place, are open, were cancelled or missed.',
    categories: rows.map(({ month }) => month),
    series: parts.map(([figure, name]) => ({ name, values: rows.map((row) => row[figure]) })),
    figures: ['completed', 'total'],
    unit: 'appointments',
  };
}

/** All appointments of a month, as far as it is in the period. */
export const monthsDrilldown = ({ period, scope, timeZone }: Asked<object>, key: Row): Drilldown =>
  appointmentDrilldown(...matchedBy(monthlyAppointmentsTrend({ ...period, ...scope, timeZone })), {
    $match: within('date', monthPeriod(String(key['month']), timeZone)),
  });
