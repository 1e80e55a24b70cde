import { inScope, type Scope } from '../../../../aggregations/stages/filters.js';
import {
  appointmentStatuses,
  type AppointmentStatus,
} from '../../clinical/appointments/appointments.types.js';
import type { MongoQuery } from '../engine/reports.types.js';
import { appointmentCounts } from './appointment-counts.rollup.js';
import { doctorVisits } from './doctor-visits.rollup.js';
import { monthParts, type MonthPart } from './periods.js';

/** A month's appointments by status. */
export type CountedMonth = { readonly _id: string } & Readonly<Record<AppointmentStatus, number>>;

/** The documents whose figures add up to the scope. */
function placesOf(scope: Scope): { collection: string; match: Readonly<Record<string, unknown>> } {
  const { hospital_ids, department_id, doctor_id } = scope;
  if (doctor_id !== undefined)
    return { collection: doctorVisits.collection, match: { ...inScope(scope), patient_id: null } };
  const level =
    department_id !== undefined ? 'department' : hospital_ids !== undefined ? 'hospital' : 'network';
  const match = {
    level,
    ...(level === 'department' ? {} : { department_id: null }),
    ...(level === 'network' ? { hospital_id: null } : {}),
    ...inScope(scope),
  };
  return { collection: appointmentCounts.collection, match };
}

/** The appointments of a status in what is asked for of a month. */
function countOf(status: AppointmentStatus, parts: readonly MonthPart[]): unknown {
  const partial = parts.filter(({ days }) => days !== null);
  const whole = `$${status}.appointments`;
  if (partial.length === 0) return whole;
  return {
    $switch: {
      branches: partial.map(({ month, days }) => ({
        case: { $eq: ['$period', month] },
        then: { $sum: days!.map((day) => `$${status}.days.${day}`) },
      })),
      default: whole,
    },
  };
}

/** A `CountedMonth` for each month that there is something of; undefined unless it is asked for whole days. */
export function readMonthlyTrend(
  { from, to }: { readonly from: Date; readonly to: Date },
  scope: Scope,
  timeZone: string,
): MongoQuery | undefined {
  const parts = monthParts(from, to, timeZone);
  if (!parts) return undefined;
  const { collection, match } = placesOf(scope);
  const figures = appointmentStatuses.map((status) => [status, { $sum: countOf(status, parts) }] as const);
  return {
    collection,
    pipeline: [
      { $match: { ...match, span: 'month', period: { $in: parts.map(({ month }) => month) } } },
      { $group: { _id: '$period', ...Object.fromEntries(figures) } },
      { $sort: { _id: 1 } },
    ],
  };
}
