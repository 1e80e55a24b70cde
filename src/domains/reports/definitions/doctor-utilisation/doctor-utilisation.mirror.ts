import {
  bookedStatuses,
  type DoctorUtilisationParams,
  type DoctorUtilisationRow,
} from '../../../../../aggregations/doctor-utilisation.js';
import type { DoctorTimeRow } from '../../../../../aggregations/stages/duty.js';
import type { UtilisationRow } from './doctor-utilisation.view.js';
import type { MirrorPath } from '../../engine/reports.definition.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, oneOf, within } from '../../mirror/conditions.js';

type Words<Names extends string> = { readonly [Name in Names]: string | null };

/** A row of any kind; what another kind has is null. */
interface MirroredRow extends Words<
  | ('name' | 'hospital_id' | 'department_id' | 'availability' | 'leave_days')
  | ('operating_start_hour' | 'operating_end_hour' | 'time_zone')
> {
  readonly kind: DoctorUtilisationRow['kind'];
  readonly id: string;
  readonly appointments: number;
  /** Of whole minutes. */
  readonly booked_ms: number;
  readonly open_ended: number;
  readonly slot_minutes: number | null;
  readonly slot_capacity: number | null;
  /** Milliseconds. */
  readonly registration_expiry: number | null;
}

const minuteMs = 60_000;
const nothing = (type: 'varchar' | 'integer' | 'bigint', ...names: readonly string[]): string =>
  names.map((name) => `cast(null as ${type}) as ${name}`).join(', ');
const counts = ['appointments', 'booked_ms', 'open_ended'];
const noDoctor = [
  ...[nothing('bigint', ...counts), nothing('varchar', 'name')],
  nothing('integer', 'slot_minutes', 'slot_capacity'),
  nothing('bigint', 'registration_expiry'),
  nothing('varchar', 'availability', 'leave_days'),
].join(', ');

/** The rows of `doctorUtilisation`, each with the columns of all kinds. */
function doctorUtilisationSql(params: DoctorUtilisationParams): MirrorQuery {
  const { hospital_ids, department_ids, doctor_ids } = params;
  const booked = allOf(oneOf('status', bookedStatuses), within('date_ms', params), inScope(params));
  const present = inScope({ hospital_ids, department_ids, doctor_ids });
  const open = inScope({ hospital_ids, department_ids });
  return {
    text: `
      select 'doctor' as kind, coalesce(doctor_id, booked_id) as id,
        ${counts.map((name) => `coalesce(${name}, 0) as ${name}`).join(', ')},
        name, slot_minutes, slot_capacity, registration_expiry, availability, leave_days, hospital_id, department_id,
        ${nothing('varchar', 'operating_start_hour', 'operating_end_hour', 'time_zone')}
      from doctors
      full join (
        select doctor_id as booked_id, count(*) as appointments,
          sum(coalesce(slot_end_ms - date_ms - (slot_end_ms - date_ms) % ${minuteMs}, 0)) as booked_ms,
          sum(case when slot_end_ms is null then 1 else 0 end) as open_ended
        from appointments
        where ${booked.text}
        group by doctor_id
      ) as booked on booked_id = doctor_id
      where booked_id is not null or (name is not null and ${present.text})
      union all
      select 'department', department_id, ${noDoctor}, hospital_id, department_id, operating_start_hour, operating_end_hour,
        ${nothing('varchar', 'time_zone')}
      from departments
      where ${open.text}
      union all
      select 'hospital', hospital_id, ${noDoctor}, hospital_id,
        ${nothing('integer', 'department_id')}, ${nothing('varchar', 'operating_start_hour', 'operating_end_hour')}, time_zone
      from hospitals`,
    bindings: [...booked.bindings, ...present.bindings, ...open.bindings],
    words: ['id', 'hospital_id', 'department_id'],
  };
}

/** Undefined where the doctor's record is gone. */
function doctorOf({ name, hospital_id, department_id, ...row }: MirroredRow): DoctorTimeRow['doctor'] {
  if (name === null) return {};
  return {
    ...{ name, hospital_id: hospital_id!, department_id: department_id! },
    ...(row.slot_minutes !== null && { slot_minutes: row.slot_minutes }),
    ...(row.slot_capacity !== null && { slot_capacity: row.slot_capacity }),
    registration_expiry: new Date(row.registration_expiry!),
    availability: JSON.parse(row.availability!) as NonNullable<DoctorTimeRow['doctor']['availability']>,
    leave_days: (JSON.parse(row.leave_days!) as string[]).map((day) => new Date(day)),
  };
}

function rowOf(row: MirroredRow): DoctorUtilisationRow {
  const { kind, id } = row;
  switch (kind) {
    case 'doctor':
      return {
        ...{ kind, doctor_id: id, appointments: row.appointments, open_ended: row.open_ended },
        minutes: row.booked_ms / minuteMs,
        doctor: doctorOf(row),
      };
    case 'department':
      return {
        ...{ kind, department_id: id },
        operating_start_hour: row.operating_start_hour!,
        operating_end_hour: row.operating_end_hour!,
      };
    case 'hospital':
      return { kind, hospital_id: id, time_zone: row.time_zone! };
  }
}

export const doctorUtilisationMirror: MirrorPath<object, UtilisationRow, DoctorUtilisationRow> = {
  mongodb: ({ period, scope }) => doctorUtilisationSql({ ...period, ...scope }),
  row: rowOf,
};
