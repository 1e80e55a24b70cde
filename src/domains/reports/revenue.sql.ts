import { DateTime } from 'luxon';
import type { Scope } from '../../../aggregations/stages/filters.js';
import type { Period } from '../../lib/period.js';
import type { SqlQuery } from './reports.types.js';

/*
 * Revenue, from every entry of the ledger (the definition) or from what migration 0003 keeps of them. Where and by whom an
 * entry is stands in the view `ledger_places`: the place of its bill, or of the payment that it is about.
 */

export const groupings = ['department', 'doctor', 'month'] as const;
export type Grouping = (typeof groupings)[number];

export interface RevenueQuestion {
  readonly by: Grouping;
  readonly period: Period;
  readonly scope: Scope;
  readonly timeZone: string;
}

/** Amounts in cents, as text; counts as numbers. */
export interface RevenueSums {
  /** A month `YYYY-MM`, or an id; null: nobody knows whose it is. */
  readonly key: string | null;
  readonly billed: string;
  readonly cancellation_fees: string;
  readonly given_back: string;
  readonly tax: string;
  readonly collected: string;
  readonly voided: string;
  readonly refunded: string;
  readonly outstanding: string;
  readonly bills: number;
  readonly transactions: number;
}

/** What an account has come to: cents, as text, above zero for a debit. */
export interface AccountTotal {
  readonly account: string;
  readonly total: string;
  readonly entries: number;
}

export type RevenueQueries = Readonly<Record<'groups' | 'accounts', SqlQuery>>;

interface Condition {
  readonly sql: string;
  readonly bindings: readonly unknown[];
}

const all = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.map(({ sql }) => sql).join(' and ') || 'true',
  bindings: conditions.flatMap(({ bindings }) => bindings),
});

const when = (sql: string, ...bindings: readonly unknown[]): Condition => ({ sql, bindings });

const placeOf = ({ hospital_ids, department_id, doctor_id }: Scope): Condition[] => [
  ...(hospital_ids ? [when('hospital_id = any(?)', hospital_ids)] : []),
  ...(department_id === undefined ? [] : [when('department_id = ?', department_id)]),
  ...(doctor_id === undefined ? [] : [when('doctor_id = ?', doctor_id)]),
];

const postedIn = ({ from, to }: Period): Condition[] => [
  ...(from ? [when('posted_at >= ?', from)] : []),
  ...(to ? [when('posted_at < ?', to)] : []),
];

/** The entries that an amount is the sum of, and its sign: what is earned, owed to the state and paid out are credits. */
const amountsOf: Readonly<Record<string, string>> = {
  billed: `-amount filter account = 'revenue'`,
  cancellation_fees: `-amount filter account = 'cancellation_fees'`,
  given_back: `amount filter account = 'refunds_given'`,
  tax: `-amount filter account = 'gst_payable'`,
  collected: `amount filter account = 'cash' and kind not in ('refund', 'void')`,
  voided: `-amount filter account = 'cash' and kind = 'void'`,
  refunded: `-amount filter account = 'cash' and kind = 'refund'`,
  outstanding: `amount filter account = 'receivable'`,
};

const amounts = Object.keys(amountsOf);

const summed = Object.entries(amountsOf)
  .map(([name, what]) => {
    const [value, filter] = what.split(' filter ');
    return `coalesce(sum(100 * ${value}) filter (where ${filter}), 0)::bigint::text as ${name}`;
  })
  .join(',\n  ');

const columnOf = { department: 'department_id', doctor: 'doctor_id' } as const;

/** From every entry; the totals are those of the ledger itself, which knows no places, wherever none is asked for. */
export function revenueOfLedger({ by, period, scope, timeZone }: RevenueQuestion): RevenueQueries {
  const place = placeOf(scope);
  const posted = postedIn(period);
  const { sql, bindings } = all([...posted, ...place]);
  const key =
    by === 'month' ? when(`to_char(posted_at at time zone ?, 'YYYY-MM')`, timeZone) : when(columnOf[by]);
  return {
    groups: {
      text: `select ${key.sql} as key, ${summed},
  count(*) filter (where account = 'revenue' and kind = 'bill')::int as bills,
  count(*) filter (where account = 'cash' and kind = 'payment')::int as transactions
from ledger_places where ${sql} group by 1`,
      bindings: [...key.bindings, ...bindings],
    },
    accounts: {
      text: `select account, (100 * sum(amount))::bigint::text as total, count(*)::int as entries
from ${place.length > 0 ? 'ledger_places' : 'ledger_entries'} where ${sql} group by account`,
      bindings,
    },
  };
}

/** Of what is kept by month and by day, the fewest rows that make up a period; undefined when an end is not midnight. */
function keptIn({ from, to }: Period, zone: string): Condition | undefined {
  const [start, end] = [from, to].map((at) => (at ? DateTime.fromJSDate(at, { zone }) : undefined));
  if ([start, end].some((at) => at && !at.equals(at.startOf('day')))) return undefined;
  const day = (at: DateTime): string => at.toFormat('yyyy-MM-dd');
  const firstMonth = start && (start.day === 1 ? start : start.startOf('month').plus({ months: 1 }));
  const lastMonth = end?.startOf('month');
  if (firstMonth && lastMonth && firstMonth >= lastMonth)
    return when(`grain = 'day' and start >= ? and start < ?`, day(start), day(end!));
  const months = all([
    when(`grain = 'month'`),
    ...(firstMonth ? [when('start >= ?', day(firstMonth))] : []),
    ...(lastMonth ? [when('start < ?', day(lastMonth))] : []),
  ]);
  const edges = [
    ...(start && firstMonth && start < firstMonth
      ? [when(`grain = 'day' and start >= ? and start < ?`, day(start), day(firstMonth))]
      : []),
    ...(end && lastMonth && lastMonth < end
      ? [when(`grain = 'day' and start >= ? and start < ?`, day(lastMonth), day(end))]
      : []),
  ];
  const parts = [months, ...edges];
  return {
    sql: `(${parts.map(({ sql }) => `(${sql})`).join(' or ')})`,
    bindings: parts.flatMap(({ bindings }) => bindings),
  };
}

/** From what is kept; undefined for a period that is not of whole days. */
export function revenueOfRollup(question: RevenueQuestion): RevenueQueries | undefined {
  const { by, period, scope, timeZone } = question;
  const kept = keptIn(period, timeZone);
  if (!kept) return undefined;
  const { sql, bindings } = all([kept, ...placeOf(scope)]);
  const key = by === 'month' ? `to_char(start, 'YYYY-MM')` : columnOf[by];
  return {
    groups: {
      text: `select ${key} as key, ${amounts.map((name) => `sum(${name})::text as ${name}`).join(', ')},
  sum(bills)::int as bills, sum(transactions)::int as transactions
from rollup_ledger where ${sql} group by 1`,
      bindings,
    },
    accounts: {
      text: `select account, total::text as total, case account when 'cash' then entries else 0 end as entries
from (
  select coalesce(sum(entries), 0)::int as entries, ${amounts.map((name) => `coalesce(sum(${name}), 0) as ${name}`).join(', ')}
  from rollup_ledger where ${sql}
) as sums, lateral (values
  ('cash', collected - voided - refunded), ('receivable', outstanding), ('gst_payable', -tax), ('revenue', -billed),
  ('refunds_given', given_back), ('cancellation_fees', -cancellation_fees)
) as accounts (account, total)`,
      bindings,
    },
  };
}

/** The entries behind a row, in the order of posting. */
export function entriesOf({ by, period, scope, timeZone }: RevenueQuestion, key: string | null): SqlQuery {
  const [column, bound] =
    by === 'month' ? [`to_char(posted_at at time zone ?, 'YYYY-MM')`, [timeZone]] : [columnOf[by], []];
  const { sql, bindings } = all([
    ...postedIn(period),
    ...placeOf(scope),
    when(`${column} is not distinct from ?`, ...bound, key),
  ]);
  return {
    text: `select entry_number::text, to_char(posted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as posted_at, kind,
  account, amount::text, journal_id, transaction_id, appointment_id, patient_id, doctor_id, department_id, hospital_id
from ledger_places where ${sql} order by ledger_places.entry_number`,
    bindings,
  };
}
