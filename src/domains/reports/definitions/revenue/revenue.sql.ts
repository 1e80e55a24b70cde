import { DateTime } from 'luxon';
import type { Scope } from '../../../../../aggregations/stages/filters.js';
import type { Period } from '../../../../lib/period.js';
import type { SqlQuery } from '../../engine/reports.types.js';

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

/** What is kept also says of how many entries the sums are. */
export interface KeptSums extends RevenueSums {
  readonly entries: number;
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

const amounts = Object.keys(amountsOf);
const counts = ['bills', 'transactions', 'entries'];
const figures = [...amounts, ...counts];
const list = (names: readonly string[]): string => names.join(', ');

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

const dayFormat = 'yyyy-MM-dd';

/** Half-open, of days `YYYY-MM-DD`, which sort as text; an end that is left out has none. */
interface Days {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Undefined when an end is not midnight. */
function daysOf({ from, to }: Period, zone: string): Days | undefined {
  const ends = [from, to].map((at) => (at ? DateTime.fromJSDate(at, { zone }) : undefined));
  if (ends.some((at) => at && !at.equals(at.startOf('day')))) return undefined;
  const [start, end] = ends.map((at) => at?.toFormat(dayFormat));
  return { from: start, to: end };
}

const grains = ['year', 'month', 'day'] as const;
type Grain = (typeof grains)[number];

/** The last start of a grain that is not behind a day, and the first one that is not before it. */
function startsAt(day: string, grain: Grain): { readonly last: string; readonly first: string } {
  const at = DateTime.fromISO(day, { zone: 'UTC' });
  const last = at.startOf(grain);
  const first = last < at ? last.plus({ [grain]: 1 }) : last;
  return { last: last.toFormat(dayFormat), first: first.toFormat(dayFormat) };
}

const starting = (column: string, { from, to }: Days): Condition[] => [
  ...(from === undefined ? [] : [when(`${column} >= ?`, from)]),
  ...(to === undefined ? [] : [when(`${column} < ?`, to)]),
];

/** The fewest rows that make up some days: as coarse as may be in the middle, finer at both ends. */
function rowsOf({ from, to }: Days, [grain, ...finer]: readonly Grain[]): Condition[] {
  if (grain === undefined || (from !== undefined && to !== undefined && from >= to)) return [];
  const first = from && startsAt(from, grain).first;
  const last = to && startsAt(to, grain).last;
  if (first && last && first >= last) return rowsOf({ from, to }, finer);
  return [
    all([when('grain = ?', grain), ...starting('start', { from: first, to: last })]),
    ...(first ? rowsOf({ from, to: first }, finer) : []),
    ...(last ? rowsOf({ from: last, to }, finer) : []),
  ];
}

/** The coarsest level that tells apart what is asked for. */
function levelOf({ by, scope: { hospital_ids, department_id, doctor_id } }: RevenueQuestion): string {
  if (by === 'doctor' || doctor_id !== undefined) return 'doctor';
  if (by === 'department' || department_id !== undefined) return 'department';
  return hospital_ids ? 'hospital' : 'network';
}

/**
 * From what is kept: of each group its sums (`KeptSums`), with what was not folded into the others yet. Undefined for a period
 * that is not of whole days.
 */
export function revenueOfRollup(question: RevenueQuestion): { readonly groups: SqlQuery } | undefined {
  const { by, period, scope, timeZone } = question;
  const days = daysOf(period, timeZone);
  if (!days) return undefined;
  const select = (table: string, start: string, conditions: readonly Condition[]): Condition => {
    const { sql, bindings } = all([...conditions, ...placeOf(scope)]);
    const key = by === 'month' ? `to_char(${start}, 'YYYY-MM')` : columnOf[by];
    return when(`select ${key} as key, ${list(figures)} from ${table} where ${sql}`, ...bindings);
  };
  const level = when('level = ?', levelOf(question));
  const parts = [
    ...rowsOf(days, by === 'month' ? grains.slice(1) : grains).map((rows) =>
      select('rollup_ledger', 'start', [level, rows]),
    ),
    select('rollup_ledger_deltas', 'day', starting('day', days)),
  ];
  return {
    groups: {
      text: `select key, ${list(amounts.map((name) => `sum(${name})::text as ${name}`))},
  ${list(counts.map((name) => `sum(${name})::int as ${name}`))}
from (${parts.map(({ sql }) => sql).join('\n  union all ')}) as kept group by key`,
      bindings: parts.flatMap(({ bindings }) => bindings),
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
