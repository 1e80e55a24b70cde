import {
  mostMonthsLater,
  type ReturningPatientsParams,
} from '../../../../../aggregations/returning-patients.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, oneOf, within } from '../../mirror/conditions.js';

/** The rows of `returningPatients`, whose `cohort` is a number. */
export function returningPatientsSql(params: ReturningPatientsParams): MirrorQuery {
  const visited = allOf(oneOf('status', ['completed']), inScope(params));
  const begun = within('patients.first_ms', params);
  return {
    text: `
      with visited as (
        select patient_id, local_month, min(date_ms) as first_ms, count(*) as appointments
        from appointments
        where ${visited.text}
        group by patient_id, local_month
      ), patients as (
        select patient_id, min(first_ms) as first_ms, min_by(local_month, first_ms) as cohort
        from visited
        group by patient_id
      )
      select cohort, local_month - cohort as months_later, count(*) as patients,
        sum(visited.appointments) as appointments
      from patients
      join visited on visited.patient_id = patients.patient_id
      where ${begun.text} and local_month - cohort <= ${mostMonthsLater}
      group by cohort, local_month - cohort`,
    bindings: [...visited.bindings, ...begun.bindings],
  };
}
