import type { AnyReport } from './reports.definition.js';
import type { Column, ReportAnswer, Row, SmallCells, Value } from './reports.types.js';

type Shown = Pick<ReportAnswer, 'rows' | 'small_cells'>;

/** What stands in place of a figure that is hidden. Not `<5`: another row may be hidden with a small one, and counts more. */
export const hiddenText = 'hidden';

/** For the one who reads the answer. */
export const hiddenWords = ({ below, hidden_rows }: SmallCells): string =>
  `Rows with a count from 1 to ${below - 1} have no figures, nor has a row from which theirs could be told: ${hidden_rows} of these.`;

/** What a row loses when it is hidden. */
export const isFigureOf = (
  { key }: Pick<AnyReport, 'key'>,
  { name, type }: Pick<Column, 'name' | 'type'>,
): boolean => type !== 'text' && type !== 'month' && !key.includes(name);

/** The rows as they are read: the figures of hidden ones are the word for that. */
export function wordedRows(report: Pick<AnyReport, 'key' | 'columns'>, answer: Shown): readonly Row[] {
  const figures = report.columns.filter((column) => isFigureOf(report, column));
  const words = Object.fromEntries(figures.map(({ name }) => [name, hiddenText]));
  return answer.rows.map((row, at) => (isHiddenRow(answer, at) ? { ...row, ...words } : row));
}

/** The rows with figures: hidden ones are the last. */
export const shownRows = ({ rows, small_cells }: Shown): readonly Row[] =>
  small_cells ? rows.slice(0, rows.length - small_cells.hidden_rows) : rows;

const isHiddenRow = ({ rows, small_cells }: Shown, at: number): boolean =>
  at >= rows.length - (small_cells?.hidden_rows ?? 0);

/** What does not add up, such as the days of a period, counts nobody. */
export const countColumns = (report: Pick<AnyReport, 'columns' | 'key'>): readonly Column[] =>
  report.columns.filter(
    (column) =>
      isFigureOf(report, column) && column.type === 'count' && column.total !== 'none' && !column.fine,
  );

/** The figures of a row that count somebody or something. */
export const countsOf = (report: Pick<AnyReport, 'columns' | 'key'>, row: Row): number[] =>
  countColumns(report).map(({ name }) => Number(row[name] ?? 0));

/** Whether a total of these small rows would tell them: there is one, or all are the least or the most that is hidden. */
const isGivenAway = (rows: readonly Row[], counts: readonly string[], below: number): boolean =>
  rows.length === 1 ||
  counts.some((name) => [1, below - 1].some((extreme) => rows.every((row) => row[name] === extreme)));

/**
 * REP-11: small counts are of people whom somebody may know. A row with a count from 1 to `below` − 1 keeps its key and its
 * texts and loses every figure, for an average or a sum would tell the count. Nor can it be had by subtraction from a total
 * that is known from elsewhere: where that would tell it, the smallest other ones that count anybody are hidden with it, all
 * that are as small (complementary suppression; Hundepool et al., Statistical Disclosure Control, 2012, chapter 4): which one
 * of them was chosen would tell too. Hidden rows come last, by their keys: their place among the others would tell between
 * which figures theirs lie.
 */
export function hideSmall<R extends Row>(
  report: Pick<AnyReport, 'columns' | 'key'>,
  rows: readonly R[],
  below: number,
  isTold: (row: R) => boolean = () => false,
): { readonly rows: readonly R[]; readonly hidden: number } {
  const figures = report.columns.filter((column) => isFigureOf(report, column));
  const counts = countColumns(report).map(({ name }) => name);
  const least = (row: R): number =>
    Math.min(...counts.map((name) => Number(row[name] ?? 0)).filter((count) => count > 0));
  const hidden = new Set(rows.filter((row) => least(row) < below || isTold(row)));
  if (hidden.size === 0) return { rows, hidden: 0 };
  const others = rows.filter((row) => !hidden.has(row) && least(row) < Infinity);
  if (isGivenAway([...hidden], counts, below)) {
    const smallest = Math.min(...others.map(least));
    for (const row of others) if (least(row) === smallest) hidden.add(row);
  }
  const nothing = Object.fromEntries(figures.map(({ name }) => [name, null]));
  const last = [...hidden].sort((a, b) => compareKeys(report.key, a, b));
  return {
    rows: [...rows.filter((row) => !hidden.has(row)), ...last.map((row) => ({ ...row, ...nothing }))],
    hidden: hidden.size,
  };
}

function compareKeys(key: readonly string[], a: Row, b: Row): number {
  for (const name of key) {
    const [left, right] = [text(a[name]), text(b[name])];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** What is missing comes last. */
const text = (value: Value | undefined): string =>
  value === null || value === undefined ? '\uFFFF' : String(value);
