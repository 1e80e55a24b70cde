import type { DiseaseFilter } from '../../../../../aggregations/stages/diseases.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import type { BillingKind } from '../../../money/billing/billing.types.js';
import type { Asked } from '../../engine/reports.definition.js';
import { allOf, inScope, is, oneOf, within } from '../../mirror/conditions.js';

type Question = Asked<{ readonly kind: BillingKind | 'all' }>;

/** As `keyText` spells it; of what has no disease it is empty. */
const diseaseKey = `case when codes.word is not null then 'code ' || codes.word
  when names.word is not null then 'name ' || names.word else '' end as disease_key`;
/** What the codes and names of a disease are as texts. */
const spelled = `left join words as codes on codes.code = disease_code left join words as names on names.code = disease`;

/** Those asked for, as `ofDisease` of the definition. */
function ofDiseases(filter: DiseaseFilter | undefined): MirrorQuery {
  if (!filter) return { text: `(disease_code is not null or disease is not null)`, bindings: [] };
  const coded = oneOf('disease_code', filter.codes);
  return {
    text: `(${coded.text} or (disease_code is null and disease = ?))`,
    bindings: [...coded.bindings, filter.name],
  };
}

const prescribedIn = ({ days, scope }: Question): MirrorQuery =>
  allOf(within('start_ms', days), inScope(scope));

const billedIn = ({ query: { kind }, period, scope }: Question): MirrorQuery =>
  allOf(is('kind', kind === 'all' ? undefined : kind), within('created_ms', period), inScope(scope));

/** What each disease as it is written comes to in both stores (`DiseaseRow`), those that were not asked for too. */
function diseasesOf(asked: Question): MirrorQuery {
  const prescribed = prescribedIn(asked);
  const billed = billedIn(asked);
  return {
    text: `
      select ${diseaseKey}, names.word as disease, prescriptions, cost, billed_rows, billed
      from (
        select disease_code, disease, sum(prescriptions) as prescriptions, cast(sum(cost) as varchar) as cost,
          sum(billed_rows) as billed_rows, cast(sum(billed) as varchar) as billed
        from (
          select disease_code, disease, count(*) as prescriptions, sum(cents) as cost, 0 as billed_rows, 0 as billed
          from prescriptions
          where ${prescribed.text}
          group by disease_code, disease
          union all
          select disease_code, disease, 0, 0, count(*), sum(cents)
          from bills
          where ${billed.text}
          group by disease_code, disease
        ) as written
        group by disease_code, disease
      ) as summed
      ${spelled}`,
    bindings: [...prescribed.bindings, ...billed.bindings],
  };
}

/** The distinct patients of each disease that is asked for, and of all of them (`DiseasePatientsRow`). */
function patientsOf(asked: Question): MirrorQuery {
  const wanted = ofDiseases(asked.diseases);
  const prescribed = allOf(wanted, prescribedIn(asked));
  const billed = allOf(wanted, billedIn(asked));
  const counts = `sum(is_prescribed) as prescribed, sum(is_billed) as billed, sum(is_prescribed * is_billed) as "both"`;
  return {
    text: `
      with pairs as (
        select disease_code, disease, patient_id, max(is_prescribed) as is_prescribed, max(is_billed) as is_billed
        from (
          select disease_code, case when disease_code is null then disease end as disease, patient_id,
            1 as is_prescribed, 0 as is_billed
          from prescriptions
          where ${prescribed.text}
          union all
          select disease_code, case when disease_code is null then disease end, patient_id, 0, 1
          from bills
          where ${billed.text}
        ) as records
        group by disease_code, disease, patient_id
      )
      select ${diseaseKey}, prescribed, billed, "both"
      from (select disease_code, disease, ${counts} from pairs group by disease_code, disease) as counted
      ${spelled}
      union all
      select '*', ${counts}
      from (
        select max(is_prescribed) as is_prescribed, max(is_billed) as is_billed
        from pairs
        group by patient_id
      ) as patients
      having count(*) > 0`,
    bindings: [...prescribed.bindings, ...billed.bindings],
  };
}

/** The rows of `SummedRows`, of any period and places. */
export const costsSql = (asked: Question): Record<'diseases' | 'patients', MirrorQuery> => ({
  diseases: diseasesOf(asked),
  patients: patientsOf(asked),
});
