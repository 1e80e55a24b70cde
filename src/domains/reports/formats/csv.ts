import type { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { Column, Row, Value } from '../engine/reports.types.js';

/** What a spreadsheet takes for the start of a formula, full-width forms too. */
const formula = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Text never becomes a formula, no matter who typed it; figures stay figures. */
function safe(value: Value | undefined, type: Column['type']): Value {
  if (typeof value === 'string' && type === 'text' && formula.test(value)) return `'${value}`;
  return value ?? null;
}

/**
 * The rows as a stream of RFC 4180 text with a header line of the columns' names; what is missing is empty. A semicolon
 * separates cells to the spreadsheets of half the world, so text that holds one is quoted.
 */
export function toCsv(columns: readonly Column[], rows: readonly Row[]): Readable {
  const names = columns.map(({ name }) => name);
  const lines = stringify({ header: true, columns: names, record_delimiter: '\r\n', quoted_match: /;/ });
  const write = async (): Promise<void> => {
    for (const row of rows) {
      const more = lines.write(columns.map(({ name, type }) => safe(row[name], type)));
      if (!more) await new Promise((resolve) => lines.once('drain', resolve));
    }
    lines.end();
  };
  write().catch((error: unknown) => lines.destroy(error as Error));
  return lines;
}
