import { topDoctors, type TopDoctorsRow } from '../../../../../aggregations/top-doctors.js';
import { integer, oneOf, withDefault } from '../../../../lib/fields.js';
import { appointmentStatuses } from '../../../clinical/appointments/appointments.types.js';
import { defineReport, type Merged } from '../../engine/reports.definition.js';
import { topDoctorsSql } from './top-doctors.mirror.js';
import {
  topDoctorsChart,
  topDoctorsDrilldown,
  topDoctorsParams,
  type DoctorRow,
} from './top-doctors.view.js';

function merge({ mongodb }: { readonly mongodb: readonly TopDoctorsRow[] }): Merged<DoctorRow> {
  const { doctors: of, rows_read } = mongodb[0] ?? { doctors: 0, rows_read: 0 };
  return {
    rows: mongodb.map(({ doctors: _of, rows_read: _all, ...row }) => row),
    all: { of, totals: { appointments: rows_read } },
    rows_read: { mongodb: rows_read, postgres: 0 },
  };
}

/** REP-1. */
export const topDoctorsReport = defineReport<DoctorRow, TopDoctorsRow>()({
  id: 'top-doctors',
  operationId: 'getTopDoctors',
  version: 1,
  title: 'The doctors with the most patients or appointments',
  question: 'Which doctors see the most patients, and how many appointments those are.',
  description:
    'Ranked by the figure that `by` names, descending, then by the other one, then by `doctor_id`. Patients are distinct ones; ' +
    'the period is that of the appointments, and so are hospital and department.',
  params: {
    by: withDefault(oneOf('patients', 'appointments'), 'patients'),
    status: withDefault(oneOf(...appointmentStatuses), 'completed'),
    limit: withDefault(integer(1, 100), 5),
  },
  key: ['doctor_id'],
  columns: [
    { name: 'doctor_id', type: 'text', title: 'Doctor id', description: 'The doctor' },
    { name: 'name', type: 'text', title: 'Doctor', description: 'The name', nullable: true },
    { name: 'specialty', type: 'text', title: 'Specialty', description: 'The specialty', nullable: true },
    {
      name: 'department_id',
      type: 'text',
      title: 'Department',
      description: 'The department that the doctor is in now',
      nullable: true,
    },
    { name: 'patients', type: 'count', title: 'Patients', description: 'Distinct patients', persons: true },
    {
      name: 'appointments',
      type: 'count',
      title: 'Appointments',
      description: 'Appointments',
      headline: true,
    },
  ],
  counts_differently: [
    {
      ...{ about: 'appointments', than: 'monthly-appointments-trend' },
      why: 'Appointments of one status count, completed ones by default; appointments by month are of every status.',
    },
  ],
  knownAt: () => true,
  sources: (asked) => ({ mongodb: topDoctors(topDoctorsParams(asked)) }),
  merge,
  mirror: { mongodb: (asked) => topDoctorsSql(topDoctorsParams(asked)) },
  drilldown: topDoctorsDrilldown,
  chart: topDoctorsChart,
});
