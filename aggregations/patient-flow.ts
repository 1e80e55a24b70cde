import type { AppointmentStatus } from '../src/domains/clinical/appointments/appointments.types.js';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation, Stage } from './stages/types.js';

export interface PatientFlowParams extends Period, Scope {
  /** Of the IANA database: whose days and hours are meant. */
  readonly timeZone: string;
}

export interface PatientFlowRow {
  /** ISO 8601: Monday is 1. Hours without arrivals are not there. */
  readonly weekday: number;
  readonly hour: number;
  readonly appointments: number;
}

/** The patient came. */
export const arrivedStatuses = ['checked_in', 'completed'] as const satisfies readonly AppointmentStatus[];

/** The weekday and the hour of an appointment, as expressions. */
export const arrivalTime = (timezone: string): { weekday: Stage; hour: Stage } => ({
  weekday: { $isoDayOfWeek: { date: '$date', timezone } },
  hour: { $hour: { date: '$date', timezone } },
});

/** REP-5: how many appointments patients came to, by the weekday and the hour of their date. */
export function patientFlow(params: PatientFlowParams): Aggregation {
  return {
    collection: 'appointments',
    pipeline: [
      { $match: { status: { $in: [...arrivedStatuses] }, ...within('date', params), ...inScope(params) } },
      { $group: { _id: arrivalTime(params.timeZone), appointments: { $sum: 1 } } },
      { $sort: { '_id.weekday': 1, '_id.hour': 1 } },
      { $project: { _id: 0, weekday: '$_id.weekday', hour: '$_id.hour', appointments: 1 } },
    ],
  };
}
