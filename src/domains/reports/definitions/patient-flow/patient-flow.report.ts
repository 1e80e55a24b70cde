import { DateTime } from 'luxon';
import { patientFlow, type PatientFlowRow } from '../../../../../aggregations/patient-flow.js';
import { ratio } from '../../../../lib/money.js';
import type { Period } from '../../../../lib/period.js';
import { patientFlowSql } from './patient-flow.mirror.js';
import { flowChart, flowDrilldown, flowParams, type FlowRow } from './patient-flow.view.js';
import { defineReport, type Asked, type Merged } from '../../engine/reports.definition.js';
import { sumOf } from '../../engine/reports.figures.js';

/** How many days of each ISO weekday (at its index less one) the period touches, in `zone`; null without both ends. */
export function weekdaysIn({ from, to }: Period, zone: string): readonly number[] | null {
  if (!from || !to) return null;
  const start = DateTime.fromJSDate(from, { zone }).startOf('day');
  const end = DateTime.fromJSDate(to, { zone });
  const touched = end.diff(start, 'days').days;
  const days = from < to ? Math.ceil(touched) : 0;
  return Array.from({ length: 7 }, (_, index) => {
    const ahead = (index + 1 - start.weekday + 7) % 7;
    return Math.max(0, Math.ceil((days - ahead) / 7));
  });
}

/** A row for each hour of each weekday, zeros included. */
export function flowRows(counted: readonly PatientFlowRow[], period: Period, zone: string): FlowRow[] {
  const found = new Map(
    counted.map(({ weekday, hour, appointments }) => [weekday * 24 + hour, appointments]),
  );
  const days = weekdaysIn(period, zone);
  return Array.from({ length: 7 * 24 }, (_, n) => {
    const [weekday, hour] = [Math.floor(n / 24) + 1, n % 24];
    const appointments = found.get(weekday * 24 + hour) ?? 0;
    const such = days && days[weekday - 1]!;
    const average = such ? Number(ratio(BigInt(appointments), BigInt(such), 2)) : null;
    return { weekday, hour, appointments, days: such, average };
  });
}

function merged(
  counted: readonly PatientFlowRow[],
  { period, timeZone }: Pick<Asked<object>, 'period' | 'timeZone'>,
): Merged<FlowRow> {
  const rows_read = { mongodb: sumOf(counted, (row) => row.appointments), postgres: 0 };
  return { rows: flowRows(counted, period, timeZone), rows_read };
}

const count = (name: keyof FlowRow, title: string, description: string) =>
  ({ name, type: 'count', title, description }) as const;

/** REP-5. */
export const patientFlowReport = defineReport<FlowRow, PatientFlowRow>()({
  id: 'patient-flow',
  operationId: 'getPatientFlow',
  version: 1,
  title: 'When patients come: arrivals by weekday and hour',
  question: 'At which hours of which days the waiting rooms are full.',
  description:
    'One row for each hour of each weekday (ISO: 1 is Monday), zeros included: the appointments to which the patient came (completed or ' +
    'checked in), by their date, in the report time zone (REPORT_TIME_ZONE). With both `from` and `to`, the average is over all such weekdays ' +
    'that the period touches.',
  params: {},
  key: ['weekday', 'hour'],
  columns: [
    count('weekday', 'Weekday', '1 (Monday) to 7 (Sunday)'),
    count('hour', 'Hour', 'The hour that begins, 0 to 23'),
    count('appointments', 'Arrivals', 'Appointments to which the patient came'),
    { ...count('days', 'Days', 'Such weekdays in the period'), nullable: true, total: 'none' },
    {
      name: 'average',
      type: 'decimal',
      title: 'Average',
      description: 'appointments / days',
      nullable: true,
    },
  ],
  counts_differently: [
    {
      ...{ about: 'appointments', than: 'monthly-appointments-trend' },
      why: 'Visits to which the patient came count; appointments by month are also those missed, cancelled and to come.',
    },
  ],
  knownAt: () => true,
  sources: (asked) => ({ mongodb: patientFlow(flowParams(asked)) }),
  merge: ({ mongodb }, asked) => merged(mongodb, asked),
  mirror: { mongodb: (asked) => patientFlowSql(flowParams(asked)) },
  drilldown: flowDrilldown,
  chart: flowChart,
});
