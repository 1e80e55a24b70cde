import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, is, within } from '../../mirror/conditions.js';
import { amountsOf, countsOf, type RevenueQuestion } from './revenue.sql.js';

const keys = { department: 'department_id', doctor: 'doctor_id', month: 'local_month' } as const;

const sums = [
  ...Object.entries(amountsOf).map(
    ([name, [sign, which]]) =>
      `cast(sum(case when ${which} then ${sign}cents else 0 end) as varchar) as ${name}`,
  ),
  ...Object.entries(countsOf).map(([name, which]) => `sum(case when ${which} then 1 else 0 end) as ${name}`),
].join(', ');

/** The rows of `revenueOfLedger`; a month is a number. */
export function revenueSql({
  by,
  period,
  scope,
}: RevenueQuestion): Record<'groups' | 'accounts', MirrorQuery> {
  const { text, bindings } = allOf(within('posted_ms', period), inScope(scope));
  return {
    groups: {
      text: `select ${keys[by]} as key, ${sums} from ledger where ${text} group by ${keys[by]}`,
      bindings,
    },
    accounts: {
      text: `
        select account, cast(sum(cents) as varchar) as total, count(*) as entries
        from ledger
        where ${text}
        group by account`,
      bindings,
    },
  };
}

/** The rows of `revenue` of aggregations/. */
export function namesSql(
  by: 'department' | 'doctor',
  { department_id, doctor_id }: RevenueQuestion['scope'],
): MirrorQuery {
  const [table, id] = by === 'doctor' ? ['doctors', doctor_id] : ['departments', department_id];
  const { text, bindings } = allOf(is(keys[by], id));
  return { text: `select ${keys[by]} as id, name from ${table} where ${text}`, bindings };
}
