import { hiddenText, type ReportAnswer, type Value } from '../../domains/reports/engine/index.js';

/* The figures that a manager looks at first, each out of a report. */

export interface Tile {
  readonly title: string;
  /** The report behind it, and what it is asked beside the period and the place. */
  readonly report: string;
  readonly params?: Readonly<Record<string, string>>;
  /** The column of the figure, and of one that is told beside it. */
  readonly figure: string;
  readonly beside?: string;
  /** Where neither is the lesser one: what the two are called. */
  readonly pair?: readonly [figure: string, beside: string];
  /** Where the report has a row a month: the column that says which; its figures of a year are the trend. */
  readonly months?: string;
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
    title: 'Patients',
    ...{ report: 'new-and-returning-patients', months: 'month' },
    ...{ figure: 'new_patients', beside: 'returning_patients' },
    pair: ['new', 'returning'],
  },
  { title: 'Drug spend', report: 'drug-spend', figure: 'total_cost', beside: 'prescriptions' },
];

/** The figure of all that was asked about; undefined where the report tells none. */
export const valueOf = (column: string, { totals, small_cells }: ReportAnswer): Value | undefined =>
  // What small counts are hidden from is told no total that would give one away.
  totals === undefined && small_cells ? hiddenText : totals?.[column];

export interface Point {
  readonly month: string;
  readonly value: number;
}

/** The figure month by month; months without one are left out, and the one that is not over on the day `today`. */
export function trendOf({ months, figure }: Tile, { rows }: ReportAnswer, today: string): Point[] {
  if (months === undefined) return [];
  return rows.flatMap((row) => {
    const [month, value] = [row[months], row[figure]];
    return typeof month === 'string' && month < today.slice(0, 7) && value !== null && value !== hiddenText
      ? [{ month, value: Number(value) }]
      : [];
  });
}
