import { Readable } from 'node:stream';
import type { Column, Row, Value } from '../engine/reports.types.js';

/**
 * Where a spreadsheet would take text for a formula: at its start and at that of each line in it, for a reader that does not know
 * of quotes has a line of its own there. Spaces and signs that nobody sees may stand before; the wide and the small forms count too.
 */
const formulaStarts =
  /^(?=(?:(?![\r\n])[\p{Zs}\p{Cf}\p{Cc}])*[=+\-@\uFE62\uFE63\uFE66\uFE6B\uFF0B\uFF0D\uFF1D\uFF20])/gmu;
const controlStart = /^(?=[\t\r\n])/;

const number = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Text never becomes a formula or a row, no matter who typed it: it is always quoted, and marked where it looks like one. */
const quoted = (text: string): string =>
  `"${text.replace(controlStart, "'").replace(formulaStarts, "'").replaceAll('"', '""')}"`;

function cell(value: Value | undefined, type: Column['type']): string {
  if (value === null || value === undefined) return '';
  const isText = type === 'text' || type === 'month' || !number.test(String(value));
  return isText ? quoted(String(value)) : String(value);
}

/** A line of texts; null is an empty cell. */
export const csvLine = (texts: readonly (string | null)[]): string =>
  `${texts.map((text) => (text === null ? '' : quoted(text))).join(',')}\r\n`;

/** About as much as a socket takes at once. */
const chunkLength = 16_384;

/** Excel takes text for that of an old code page, unless it begins so. */
const utf8Mark = '\uFEFF';

function* chunks(columns: readonly Column[], rows: readonly Row[], start: string): Generator<string> {
  let chunk = `${start}${columns.map(({ name }) => name).join(',')}\r\n`;
  for (const row of rows) {
    chunk += `${columns.map(({ name, type }) => cell(row[name], type)).join(',')}\r\n`;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/**
 * The rows as a stream of RFC 4180 text with a header line of the columns' names, which are ours. Each text is in quotes, figures
 * are not, what is missing is empty: as many rows and columns as there are, whatever is in them.
 */
export const toCsv = (columns: readonly Column[], rows: readonly Row[], start = ''): Readable =>
  Readable.from(chunks(columns, rows, start), { objectMode: false, highWaterMark: chunkLength });

/** The same as a file, in which every spreadsheet finds UTF-8. */
export const toCsvFile = (columns: readonly Column[], rows: readonly Row[]): Readable =>
  toCsv(columns, rows, utf8Mark);
