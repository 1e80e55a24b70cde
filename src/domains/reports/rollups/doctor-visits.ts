import type { Document } from 'mongodb';
import {
  appointmentStatuses,
  type AppointmentStatus,
} from '../../clinical/appointments/appointments.types.js';
import { dayOf } from './periods.js';
import type { RollupContext, UnitRecord } from './rollup.definition.js';

/* What a doctor and a patient have to do with one another: the unit of all figures that tell a doctor's patients apart. */

/** Names a figure: what else is written there counts for no report. */
export const isStatus = (status: unknown): status is AppointmentStatus =>
  (appointmentStatuses as readonly unknown[]).includes(status);

/** Alike appointments of a doctor with a patient. */
export interface Visits {
  readonly hospital_id: string;
  readonly department_id: string;
  readonly status: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly appointments: number;
}

export const visitUnits = {
  units: 'doctor_patients',
  source: 'appointments',
  fields: ['date', 'status', 'doctor_id', 'patient_id', 'hospital_id', 'department_id'],
  records(document: Document, { timeZone }: RollupContext): readonly UnitRecord[] {
    const { date, status, doctor_id, patient_id, hospital_id, department_id } = document;
    if (!(date instanceof Date) || !isStatus(status)) return [];
    return [
      {
        unit: JSON.stringify([doctor_id, patient_id]),
        record: JSON.stringify([hospital_id, department_id, status, dayOf(date, timeZone)]),
      },
    ];
  },
} as const;

export function visitsOf(records: ReadonlyMap<string, number>): Visits[] {
  return [...records].map(([text, appointments]) => {
    const [hospital_id, department_id, status, day] = JSON.parse(text) as [string, string, string, string];
    return { hospital_id, department_id, status, day, appointments };
  });
}

/** The periods of visits, by status: each once, in order. */
export function periodsByStatus(
  visits: readonly Visits[],
  periodOf: (visit: Visits) => string,
): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const visit of visits) {
    const periods = found.get(visit.status);
    if (periods) periods.add(periodOf(visit));
    else found.set(visit.status, new Set([periodOf(visit)]));
  }
  return new Map([...found].map(([status, periods]) => [status, [...periods].sort()]));
}
