import type { TopDoctorsParams } from '../../../../../aggregations/top-doctors.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, oneOf, within } from '../../mirror/conditions.js';

/** The rows of `topDoctors`. */
export function topDoctorsSql({ by, status, limit, ...params }: TopDoctorsParams): MirrorQuery {
  const { text, bindings } = allOf(oneOf('status', [status]), within('date_ms', params), inScope(params));
  const other = by === 'patients' ? 'appointments' : 'patients';
  return {
    text: `
      select ranked.*, doctors.name, doctors.specialty, doctors.department_id
      from (
        select doctor_id, patients, appointments, count(*) over () as doctors, sum(appointments) over () as rows_read
        from (
          select doctor_id, count(distinct patient_id) as patients, count(*) as appointments
          from appointments
          where ${text}
          group by doctor_id
        ) as counted
      ) as ranked
      join words on words.code = ranked.doctor_id
      left join doctors on doctors.doctor_id = ranked.doctor_id
      order by ${by} desc, ${other} desc, words.word
      limit ${limit}`,
    bindings,
    words: ['doctor_id', 'department_id'],
  };
}
