import type { DrugSpendParams, DrugSpendRow } from '../../../../../aggregations/drug-spend.js';
import type { DrugRow } from './drug-spend.view.js';
import type { MirrorPath } from '../../engine/reports.definition.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { fromCents } from '../../../../lib/money.js';
import { allOf, inScope, within } from '../../mirror/conditions.js';

/** The rows of `drugSpend`, whose `cost` is text: whole cents. */
function drugSpendSql(params: DrugSpendParams): MirrorQuery {
  const { text, bindings } = allOf(within('start_ms', params), inScope(params));
  const key = 'drug_code, case when drug_code is null then drug end';
  return {
    text: `
      select drug_code, min(drug) as drug, count(*) as prescriptions, count(distinct patient_id) as patients,
        cast(sum(cents) as varchar) as cost
      from prescriptions
      where ${text}
      group by ${key}`,
    bindings,
  };
}

export const drugSpendMirror: MirrorPath<object, DrugRow, DrugSpendRow> = {
  mongodb: ({ days, scope }) => drugSpendSql({ ...days, ...scope }),
  row: ({ cost, ...row }: Omit<DrugSpendRow, 'cost'> & { readonly cost: string }) => ({
    ...row,
    cost: fromCents(BigInt(cost)),
  }),
};
