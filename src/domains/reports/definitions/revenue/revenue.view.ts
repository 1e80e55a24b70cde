import type { Chart } from '../../../../lib/chart.types.js';
import type { Money } from '../../../../lib/money.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { chartAmount, chartRows, toldApart } from '../../engine/reports.figures.js';
import type { Column, Row } from '../../engine/reports.types.js';
import { entriesOf, type Grouping, type RevenueQuestion } from './revenue.sql.js';

export const amountNames = [
  'billed', 'cancellation_fees', 'given_back', 'tax', 'collected', 'voided', 'refunded', 'outstanding',
] as const; // prettier-ignore
export type AmountName = (typeof amountNames)[number];

export interface RevenueRow extends Readonly<Record<AmountName | 'net', Money>> {
  readonly month: string | null;
  readonly department_id: string | null;
  readonly department: string | null;
  readonly doctor_id: string | null;
  readonly doctor: string | null;
  readonly hospital: string | null;
  readonly bills: number;
  readonly transactions: number;
}

const shown = [
  ['net', 'Net revenue'],
  ['collected', 'Collected'],
  ['refunded', 'Refunded'],
  ['outstanding', 'Outstanding'],
] as const;

const seriesOf = (rows: readonly RevenueRow[]) =>
  shown.map(([figure, name]) => ({ name, values: rows.map((row) => chartAmount(row[figure])) }));

export function revenueChart(
  by: Grouping,
  rows: readonly RevenueRow[],
  { currency: unit }: Pick<Asked<object>, 'currency'>,
): Chart | null {
  if (rows.length === 0) return null;
  if (by === 'month')
    return {
      kind: 'line',
      title: 'Revenue by month',
      description:
        'Net revenue, what was collected and refunded, and what became outstanding, for each month.',
      categories: rows.map(({ month }) => month!),
      figures: shown.map(([figure]) => figure),
      series: seriesOf(rows),
      unit,
    };
  const first = rows.slice(0, chartRows);
  const unknown = 'Unknown';
  return {
    kind: 'bar',
    title: `Revenue by ${by}`,
    description: `Net revenue, what was collected and refunded, and what is outstanding, for the ${chartRows} of the highest net revenue.`,
    categories: toldApart(
      first.map((row) => {
        const id = row[`${by}_id`] ?? unknown;
        return [row[by] ?? id, row.hospital, id];
      }),
    ),
    series: seriesOf(first),
    unit,
  };
}

const text = (name: string, title: string, description: string): Column => ({
  ...{ name, type: 'text' as const, title, description, nullable: true },
});

const columns: readonly Column[] = [
  text('entry_number', 'Entry', 'Its number in the ledger'),
  text('posted_at', 'Posted', 'When (UTC)'),
  text('kind', 'Kind', 'bill, payment, refund, void, allowance or forfeit'),
  text('account', 'Account', 'The account'),
  {
    name: 'amount',
    type: 'money',
    title: 'Amount',
    description: 'A debit above zero, a credit below',
    total: 'sum',
  },
  text('journal_id', 'Journal', 'What was posted together'),
  text('transaction_id', 'Payment', 'The payment that it is about'),
  text('appointment_id', 'Appointment', 'The visit'),
  text('patient_id', 'Patient', 'Whose money it is'),
  text('doctor_id', 'Doctor', 'The doctor'),
  text('department_id', 'Department', 'The department then'),
  text('hospital_id', 'Hospital', 'The hospital then'),
];

/** The ledger's entries behind a row. */
export function revenueDrilldown(question: RevenueQuestion, key: Row): Drilldown {
  const value = key[question.by === 'month' ? 'month' : `${question.by}_id`] ?? null;
  return {
    columns,
    order: ['entry_number'],
    postgres: entriesOf(question, value === null ? null : String(value)),
  };
}
