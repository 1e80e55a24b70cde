import { within } from '../../../../../aggregations/stages/filters.js';
import { waitingTimes, type WaitingTimesParams } from '../../../../../aggregations/waiting-times.js';
import type { Chart } from '../../../../lib/chart.types.js';
import { monthPeriod } from '../../../../lib/period.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { appointmentDrilldown, matchedBy } from '../../drilldown/drilldowns.js';
import { chartRows, toldApart } from '../../engine/reports.figures.js';
import type { Row } from '../../engine/reports.types.js';

export interface WaitingRow {
  readonly month: string | null;
  readonly hospital_id: string | null;
  readonly hospital: string | null;
  readonly department_id: string | null;
  readonly department: string | null;
  readonly doctor_id: string | null;
  readonly doctor: string | null;
  readonly visits: number;
  readonly median_days: number | null;
  readonly average_days: number | null;
  readonly p90_days: number | null;
  readonly max_days: number | null;
  readonly without_booking: number;
}

type Question = Asked<Pick<WaitingTimesParams, 'by'>>;

export const waitingParams = ({ query, period, scope, timeZone }: Question): WaitingTimesParams => ({
  ...period,
  ...scope,
  by: query.by,
  timeZone,
});

const nothing = 'no bookings';

const seriesOf = (rows: readonly WaitingRow[]) => [
  { name: 'Median', nothing, values: rows.map(({ median_days }) => median_days) },
  { name: 'Average', nothing, values: rows.map(({ average_days }) => average_days) },
];

export function waitingChart(rows: readonly WaitingRow[], { query: { by } }: Question): Chart | null {
  if (rows.every(({ visits }) => visits === 0)) return null;
  const about = { title: `Waiting time by ${by}`, unit: 'days' };
  if (by === 'month')
    return {
      ...about,
      kind: 'line',
      description: 'Median and average days from the booking to the visit, for each month of visits.',
      categories: rows.map(({ month }) => month!),
      figures: ['median_days', 'average_days'],
      series: seriesOf(rows),
    };
  const shown = rows.slice(0, chartRows);
  return {
    ...about,
    kind: 'bar',
    description: `Median and average days from the booking to the visit, where patients wait longest.`,
    categories: toldApart(
      shown.map((row) => {
        const id = row[`${by}_id`] ?? 'Unknown';
        return [row[by] ?? id, by === 'hospital' ? null : row.hospital, id];
      }),
    ),
    series: seriesOf(shown),
  };
}

/** The visits of a row, those without a booking too. */
export function waitingDrilldown(asked: Question, key: Row): Drilldown {
  const { by } = asked.query;
  return appointmentDrilldown(...matchedBy(waitingTimes(waitingParams(asked))), {
    $match:
      by === 'month'
        ? within('date', monthPeriod(String(key['month']), asked.timeZone))
        : { [`${by}_id`]: key[`${by}_id`] ?? null },
  });
}
