import { hiddenText, shownRows } from './reports.small-cells.js';
import type { Column, ReportAnswer, Row, Value } from './reports.types.js';

/* The rows in another order than the report's: `name` of a column, `-name` from its greatest value down. */

interface Sorting {
  readonly column: Column;
  readonly isDescending: boolean;
}

/** All that the rows can be sorted by. */
export const sortsOf = (columns: readonly Column[]): string[] =>
  columns.flatMap(({ name }) => [name, `-${name}`]);

/** undefined: in the order of the report. */
export function sortingOf(columns: readonly Column[], sort: string | undefined): Sorting | undefined {
  const column = columns.find(({ name }) => name === sort?.replace(/^-/, ''));
  return column && { column, isDescending: sort!.startsWith('-') };
}

const { compare } = new Intl.Collator('en', { numeric: true });

const isMissing = (value: Value | undefined): boolean =>
  value === null || value === undefined || value === hiddenText;

/** Numbers by their size, words as they stand in a dictionary; what is missing comes last, either way. Equal ones keep their order. */
export function sorted<T>(
  items: readonly T[],
  { column: { name, type, order }, isDescending }: Sorting,
  rowOf: (item: T) => Row,
): readonly T[] {
  if (order === 'own') return isDescending ? items.toReversed() : items;
  const isText = type === 'text' || type === 'month';
  const sign = isDescending ? -1 : 1;
  return items.toSorted((one, other) => {
    const [a, b] = [rowOf(one)[name], rowOf(other)[name]];
    if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
    return sign * (isText ? compare(String(a), String(b)) : Number(a) - Number(b));
  });
}

/** Those that are hidden stay the last: their place would tell between which figures theirs lie. */
export function sortedAnswer(answer: ReportAnswer, sort: string | undefined): ReportAnswer {
  const sorting = sortingOf(answer.columns, sort);
  if (!sorting) return answer;
  const shown = shownRows(answer);
  const rows = [...sorted(shown, sorting, (row) => row), ...answer.rows.slice(shown.length)];
  return { ...answer, rows };
}
