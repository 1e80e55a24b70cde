import type { AppointmentStatus } from '../src/domains/clinical/appointments/appointments.types.js';
import { onDuty, type DutyRow } from './stages/duty.js';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation } from './stages/types.js';

export interface DoctorUtilisationParams extends Period, Scope {}

export type DoctorUtilisationRow = DutyRow;

/** An appointment of these has, or had, the doctor's time: who does not come leaves it empty. */
export const bookedStatuses: readonly AppointmentStatus[] = [
  'scheduled',
  'checked_in',
  'completed',
  'no_show',
];

/**
 * REP-5: the whole minutes of each doctor that appointments of the period take, beside what the doctor's available time
 * follows from (weekly windows, leave, department hours, the hospital's zone), which no pipeline can count over days on which the
 * clocks change.
 */
export function doctorUtilisation(params: DoctorUtilisationParams): Aggregation {
  const hasEnd = { $gt: ['$slot_end', null] };
  const minutes = { $trunc: { $divide: [{ $subtract: ['$slot_end', '$date'] }, 60_000] } };
  return {
    collection: 'appointments',
    pipeline: [
      { $match: { status: { $in: [...bookedStatuses] }, ...within('date', params), ...inScope(params) } },
      {
        $group: {
          _id: '$doctor_id',
          appointments: { $sum: 1 },
          minutes: { $sum: { $cond: [hasEnd, minutes, 0] } },
          open_ended: { $sum: { $cond: [hasEnd, 0, 1] } },
        },
      },
      ...onDuty(params),
    ],
  };
}
