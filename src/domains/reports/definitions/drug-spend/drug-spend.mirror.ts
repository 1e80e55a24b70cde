import type { DrugSpendParams, DrugSpendRow } from '../../../../../aggregations/drug-spend.js';
import type { DrugRow } from './drug-spend.view.js';
import type { MirrorPath } from '../../engine/reports.definition.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { fromCents } from '../../../../lib/money.js';
import { allOf, inScope, within } from '../../mirror/conditions.js';

/** The rows of `drugSpend`, whose `cost` is text: whole cents. */
function drugSpendSql(params: DrugSpendParams): MirrorQuery {
  const { text, bindings } = allOf(within('start_ms', params), inScope(params));
  return {
    text: `
      with prescribed as (
        select drug_code, case when drug_code is null then drug end as named, drug, patient_id, cents
        from prescriptions
        where ${text}
      ), names as (
        select drug_code, named, min(word) as drug
        from (select distinct drug_code, named, drug from prescribed) as written
        join words on code = drug
        group by drug_code, named
      ), sums as (
        select drug_code, named, count(*) as prescriptions, count(distinct patient_id) as patients,
          cast(sum(cents) as varchar) as cost
        from prescribed
        group by drug_code, named
      )
      select sums.drug_code, names.drug, prescriptions, patients, cost
      from sums
      join names on names.drug_code is not distinct from sums.drug_code and names.named is not distinct from sums.named`,
    bindings,
    words: ['drug_code'],
  };
}

export const drugSpendMirror: MirrorPath<object, DrugRow, DrugSpendRow> = {
  mongodb: ({ days, scope }) => drugSpendSql({ ...days, ...scope }),
  row: ({ cost, ...row }: Omit<DrugSpendRow, 'cost'> & { readonly cost: string }) => ({
    ...row,
    cost: fromCents(BigInt(cost)),
  }),
};
