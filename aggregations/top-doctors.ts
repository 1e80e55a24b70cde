import type { AppointmentStatus } from '../src/domains/clinical/appointments/appointments.types.js';
import { namedDoctors, rankedDoctors, type Ranking } from './stages/doctors.js';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation } from './stages/types.js';

export interface TopDoctorsParams extends Period, Scope, Ranking {
  readonly status: AppointmentStatus;
}

export interface TopDoctorsRow {
  readonly doctor_id: string;
  /** Null when the doctor's record is gone, as are the next two. */
  readonly name: string | null;
  readonly specialty: string | null;
  /** The doctor's department now. */
  readonly department_id: string | null;
  readonly patients: number;
  readonly appointments: number;
  /** How many doctors there are, those beyond the limit too. */
  readonly doctors: number;
  /** Their appointments. */
  readonly rows_read: number;
}

/**
 * REP-1: the doctors with the most patients (distinct ones) or appointments; ties by the other figure, then by doctor_id.
 * Patients are told apart by grouping twice: a set per doctor could outgrow the 16 MB of a document.
 */
export function topDoctors(params: TopDoctorsParams): Aggregation {
  return {
    collection: 'appointments',
    pipeline: [
      { $match: { status: params.status, ...within('date', params), ...inScope(params) } },
      {
        $group: {
          _id: { doctor_id: '$doctor_id', patient_id: '$patient_id' },
          appointments: { $sum: 1 },
        },
      },
      {
        $group: { _id: '$_id.doctor_id', patients: { $sum: 1 }, appointments: { $sum: '$appointments' } },
      },
      ...rankedDoctors(params),
      ...namedDoctors(),
    ],
  };
}
