import { arrivedStatuses, type PatientFlowParams } from '../../../../../aggregations/patient-flow.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, oneOf, within } from '../../mirror/conditions.js';

/** The rows of `patientFlow`. */
export function patientFlowSql(params: PatientFlowParams): MirrorQuery {
  const { text, bindings } = allOf(
    oneOf('status', arrivedStatuses),
    within('date_ms', params),
    inScope(params),
  );
  return {
    text: `
      select local_weekday as weekday, local_hour as hour, count(*) as appointments
      from appointments
      where ${text}
      group by local_weekday, local_hour`,
    bindings,
  };
}
