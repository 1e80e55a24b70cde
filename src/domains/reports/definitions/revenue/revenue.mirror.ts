import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, isAnyOf, within } from '../../mirror/conditions.js';
import { amountsOf, countsOf, type RevenueQuestion } from './revenue.sql.js';

const keys = { department: 'department_id', doctor: 'doctor_id', month: 'local_month' } as const;

/** A condition whose words are written in it. */
const coded = (condition: string): MirrorQuery => ({
  text: condition.replaceAll(/'[^']*'/g, '?'),
  bindings: Array.from(condition.matchAll(/'([^']*)'/g), ([, word]) => word!),
});

const summed = (name: string, which: string, value: string, type?: 'varchar'): MirrorQuery => {
  const { text, bindings } = coded(which);
  const sum = `sum(case when ${text} then ${value} else 0 end)`;
  return { text: `${type ? `cast(${sum} as ${type})` : sum} as ${name}`, bindings };
};

const sums = [
  ...Object.entries(amountsOf).map(([name, [sign, which]]) => summed(name, which, `${sign}cents`, 'varchar')),
  ...Object.entries(countsOf).map(([name, which]) => summed(name, which, 'entries')),
];

/** The rows of `revenueOfLedger`; a month is a number. */
export function revenueSql({
  by,
  period,
  scope,
}: RevenueQuestion): Record<'groups' | 'accounts', MirrorQuery> {
  const { text, bindings } = allOf(within('posted_ms', period), inScope(scope));
  const key = keys[by];
  return {
    groups: {
      // Each sum looks at some twenty rows of a group then, and not at all its entries.
      text: `
        select ${['key', ...sums.map((sum) => sum.text)].join(', ')}
        from (
          select ${key} as key, account, kind, sum(cents) as cents, count(*) as entries
          from ledger
          where ${text}
          group by ${key}, account, kind
        ) as posted
        group by key`,
      bindings: [...sums.flatMap((sum) => sum.bindings), ...bindings],
      words: by === 'month' ? [] : ['key'],
    },
    accounts: {
      text: `
        select account, cast(sum(cents) as varchar) as total, count(*) as entries
        from ledger
        where ${text}
        group by account`,
      bindings,
      words: ['account'],
    },
  };
}

/** The rows of `revenue` of aggregations/. */
export function namesSql(
  by: 'department' | 'doctor',
  { department_ids, doctor_ids }: RevenueQuestion['scope'],
): MirrorQuery {
  const [table, ids] = by === 'doctor' ? ['doctors', doctor_ids] : ['departments', department_ids];
  const { text, bindings } = allOf(isAnyOf(keys[by], ids));
  return {
    text: `
      select ${keys[by]} as id, ${table}.name, hospitals.name as hospital
      from ${table}
      left join hospitals on hospitals.hospital_id = ${table}.hospital_id
      where ${text}`,
    bindings,
    words: ['id'],
  };
}
