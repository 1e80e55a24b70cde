import type { Money } from '../../../lib/money.js';
import type {
  ImportedAppointment,
  AppointmentStatus,
  AppointmentStep,
} from '../../clinical/appointments/appointments.types.js';
import type { Department } from '../../network/departments/departments.types.js';
import type { Doctor } from '../../network/doctors/doctors.types.js';
import type { Hospital } from '../../network/hospitals/hospitals.types.js';
import type { Sex } from '../../../lib/sex.js';
import { blankPatient, type Patient } from '../../clinical/patients/patients.types.js';
import type { Mapped, Row } from './imports.types.js';
import { day, foreignId, optionalDay, requiredText, tryMap, Unusable } from './values.js';

/*
 * Rows of the medscheduler generator → our records, pure. It has outpatient slots but no doctors and no places, so one
 * hospital, one department and one doctor stand for the clinic. Its times are read as UTC, see docs/import.md.
 */
export const medschedulerColumns = {
  patients: ['patient_id', 'name', 'sex', 'dob'],
  appointments: [
    'appointment_id', 'patient_id', 'scheduling_date', 'appointment_date', 'appointment_time', 'status',
    'check_in_time', 'end_time',
  ],
} as const; // prettier-ignore

type Columns = typeof medschedulerColumns;
type MedschedulerRow<F extends keyof Columns> = Row<Columns[F][number]>;

const place = {
  doctor_id: 'MEDSCHEDULER-DOCTOR',
  department_id: 'MEDSCHEDULER-OUTPATIENTS',
  hospital_id: 'MEDSCHEDULER',
} as const;

/** The clinic of all appointments. Its slots are 15 minutes on weekdays from 08:00, the last one at 17:45. */
export function clinic(now: Date): { hospital: Hospital; department: Department; doctor: Doctor } {
  const times = { created_at: now, updated_at: now };
  const hours = { start: '08:00', end: '18:00' };
  return {
    hospital: {
      hospital_id: place.hospital_id,
      name: 'Medscheduler Outpatient Hospital',
      region: 'England',
      address: null,
      location: null,
      time_zone: 'UTC',
      version: 1,
      ...times,
    },
    department: {
      department_id: place.department_id,
      hospital_id: place.hospital_id,
      department_name: 'Outpatients',
      operating_start_hour: hours.start,
      operating_end_hour: hours.end,
      created_date: now,
      last_update: now,
      version: 1,
    },
    doctor: {
      ...place,
      name: 'Outpatient Clinic',
      specialty: 'Outpatients',
      registration_number: 'MEDSCHEDULER-1',
      registration_expiry: new Date(Date.UTC(2035, 0, 1)),
      consultation_fee: '120.00' as Money,
      availability: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, ...hours })),
      slot_minutes: 15,
      slot_capacity: 1,
      leave_days: [],
      accepting: true,
      user_id: null,
      version: 1,
      ...times,
    },
  };
}

const sexes: Readonly<Record<string, Sex>> = { Male: 'male', Female: 'female', '': 'unknown' };

export const toPatient = (row: MedschedulerRow<'patients'>, now: Date): Mapped<Patient> =>
  tryMap(() => {
    const sex = sexes[row.sex];
    if (sex === undefined) throw new Unusable('sex is neither Male nor Female');
    const known = {
      patient_id: foreignId(row, 'patient_id'),
      name: requiredText(row, 'name'),
      date_of_birth: optionalDay(row, 'dob'),
      sex,
    };
    return { record: blankPatient(known, now) };
  });

const statuses: Readonly<Record<string, AppointmentStatus>> = {
  attended: 'completed',
  cancelled: 'cancelled',
  'did not attend': 'no_show',
  scheduled: 'scheduled',
};

type AppointmentRow = MedschedulerRow<'appointments'>;

/** `column` holds HH:MM:SS of the appointment's day. */
function timeOf(row: AppointmentRow, column: 'appointment_time' | 'check_in_time' | 'end_time'): Date {
  const time = row[column];
  if (!/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(time)) throw new Unusable(`${column} is not a time of day`);
  day(row, 'appointment_date');
  return new Date(`${row.appointment_date}T${time}Z`);
}

/** When a booking was cancelled or missed is not in the file; the appointment's own time is the latest it can have been. */
function historyOf(row: AppointmentRow, status: AppointmentStatus, date: Date): AppointmentStep[] {
  const steps: AppointmentStep[] = [{ status: 'scheduled', at: day(row, 'scheduling_date'), by: null }];
  if (status === 'completed') {
    if (row.check_in_time !== '') {
      steps.push({ status: 'checked_in', at: timeOf(row, 'check_in_time'), by: null });
    }
    steps.push({ status, at: row.end_time === '' ? date : timeOf(row, 'end_time'), by: null });
  } else if (status !== 'scheduled') {
    steps.push({ status, at: date, by: null });
  }
  return steps;
}

/**
 * A patient who comes early is sometimes seen and gone before the booked time; an appointment does not end before it
 * begins, so `ended_at` is the booked time then, and the history keeps the true one.
 */
export const toAppointment = (row: AppointmentRow): Mapped<ImportedAppointment> =>
  tryMap(() => {
    if (row.status === 'unknown') return { skipped: 'status is unknown' };
    const appointment_id = foreignId(row, 'appointment_id');
    const status = statuses[row.status];
    if (status === undefined) throw new Unusable('status is none that we know');
    const date = timeOf(row, 'appointment_time');
    const history = historyOf(row, status, date);
    const end = status === 'completed' ? history.at(-1)!.at : null;
    const early = end !== null && end < date;
    const appointment: ImportedAppointment = {
      appointment_id,
      patient_id: foreignId(row, 'patient_id'),
      ...place,
      date,
      ended_at: early ? date : end,
      status,
      disease: null,
      disease_code: null,
      reason: null,
      history,
      version: 1,
      created_at: history[0]!.at,
      updated_at: history.at(-1)!.at,
    };
    return { record: appointment, ...(early ? { adjusted: 'end_time is before appointment_time' } : {}) };
  });
