import { fromCents, ratio, toCents } from '../../../lib/money.js';
import type { Column, ReportAnswer, Row, Value } from './reports.types.js';

/**
 * In hundredths, exactly: every figure that is added up has two decimals at the most. Undefined when one of them is not told: the
 * sum would tell it.
 */
function sumOf(rows: readonly Row[], name: string): bigint | undefined {
  let sum = 0n;
  for (const { [name]: value } of rows) {
    if (value === null || value === undefined) return undefined;
    sum += toCents(typeof value === 'number' ? value.toFixed(2) : value);
  }
  return sum;
}

/** What heads the line of totals. */
export const allWords = (of: number | string): string => `All ${of} rows`;

/** The line below the rows; null where nothing adds up, or a single row says the same. */
export const totalLine = ({
  of = 0,
  totals = {},
}: Pick<ReportAnswer, 'of' | 'totals'>): { readonly of: number; readonly totals: Row } | null =>
  of > 1 && Object.keys(totals).length > 0 ? { of, totals } : null;

/** Whether the figures of a column add up to anything. */
export const hasTotal = (column: Column): boolean => ruleOf(column) !== 'none';

/** Whether the figure of a longer time is the sum of those of its parts. */
export const addsUp = (column: Column): boolean => ruleOf(column) === 'sum';

const ruleOf = ({ total, type, persons }: Column): NonNullable<Column['total']> =>
  total ?? (type === 'count' && !persons ? 'sum' : 'none');

/** The figures of all rows together, by column, where there is one. */
export function totalsOf(
  { columns, key }: { readonly columns: readonly Column[]; readonly key: readonly string[] },
  rows: readonly Row[],
): Row {
  const totals = columns.flatMap((column): [string, Value][] => {
    const total = key.includes(column.name) ? undefined : totalOf(column, rows);
    return total === undefined ? [] : [[column.name, total]];
  });
  return Object.fromEntries(totals);
}

/** The figure of all rows together; undefined where there is no such figure, null where there is nothing to divide by. */
function totalOf(column: Column, rows: readonly Row[]): Value | undefined {
  const rule = ruleOf(column);
  if (rule === 'none' || rule === 'own') return undefined;
  const isMoney = column.type === 'money';
  if (rule === 'sum') {
    const sum = sumOf(rows, column.name);
    return sum === undefined ? undefined : isMoney ? fromCents(sum) : Number(fromCents(sum));
  }
  const part = sumOf(rows, rule.part);
  let whole = 0n;
  for (const name of rule.whole) {
    const sum = sumOf(rows, name);
    if (sum === undefined) return undefined;
    whole += sum;
  }
  if (part === undefined) return undefined;
  if (whole === 0n) return null;
  const text = ratio(part, whole, column.type === 'rate' ? 4 : 2);
  return isMoney ? text : Number(text);
}
