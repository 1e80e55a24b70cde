import {
  monthlyAppointmentsTrend,
  type MonthlyAppointmentsTrendRow,
} from '../../../../../aggregations/monthly-appointments-trend.js';
import { invalidField } from '../../../../lib/errors.js';
import { integer, optional } from '../../../../lib/fields.js';
import { monthsOf, type Period } from '../../../../lib/period.js';
import { years } from '../../../../lib/time.js';
import { type AppointmentStatus } from '../../../clinical/appointments/appointments.types.js';
import { monthsChart, monthsDrilldown, type MonthRow } from './monthly-appointments-trend.view.js';
import { defineReport } from '../../engine/reports.definition.js';
import { rate } from '../../engine/reports.figures.js';
import { monthText } from '../../mirror/tables.js';
import { monthlyTrendSql } from './monthly-appointments-trend.mirror.js';

function monthRow(month: string, counts: ReadonlyMap<AppointmentStatus, number> | undefined): MonthRow {
  const of = (status: AppointmentStatus): number => counts?.get(status) ?? 0;
  const [completed, cancelled, no_show] = [of('completed'), of('cancelled'), of('no_show')];
  const scheduled = of('scheduled') + of('checked_in');
  return {
    month,
    completed,
    cancelled,
    no_show,
    scheduled,
    total: completed + cancelled + no_show + scheduled,
    cancellation_rate: rate(cancelled, completed + cancelled),
    no_show_rate: rate(no_show, completed + no_show),
  };
}

/** A row of the mirror. */
type CountedRow = Omit<MonthlyAppointmentsTrendRow, 'month'> & { readonly month: number };

/** One row for each of `months`, zeros included. */
export function monthRows(
  counted: readonly MonthlyAppointmentsTrendRow[],
  months: readonly string[],
): MonthRow[] {
  const byMonth = new Map<string, Map<AppointmentStatus, number>>();
  for (const { month, status, appointments } of counted) {
    const counts = byMonth.get(month) ?? new Map<AppointmentStatus, number>();
    byMonth.set(month, counts.set(status, appointments));
  }
  return months.map((month) => monthRow(month, byMonth.get(month)));
}

function merged(counted: readonly MonthlyAppointmentsTrendRow[], { from, to }: Period, timeZone: string) {
  const read = counted.reduce((sum, { appointments }) => sum + appointments, 0);
  return {
    rows: monthRows(counted, monthsOf(from!, to!, timeZone)),
    rows_read: { mongodb: read, postgres: 0 },
  };
}

const count = (name: keyof MonthRow, title: string, description: string) =>
  ({ name, type: 'count', title, description }) as const;

/** REP-3. */
export const monthlyAppointmentsTrendReport = defineReport<MonthRow, MonthlyAppointmentsTrendRow>()({
  id: 'monthly-appointments-trend',
  operationId: 'getMonthlyAppointmentsTrend',
  version: 1,
  title: 'Appointments by month and status',
  question:
    'How many visits took place each month, how many were cancelled, and how many patients did not come.',
  description:
    'One row for each calendar month that `year`, or `from` and `to`, touch (the current year by default), zeros included. ' +
    'Months are those of the report time zone.',
  params: { year: optional(integer(years.first, years.last - 1)) },
  key: ['month'],
  columns: [
    { name: 'month', type: 'month', title: 'Month', description: 'YYYY-MM' },
    { ...count('completed', 'Completed', 'Took place'), headline: true },
    count('cancelled', 'Cancelled', 'Were cancelled'),
    count('no_show', 'No-show', 'The patient did not come'),
    count('scheduled', 'Scheduled', 'Still open: scheduled, or checked in and not completed'),
    { ...count('total', 'Total', 'The sum of the four'), headline: true },
    {
      name: 'cancellation_rate',
      type: 'rate',
      title: 'Cancellation rate',
      description: 'cancelled / (completed + cancelled)',
      total: { part: 'cancelled', whole: ['completed', 'cancelled'] },
      headline: true,
      nullable: true,
      nothing: 'no visits',
    },
    {
      name: 'no_show_rate',
      type: 'rate',
      title: 'No-show rate',
      description: 'no_show / (completed + no_show)',
      total: { part: 'no_show', whole: ['completed', 'no_show'] },
      headline: true,
      nullable: true,
      nothing: 'no visits',
    },
  ],
  prepare(query, today) {
    const { from, to, year } = query;
    if (from === undefined && to === undefined) {
      const asked = year ?? Number(today.slice(0, 4));
      return { ...query, year: asked, from: `${asked}-01-01`, to: `${asked + 1}-01-01` };
    }
    if (year !== undefined) throw invalidField('/query/year', 'goes without from and to');
    if (from === undefined) throw invalidField('/query/from', 'is needed beside to');
    if (to === undefined) throw invalidField('/query/to', 'is needed beside from');
    return query;
  },
  drilldown: monthsDrilldown,
  chart: monthsChart,
  knownAt: () => true,
  sources: ({ period, scope, timeZone }) => ({
    mongodb: monthlyAppointmentsTrend({ ...period, ...scope, timeZone }),
  }),
  merge: ({ mongodb }, { period, timeZone }) => merged(mongodb, period, timeZone),
  mirror: {
    mongodb: ({ period, scope }) => monthlyTrendSql({ ...period, ...scope }),
    row: ({ month, ...row }: CountedRow) => ({ ...row, month: monthText(month) }),
  },
});
