import type { Scope } from '../../../../../aggregations/stages/filters.js';
import type { Period } from '../../../../lib/period.js';
import type { SqlQuery } from '../../engine/reports.types.js';

/*
 * Revenue, from every entry of the ledger (the definition). Where and by whom an entry is stands in the view `ledger_places`: the
 * place of its bill, or of the payment that it is about.
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

type RevenueQueries = Readonly<Record<'groups' | 'accounts', SqlQuery>>;

interface Condition {
  readonly sql: string;
  readonly bindings: readonly unknown[];
}

const all = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.map(({ sql }) => sql).join(' and ') || 'true',
  bindings: conditions.flatMap(({ bindings }) => bindings),
});

const when = (sql: string, ...bindings: readonly unknown[]): Condition => ({ sql, bindings });

const placeOf = ({ hospital_ids, department_ids, doctor_ids }: Scope): Condition[] => [
  ...(hospital_ids ? [when('hospital_id = any(?)', hospital_ids)] : []),
  ...(department_ids ? [when('department_id = any(?)', department_ids)] : []),
  ...(doctor_ids ? [when('doctor_id = any(?)', doctor_ids)] : []),
];

const postedIn = ({ from, to }: Period): Condition[] => [
  ...(from ? [when('posted_at >= ?', from)] : []),
  ...(to ? [when('posted_at < ?', to)] : []),
];

/** The entries that an amount is the sum of, and its sign: what is earned, owed to the state and paid out are credits. */
export const amountsOf: Readonly<Record<string, readonly [sign: '' | '-', which: string]>> = {
  billed: ['-', `account = 'revenue'`],
  cancellation_fees: ['-', `account = 'cancellation_fees'`],
  given_back: ['', `account = 'refunds_given'`],
  tax: ['-', `account = 'gst_payable'`],
  collected: ['', `account = 'cash' and kind not in ('refund', 'void')`],
  voided: ['-', `account = 'cash' and kind = 'void'`],
  refunded: ['-', `account = 'cash' and kind = 'refund'`],
  outstanding: ['', `account = 'receivable'`],
};

/** The entries that a count is of. */
export const countsOf: Readonly<Record<'bills' | 'transactions', string>> = {
  bills: `account = 'revenue' and kind = 'bill'`,
  transactions: `account = 'cash' and kind = 'payment'`,
};

const summed = [
  ...Object.entries(amountsOf).map(
    ([name, [sign, which]]) =>
      `coalesce(sum(100 * ${sign}amount) filter (where ${which}), 0)::bigint::text as ${name}`,
  ),
  ...Object.entries(countsOf).map(([name, which]) => `count(*) filter (where ${which})::int as ${name}`),
].join(',\n  ');

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
      text: `select ${key.sql} as key, ${summed}
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
