import { DateTime } from 'luxon';
import {
  doctorUtilisation,
  type DoctorUtilisationRow,
} from '../../../../../aggregations/doctor-utilisation.js';
import type { Scope } from '../../../../../aggregations/stages/filters.js';
import type { DoctorTimeRow, HoursRow } from '../../../../../aggregations/stages/duty.js';
import { invalidField } from '../../../../lib/errors.js';
import { minutesWithin, type Presence } from '../../../network/doctors/index.js';
import { doctorUtilisationMirror } from './doctor-utilisation.mirror.js';
import { utilisationChart, utilisationDrilldown, type UtilisationRow } from './doctor-utilisation.view.js';
import { defineReport, type Asked, type Merged } from '../../engine/reports.definition.js';
import { rate, sumOf } from '../../engine/reports.figures.js';

type Question = Pick<Asked<object>, 'period' | 'scope'>;

/** What doctors have in common: the hours of departments, and the days of the period in the zones of hospitals. */
interface Places {
  readonly hours: ReadonlyMap<string, HoursRow>;
  readonly minutes: ReadonlyMap<string, ReturnType<typeof minutesWithin>>;
}

function placesOf(rows: readonly DoctorUtilisationRow[], { period }: Question): Places {
  const hours = new Map<string, HoursRow>();
  const minutes = new Map<string, ReturnType<typeof minutesWithin>>();
  const ofZone = new Map<string, ReturnType<typeof minutesWithin>>();
  for (const row of rows) {
    if (row.kind === 'department') hours.set(row.department_id, row);
    if (row.kind !== 'hospital') continue;
    const { hospital_id, time_zone } = row;
    const known = ofZone.get(time_zone) ?? minutesWithin({ from: period.from!, to: period.to! }, time_zone);
    ofZone.set(time_zone, known);
    minutes.set(hospital_id, known);
  }
  return { hours, minutes };
}

type PresentDoctor = Required<DoctorTimeRow['doctor']>;

const isPresent = (doctor: DoctorTimeRow['doctor'], { hospital_ids, department_ids }: Scope): boolean =>
  doctor.name !== undefined &&
  (hospital_ids?.includes(doctor.hospital_id!) ?? true) &&
  (department_ids?.includes(doctor.department_id!) ?? true);

/** Null where the doctor is gone, or works elsewhere now. */
function minutesOf(
  { doctor }: DoctorTimeRow,
  { hours, minutes }: Places,
  { scope }: Question,
): number | null {
  if (!isPresent(doctor, scope)) return null;
  const { hospital_id, department_id, slot_capacity, ...rest } = doctor as PresentDoctor;
  const [open, within] = [hours.get(department_id), minutes.get(hospital_id)];
  if (!open || !within) return null;
  const presence: Presence = rest;
  return within(presence, open) * (slot_capacity ?? 1);
}

function utilisationRow(row: DoctorTimeRow, places: Places, asked: Question): UtilisationRow {
  const { doctor_id, doctor, appointments, minutes, open_ended } = row;
  const booked_minutes = minutes + open_ended * (doctor.slot_minutes ?? 0);
  const available_minutes = minutesOf(row, places, asked);
  return {
    doctor_id,
    name: doctor.name ?? null,
    department_id: doctor.department_id ?? null,
    appointments,
    booked_minutes,
    available_minutes,
    utilisation: rate(booked_minutes, available_minutes ?? 0),
  };
}

/** By the exact share, descending; a share of nothing comes last. */
function byUtilisation(a: UtilisationRow, b: UtilisationRow): number {
  const [free, other] = [a.available_minutes ?? 0, b.available_minutes ?? 0];
  const order =
    free === 0 || other === 0
      ? Number(free === 0) - Number(other === 0)
      : b.booked_minutes * free - a.booked_minutes * other;
  return order || (a.doctor_id < b.doctor_id ? -1 : Number(a.doctor_id > b.doctor_id));
}

/** A row for each doctor who is there now or has appointments, ranked. */
export function utilisation(rows: readonly DoctorUtilisationRow[], asked: Question): Merged<UtilisationRow> {
  const places = placesOf(rows, asked);
  const doctors = rows.filter((row): row is DoctorTimeRow => row.kind === 'doctor');
  return {
    rows: doctors.map((row) => utilisationRow(row, places, asked)).sort(byUtilisation),
    rows_read: { mongodb: sumOf(doctors, (row) => row.appointments), postgres: 0 },
  };
}

const longestDays = 366;

/** The month of `today`, unless both ends are given. Throws `invalid_request`. */
function boundPeriod<Q extends { from?: string | undefined; to?: string | undefined }>(
  query: Q,
  today: string,
): Q {
  const { from, to } = query;
  if (from === undefined && to === undefined) {
    const month = DateTime.fromISO(today, { zone: 'utc' }).startOf('month');
    return { ...query, from: month.toISODate(), to: month.plus({ months: 1 }).toISODate() };
  }
  if (from === undefined) throw invalidField('/query/from', 'is needed beside to');
  if (to === undefined) throw invalidField('/query/to', 'is needed beside from');
  const [start, end] = [from, to].map((text) => DateTime.fromISO(text, { zone: 'utc' }));
  // A day begins up to so much before or after that of UTC.
  if (end!.diff(start!, 'days').days > longestDays + 0.6)
    throw invalidField('/query/to', 'is more than a year after from');
  return query;
}

const count = (name: keyof UtilisationRow, title: string, description: string) =>
  ({ name, type: 'count', title, description }) as const;

/** REP-5. */
export const doctorUtilisationReport = defineReport<UtilisationRow, DoctorUtilisationRow>()({
  id: 'doctor-utilisation',
  operationId: 'getDoctorUtilisation',
  version: 1,
  title: 'How much of the doctors’ available time is booked',
  question: 'How much of the time that doctors offer is booked, and whose calendar has room.',
  description:
    'By `utilisation` descending, then `doctor_id`; of the current month unless `from` and `to` (at most a year apart) are given. Booked: the ' +
    'slots of appointments that were not cancelled; one from elsewhere, without an end, counts as a slot of the doctor’s, or as no time ' +
    'when the doctor’s record is gone. Available: the weekly windows within the hours of the department, on days that are not leave and ' +
    'not after the registration ends, in the zone of the hospital, times the slot’s capacity. All of that as it stands now: who had other ' +
    'windows then is measured by those of today, and who works elsewhere now has none here. Over 1 is overbooked.',
  params: {},
  key: ['doctor_id'],
  columns: [
    { name: 'doctor_id', type: 'text', title: 'Doctor id', description: 'The doctor' },
    { name: 'name', type: 'text', title: 'Doctor', description: 'The name', nullable: true },
    {
      name: 'department_id',
      type: 'text',
      title: 'Department',
      description: 'The department that the doctor is in now',
      nullable: true,
    },
    { ...count('appointments', 'Appointments', 'Appointments that were not cancelled'), headline: true },
    count('booked_minutes', 'Booked minutes', 'Their minutes'),
    { ...count('available_minutes', 'Available minutes', 'Minutes that could be booked'), nullable: true },
    {
      name: 'utilisation',
      type: 'rate',
      title: 'Utilisation',
      description: 'booked_minutes / available_minutes',
      total: { part: 'booked_minutes', whole: ['available_minutes'] },
      headline: true,
      nullable: true,
      nothing: 'no time offered',
    },
  ],
  counts_differently: [
    {
      ...{ about: 'appointments', than: 'monthly-appointments-trend' },
      why: 'Those cancelled do not count; appointments by month are also these.',
    },
  ],
  prepare: boundPeriod,
  sources: ({ period, scope }) => ({ mongodb: doctorUtilisation({ ...period, ...scope }) }),
  merge: ({ mongodb }, asked) => utilisation(mongodb, asked),
  mirror: doctorUtilisationMirror,
  drilldown: utilisationDrilldown,
  chart: utilisationChart,
});
