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
      with visits as (
        select patient_id, date_ms, local_month
        from appointments
        where ${visited.text}
      ), patients as (
        select patient_id, min(date_ms) as first_ms, min_by(local_month, date_ms) as cohort
        from visits
        group by patient_id
      )
      select cohort, local_month - cohort as months_later, count(distinct visits.patient_id) as patients,
        count(*) as appointments
      from patients
      join visits on visits.patient_id = patients.patient_id
      where ${begun.text} and local_month - cohort <= ${mostMonthsLater}
      group by cohort, local_month - cohort`,
    bindings: [...visited.bindings, ...begun.bindings],
  };
}
