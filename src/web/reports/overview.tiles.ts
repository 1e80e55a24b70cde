import { hiddenText, type ReportAnswer, type Row, type Value } from '../../domains/reports/engine/index.js';

/* The figures that a manager looks at first, each out of a report. */

export interface Tile {
  readonly title: string;
  /** The report behind it, and what it is asked beside the period and the place. */
  readonly report: string;
  readonly params?: Readonly<Record<string, string>>;
  /** The column of the figure, and of one that is told beside it. */
  readonly figure: string;
  readonly beside?: string;
  /** Where the report has a row a month: the column that says which; its figures of a year are the trend. */
  readonly months?: string;
  /** The rows that count, where the report has no total of all of them. */
  readonly counts?: (row: Row) => boolean;
}

const byMonth = { report: 'monthly-appointments-trend', months: 'month' } as const;

export const tiles: readonly Tile[] = [
  { title: 'Visits', ...byMonth, figure: 'completed' },
  { title: 'Cancellations', ...byMonth, figure: 'cancellation_rate', beside: 'cancelled' },
  { title: 'Missed visits', ...byMonth, figure: 'no_show_rate', beside: 'no_show' },
  {
    title: 'Waiting',
    ...{ report: 'waiting-times', params: { by: 'month' }, months: 'month' },
    ...{ figure: 'median_days', beside: 'average_days' },
  },
  {
    title: 'Revenue',
    ...{ report: 'revenue', params: { by: 'month' }, months: 'month' },
    ...{ figure: 'net', beside: 'outstanding' },
  },
  { title: 'Utilisation', report: 'doctor-utilisation', figure: 'utilisation', beside: 'appointments' },
  {
    title: 'New patients',
    ...{ report: 'returning-patients', months: 'cohort', figure: 'cohort_patients' },
    counts: ({ months_later }) => months_later === 0,
  },
  { title: 'Drug spend', report: 'drug-spend', figure: 'total_cost', beside: 'prescriptions' },
];

/** The figure of all that was asked about; undefined where the report tells none. */
export function valueOf(
  { counts }: Tile,
  column: string,
  { rows, totals, small_cells }: ReportAnswer,
): Value | undefined {
  if (!counts) return totals?.[column];
  const values = rows.filter(counts).map((row) => row[column]!);
  // What is left out, or hidden, is in no sum.
  if ((small_cells?.hidden_rows ?? 0) > 0 || values.includes(hiddenText)) return hiddenText;
  return values.reduce<number>((sum, value) => sum + Number(value), 0);
}

export interface Point {
  readonly month: string;
  readonly value: number;
}

/** The figure month by month; months without one are left out, and the one that is not over on the day `today`. */
export function trendOf(
  { months, figure, counts = () => true }: Tile,
  { rows }: ReportAnswer,
  today: string,
): Point[] {
  if (months === undefined) return [];
  return rows.filter(counts).flatMap((row) => {
    const [month, value] = [row[months], row[figure]];
    return typeof month === 'string' && month < today.slice(0, 7) && value !== null && value !== hiddenText
      ? [{ month, value: Number(value) }]
      : [];
  });
}
