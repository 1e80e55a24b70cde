import type { NewAndReturningPatientsParams } from '../../../../../aggregations/new-and-returning-patients.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, oneOf, within } from '../../mirror/conditions.js';

/** The rows of `newAndReturningPatients`, whose `month` is a number. */
export function newAndReturningPatientsSql(params: NewAndReturningPatientsParams): MirrorQuery {
  const completed = allOf(oneOf('status', ['completed']), inScope(params));
  const now = allOf(completed, within('date_ms', params));
  const before = params.from
    ? allOf(completed, within('date_ms', { from: null, to: params.from }))
    : { text: 'false', bindings: [] };
  return {
    text: `
      with months as (
        select patient_id, local_month, count(*) as appointments
        from appointments
        where ${now.text}
        group by patient_id, local_month
      ), patients as (
        select patient_id, min(local_month) as first_month
        from months
        group by patient_id
      ), known as (
        select distinct patient_id
        from appointments
        where ${before.text}
      )
      select local_month as month, count(*) as patients, sum(appointments) as appointments,
        count(case when local_month = first_month and known.patient_id is null then 1 end) as new_patients,
        count(case when local_month = first_month then known.patient_id end) as returned
      from months
      join patients on patients.patient_id = months.patient_id
      left join known on known.patient_id = months.patient_id
      group by local_month`,
    bindings: [...now.bindings, ...before.bindings],
  };
}
