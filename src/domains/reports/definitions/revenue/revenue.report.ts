import { revenue, type RevenueRow as NamedRow } from '../../../../../aggregations/revenue.js';
import { flag, money as moneyField, oneOf, shape, withDefault } from '../../../../lib/fields.js';
import { fromCents, type Money } from '../../../../lib/money.js';
import { ledgerAccounts, type LedgerAccount } from '../../../money/payments/payments.types.js';
import { knownIn } from '../../engine/reports.known-at.js';
import { defineReport, type Asked, type Merged } from '../../engine/reports.definition.js';
import { monthsBetween } from '../../engine/reports.figures.js';
import { compareTexts } from '../../engine/reports.ranking.js';
import type { Column } from '../../engine/reports.types.js';
import { monthText } from '../../mirror/tables.js';
import { namesSql, revenueSql } from './revenue.mirror.js';
import {
  groupings,
  revenueOfLedger,
  type AccountTotal,
  type Grouping,
  type RevenueQuestion,
  type RevenueSums,
} from './revenue.sql.js';
import {
  amountNames,
  revenueChart,
  revenueDrilldown,
  type AmountName,
  type RevenueRow,
} from './revenue.view.js';

interface AccountReceipt {
  readonly attributed: Money;
  readonly unattributed: Money;
  readonly total: Money;
}

interface RevenueReceipt {
  readonly accounts: Readonly<Record<LedgerAccount, AccountReceipt>>;
  readonly balanced: boolean;
}

type Cents = Readonly<Record<AmountName, bigint>>;

const centsOf = (sums: RevenueSums | undefined): Cents =>
  Object.fromEntries(amountNames.map((name) => [name, BigInt(sums?.[name] ?? 0)])) as Record<
    AmountName,
    bigint
  >;

const netOf = ({ billed, cancellation_fees, given_back }: Cents): bigint =>
  billed + cancellation_fees - given_back;

/** The balance of each account that the figures are made of. */
const balancesOf = (cents: Cents): Record<LedgerAccount, bigint> => ({
  cash: cents.collected - cents.voided - cents.refunded,
  receivable: cents.outstanding,
  gst_payable: -cents.tax,
  revenue: -cents.billed,
  refunds_given: cents.given_back,
  cancellation_fees: -cents.cancellation_fees,
});

function receiptOf(groups: readonly RevenueSums[], totals: readonly AccountTotal[]): RevenueReceipt {
  const known = groups.filter(({ key }) => key !== null).map((sums) => balancesOf(centsOf(sums)));
  const unknown = balancesOf(centsOf(groups.find(({ key }) => key === null)));
  const found = new Map(totals.map(({ account, total }) => [account, BigInt(total)]));
  let isBalanced = true;
  let sum = 0n;
  const accounts = ledgerAccounts.map((account) => {
    const attributed = known.reduce((all, one) => all + one[account], 0n);
    const total = found.get(account) ?? 0n;
    isBalanced &&= attributed + unknown[account] === total;
    sum += total;
    const cents = { attributed, unattributed: unknown[account], total };
    return [account, Object.fromEntries(Object.entries(cents).map(([name, one]) => [name, fromCents(one)]))];
  });
  const receipt = Object.fromEntries(accounts) as RevenueReceipt['accounts'];
  return { accounts: receipt, balanced: isBalanced && sum === 0n };
}

function revenueRow(
  by: Grouping,
  key: string | null,
  named: NamedRow | undefined,
  sums: RevenueSums | undefined,
): RevenueRow {
  const cents = centsOf(sums);
  const amounts = Object.fromEntries(
    amountNames.map((amount) => [amount, fromCents(cents[amount])]),
  ) as Record<AmountName, Money>;
  const nothing = {
    ...{ month: null, department_id: null, department: null, doctor_id: null, doctor: null, hospital: null },
  };
  const own =
    by === 'month'
      ? { month: key }
      : { [`${by}_id`]: key, [by]: named?.name ?? null, hospital: named?.hospital ?? null };
  const { bills = 0, transactions = 0 } = sums ?? {};
  return { ...nothing, ...own, ...amounts, net: fromCents(netOf(cents)), bills, transactions };
}

/** Months in their order, zeros included; departments and doctors by what they net, then by id; what nobody knows comes last. */
function revenueRows(
  by: Grouping,
  groups: readonly RevenueSums[],
  totals: readonly AccountTotal[],
  names: readonly NamedRow[],
): Merged<RevenueRow> {
  const nameOf = new Map(names.map((one) => [one.id, one]));
  const byKey = new Map(groups.map((sums) => [sums.key, sums]));
  const keys = by === 'month' ? monthsBetween([...byKey.keys()] as string[]) : rankedKeys(groups);
  return {
    rows: keys.map((key) => revenueRow(by, key, key === null ? undefined : nameOf.get(key), byKey.get(key))),
    receipt: receiptOf(groups, totals),
    rows_read: { mongodb: 0, postgres: totals.reduce((sum, { entries }) => sum + entries, 0) },
  };
}

function rankedKeys(groups: readonly RevenueSums[]): (string | null)[] {
  return groups
    .map((sums) => ({ key: sums.key, net: netOf(centsOf(sums)) }))
    .sort(
      (a, b) =>
        Number(a.key === null) - Number(b.key === null) ||
        (a.net === b.net ? 0 : a.net > b.net ? -1 : 1) ||
        compareTexts(a.key, b.key),
    )
    .map(({ key }) => key);
}

const questionOf = (asked: Asked<{ by: Grouping }>): RevenueQuestion => ({
  ...{ by: asked.query.by, period: knownIn(asked), scope: asked.scope, timeZone: asked.timeZone },
});

const namesOf = ({ query: { by }, scope }: Asked<{ by: Grouping }>) =>
  by === 'month' ? {} : { mongodb: revenue({ ...scope, by }) };

const text = <N extends keyof RevenueRow>(name: N, title: string, description: string): Column<N> => ({
  ...{ name, type: 'text' as const, title, description, nullable: true },
});
const amount = <N extends keyof RevenueRow>(name: N, title: string, description: string): Column<N> => ({
  ...{ name, type: 'money' as const, title, description, total: 'sum' },
});
const signed = () => moneyField({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const account = () => shape({ attributed: signed(), unattributed: signed(), total: signed() });

interface MirroredRows {
  readonly groups: readonly (Omit<RevenueSums, 'key'> & { readonly key: string | number | null })[];
  readonly accounts: readonly AccountTotal[];
}

/** REP-5. */
export const revenueReport = defineReport<
  RevenueRow,
  NamedRow,
  { groups: RevenueSums[]; accounts: AccountTotal[] }
>()({
  id: 'revenue',
  operationId: 'getRevenue',
  version: 2,
  title: 'Revenue by department, doctor or month, with refunds and what is outstanding',
  question: 'What was billed, collected and paid back, and what patients still owe.',
  description:
    'From the double-entry ledger (Postgres), by the time of posting: a bill counts when the visit ended, a payment, refund or void when it ' +
    'was made. Departments and doctors come by `net` descending, then id; an entry whose place nobody knows is in a row without an id, so ' +
    'that the rows are all of the ledger. Months come in their order, zeros included. `net` + `tax` = `collected` − `voided` − `refunded` + ' +
    '`outstanding`, in each row. The receipt says for each account of the ledger that attributed and unattributed (the row without an id) ' +
    'are together its total of the period and places asked for, debits above zero, and that all accounts sum to zero.',
  params: { by: withDefault(oneOf(...groupings), 'department') },
  key: ['month', 'department_id', 'doctor_id'],
  columns: [
    { ...text('month', 'Month', 'by=month: YYYY-MM'), type: 'month' },
    text('department_id', 'Department id', 'by=department: the department then'),
    text('department', 'Department', 'Its name now'),
    text('doctor_id', 'Doctor id', 'by=doctor: the doctor'),
    text('doctor', 'Doctor', 'The name now'),
    text('hospital', 'Hospital', 'by=department, by=doctor: the name of the hospital now'),
    amount('billed', 'Billed', 'Revenue before tax: what bills credit to `revenue`'),
    amount('cancellation_fees', 'Kept', 'Fees kept of cancelled bookings: credited to `cancellation_fees`'),
    amount(
      'given_back',
      'Given back',
      'Revenue given away by refunds and allowances: debited to `refunds_given`',
    ),
    { ...amount('net', 'Net revenue', 'billed + cancellation_fees − given_back'), headline: true },
    amount(
      'tax',
      'Tax',
      'Tax on payments less that on refunds and voids: credited to `gst_payable`, owed to the state',
    ),
    { ...amount('collected', 'Collected', 'Paid by patients, with tax: `cash` of payments'), headline: true },
    amount('voided', 'Voided', 'Of it, what was voided: `cash` of voids'),
    { ...amount('refunded', 'Refunded', 'Paid back, with tax: `cash` of refunds'), headline: true },
    {
      ...amount(
        'outstanding',
        'Outstanding',
        'Billed and not paid, less what is paid and not billed: `receivable`',
      ),
      headline: true,
    },
    { name: 'bills', type: 'count', title: 'Bills', description: 'Bills of more than nothing' },
    {
      name: 'transactions',
      type: 'count',
      title: 'Payments',
      description: 'Payments, those voided later too',
    },
  ],
  receipt: shape({
    accounts: shape({
      cash: account(),
      receivable: account(),
      gst_payable: account(),
      revenue: account(),
      refunds_given: account(),
      cancellation_fees: account(),
    }),
    balanced: flag(),
  }),
  counts_differently: [
    {
      ...{ about: 'net', than: 'average-prescription-cost' },
      why: 'Bills of every kind count, by when they were posted, less what was given back; what was billed for each disease is there alone.',
    },
    {
      ...{ about: 'net', than: 'drug-spend' },
      why: 'What was prescribed and never billed is in no figure; what is spent on drugs counts it.',
    },
  ],
  knownAt: () => true,
  sources: (asked) => ({ ...namesOf(asked), postgres: revenueOfLedger(questionOf(asked)) }),
  merge: ({ mongodb, postgres: { groups, accounts } }, { query }) =>
    revenueRows(query.by, groups, accounts, mongodb),
  mirror: {
    of: ({ query: { by } }) => (by === 'month' ? ['postgres'] : ['mongodb', 'postgres']),
    mongodb: ({ query: { by }, scope }) => (by === 'month' ? undefined : namesSql(by, scope)),
    postgres: (asked) => revenueSql(questionOf(asked)),
    merge({ mongodb, postgres }, { query: { by } }) {
      const { groups = [], accounts = [] } = postgres as unknown as MirroredRows;
      const named = groups.map(({ key, ...sums }) => ({
        ...sums,
        key: typeof key === 'number' ? monthText(key) : key,
      }));
      return revenueRows(by, named, accounts, mongodb);
    },
  },
  drilldown: (asked, key) => revenueDrilldown(questionOf(asked), key),
  chart: (rows, asked) => revenueChart(asked.query.by, rows, asked),
});
