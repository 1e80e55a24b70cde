import {
  arrivalTime,
  patientFlow,
  type PatientFlowParams,
} from '../../../../../aggregations/patient-flow.js';
import type { Chart } from '../../../../lib/chart.types.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { appointmentDrilldown, matchedBy } from '../../drilldown/drilldowns.js';
import { hours, weekdays } from '../../engine/reports.figures.js';
import type { Row } from '../../engine/reports.types.js';

export interface FlowRow {
  readonly weekday: number;
  readonly hour: number;
  readonly appointments: number;
  /** Such weekdays in the period; null when it has no beginning or no end. */
  readonly days: number | null;
  readonly average: number | null;
}

type Question = Asked<object>;

export const flowParams = ({ period, scope, timeZone }: Question): PatientFlowParams => ({
  ...period,
  ...scope,
  timeZone,
});

/** Averages where the period has two ends, else counts. */
export function flowChart(rows: readonly FlowRow[]): Chart | null {
  if (rows.every(({ appointments }) => appointments === 0)) return null;
  const isAverage = rows.every(({ average }) => average !== null);
  // One that is hidden is not among them.
  const indices = new Map(rows.map(({ weekday, hour }, index) => [weekday * 24 + hour, index]));
  const indexAt = (day: number, hour: number): number | null => indices.get((day + 1) * 24 + hour) ?? null;
  const cells = weekdays.map((_, day) => hours.map((_hour, hour) => indexAt(day, hour)));
  const value = (index: number | null): number | null => {
    const row = index === null ? undefined : rows[index];
    return (isAverage ? row?.average : row?.appointments) ?? null;
  };
  return {
    kind: 'heat-map',
    title: 'When patients come',
    description: isAverage
      ? 'Arrivals of an average week, by weekday and hour.'
      : 'Arrivals by weekday and hour.',
    x: hours,
    y: weekdays,
    values: cells.map((row) => row.map(value)),
    rows: cells,
    unit: isAverage ? 'arrivals per day' : 'arrivals',
  };
}

/** The appointments to which patients came in that hour of that weekday. */
export function flowDrilldown(asked: Question, key: Row): Drilldown {
  const { weekday, hour } = arrivalTime(asked.timeZone);
  const is = (expression: object, value: unknown) => ({ $eq: [expression, Number(value)] });
  return appointmentDrilldown(...matchedBy(patientFlow(flowParams(asked))), {
    $match: { $expr: { $and: [is(weekday, key['weekday']), is(hour, key['hour'])] } },
  });
}
