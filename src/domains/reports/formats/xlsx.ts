import { DateTime } from 'luxon';
import { Problem } from '../../../lib/errors.js';
import { hiddenText, hiddenWords } from '../engine/reports.small-cells.js';
import { noteLines } from '../engine/reports.notes.js';
import { allWords, totalLine } from '../engine/reports.totals.js';
import {
  behindWords,
  pathWords,
  type Column,
  type ColumnType,
  type ReportAnswer,
  type Value,
} from '../engine/reports.types.js';

/** What a file says of itself, so that a copy of a copy can still be asked where it comes from. */
export interface AboutFacts {
  readonly title: string;
  readonly who: string;
  readonly at: Date;
  readonly timeZone: string;
  /** Of its amounts. */
  readonly currency?: string;
}

/** The workbook is put together in memory; more rows than this go as CSV, which is a stream. */
export const maxXlsxRows = 50_000;

/** What Excel takes in a cell. */
const maxText = 32_767;

const cellFormats: Readonly<Record<ColumnType, string | undefined>> = {
  text: undefined,
  month: 'yyyy-mm',
  count: '#,##0',
  decimal: '#,##0.00',
  money: '#,##0.00',
  days: '#,##0.00',
  rate: '0.00%',
};

interface Cell {
  readonly value?: string | number | Date;
  readonly type?: StringConstructor | NumberConstructor | DateConstructor;
  readonly format?: string;
  readonly align?: 'left' | 'right';
  readonly fontWeight?: 'bold';
  readonly wrap?: boolean;
  readonly alignVertical?: 'top';
  readonly bottomBorderStyle?: 'thin';
  readonly topBorderStyle?: 'thin';
}

// eslint-disable-next-line no-control-regex -- those are what XML has no place for
const noXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const halfPairs = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text that XML can hold; and Excel reads `_x0041_` as a letter A unless the underscore is written so itself. */
const plain = (text: string): string =>
  text
    .replace(noXml, '')
    .replace(halfPairs, '')
    .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
    .slice(0, maxText);

/** Always of the type text: what looks like a formula is one to nobody. */
const textCell = (text: string, style: Omit<Cell, 'value' | 'type'> = {}): Cell => ({
  value: plain(text),
  type: String,
  ...style,
});

function cellOf(value: Value | undefined, { type }: Column): Cell | null {
  if (value === null || value === undefined) return null;
  if (value === hiddenText) return textCell(value, { align: 'right' });
  const format = cellFormats[type];
  if (format === undefined) return textCell(String(value));
  // Its first day, as Excel has it: without a zone, which is written by that of UTC.
  if (type === 'month')
    return { value: new Date(`${value}-01T00:00:00Z`), type: Date, format, align: 'left' };
  return { value: Number(value), type: Number, format, align: 'right' };
}

/** The last row, where there are totals. */
function totalRows(answer: ReportAnswer): (Cell | null)[][] {
  const line = totalLine(answer);
  if (!line) return [];
  const style = { fontWeight: 'bold', topBorderStyle: 'thin' } as const;
  return [
    answer.columns.map((column, at) =>
      at === 0
        ? textCell(allWords(line.of), style)
        : { ...cellOf(line.totals[column.name], column), ...style },
    ),
  ];
}

const isNumeric = ({ type }: Column): boolean => type !== 'text' && type !== 'month';

/** Wide enough for its heading and its first cells, within reason. */
function widthOf({ name, title }: Column, rows: ReportAnswer['rows']): number {
  const lengths = rows.slice(0, 200).map((row) => String(row[name] ?? '').length);
  return Math.min(60, Math.max(8, title.length, ...lengths) + 3);
}

const words = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** All that a file says of its figures: what was asked, when they held, how they were computed, what the columns mean. */
export function aboutOf(
  { parameters, rows, of, provenance, columns, small_cells }: ReportAnswer,
  facts: AboutFacts,
): [string, string][] {
  const on = (date: Date | null): string =>
    date === null
      ? 'not asked'
      : DateTime.fromJSDate(date, { zone: facts.timeZone }).toFormat("yyyy-MM-dd HH:mm:ss 'UTC'ZZ");
  const { as_of, rows_read } = provenance;
  const behind = behindWords(provenance);
  return [
    ['Report', facts.title],
    ...Object.entries(parameters)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]): [string, string] => [`Filter: ${name}`, words(value)]),
    ['Time zone', facts.timeZone],
    ...(facts.currency !== undefined && columns.some(({ type }) => type === 'money')
      ? [['Currency', facts.currency] as [string, string]]
      : []),
    ['Made at', on(facts.at)],
    ['Made for', facts.who],
    ['Rows', of === undefined || of === rows.length ? String(rows.length) : `${rows.length} of ${of}`],
    ['Records behind them', rows_read ? String(rows_read.mongodb + rows_read.postgres) : hiddenText],
    ...(small_cells ? [['Hidden', hiddenWords(small_cells)] as [string, string]] : []),
    ...(provenance.known_at ? [['As known at', on(provenance.known_at)] as [string, string]] : []),
    ['Data as of (MongoDB)', on(as_of.mongodb)],
    ['Data as of (Postgres)', on(as_of.postgres)],
    ['Computed from', pathWords[provenance.path]],
    ...(behind === null ? [] : [['How far behind', behind] as [string, string]]),
    ['Definition', `${provenance.definition} version ${provenance.version}`],
    ...columns.map(({ title, description }): [string, string] => [`Column: ${title}`, description]),
  ];
}

const sheetFile = 'xl/worksheets/sheet{id}.xml';

/** Buttons to filter and sort by in the headings of the first sheet; a line of totals stays where it is. */
async function filterRow(rows: number, columns: number) {
  const excel = await import('write-excel-file/utility');
  const markup = excel.getSelfClosingTagMarkup('autoFilter', {
    ref: `A1:${excel.getCellAddress(rows, columns - 1)}`,
  });
  const order = excel.getOrderOfSiblings(sheetFile, 'worksheet')!;
  return {
    files: {
      transform: {
        [sheetFile]: {
          transform: (xml: string, _options: unknown, { sheetIndex }: { sheetIndex: number }) =>
            sheetIndex === 0
              ? excel.insertElementMarkupAccordingToOrderOfSiblings(xml, markup, order, 'worksheet')
              : xml,
        },
      },
    },
  };
}

/**
 * The rows as a workbook with figures as numbers, and a second sheet that says what they are. Throws `not_acceptable` when there
 * are more than a workbook takes.
 */
export async function toXlsx(answer: ReportAnswer, facts: AboutFacts): Promise<Buffer> {
  const { columns, rows } = answer;
  if (rows.length > maxXlsxRows) {
    const message = `xlsx takes ${maxXlsxRows} rows at the most, and these are ${rows.length}: ask for csv`;
    throw new Problem('not_acceptable', `/query/format ${message}`, {
      errors: [{ pointer: '/query/format', message }],
    });
  }
  const { default: writeWorkbook } = await import('write-excel-file/node');
  const heading = (column: Column): Cell =>
    textCell(column.title, {
      fontWeight: 'bold',
      bottomBorderStyle: 'thin',
      ...(isNumeric(column) ? { align: 'right' } : {}),
    });
  const sheets = [
    {
      sheet: 'Report',
      stickyRowsCount: 1,
      columns: columns.map((column) => ({ width: widthOf(column, rows) })),
      data: [
        columns.map(heading),
        ...rows.map((row) => columns.map((column) => cellOf(row[column.name], column))),
        ...totalRows(answer),
      ],
    },
    {
      sheet: 'About',
      columns: [{ width: 28 }, { width: 90 }],
      data: [
        ...noteLines(answer).map((line) => ['Counted differently', line] as const),
        ...aboutOf(answer, facts),
      ].map(([name, value]) => [
        textCell(name, { fontWeight: 'bold', alignVertical: 'top' }),
        textCell(value, { wrap: true }),
      ]),
    },
  ];
  const features = [await filterRow(rows.length, columns.length)];
  return writeWorkbook(sheets, { features }).toBuffer();
}
