import { buffer } from 'node:stream/consumers';
import { DateTime } from 'luxon';
import drawSvg from 'svg-to-pdfkit';
import { chartMarkup } from '../../../lib/chart.js';
import type { Chart } from '../../../lib/chart.types.js';
import { Problem } from '../../../lib/errors.js';
import { withOutlines } from '../../../lib/chart.outlines.js';
import { toText } from '../../../lib/html.js';
import { createDocument, fit, fonts, grouped, type Doc } from '../../../lib/pdf-text.js';
import {
  type Column,
  type ColumnType,
  type ReportAnswer,
  type Row,
  type Value,
} from '../engine/reports.types.js';
import { noteLines } from '../engine/reports.notes.js';
import { allWords, totalLine } from '../engine/reports.totals.js';
import { isFigure, unitOf, wordsOf } from './reading.js';
import { aboutOf, type AboutFacts } from './xlsx.js';

interface PdfFacts extends AboutFacts {
  readonly chart: Chart | null;
}

/** More than anybody reads on paper. */
export const maxPdfRows = 2_000;

/** In points: A4 lying on its side. */
const page = { width: 841.89, height: 595.28, margin: 40 } as const;
const inner = page.width - 2 * page.margin;
const bottom = page.height - page.margin;
const chartHeight = 300;
const headingHeight = 30;
const gap = 3;
const size = { title: 18, heading: 12, text: 9, cell: 8 } as const;
const colour = { ink: '#1a1a1a', quiet: '#595959', rule: '#b3b3b3' } as const;

type Element = PDFKit.PDFStructureElement;

const decimals: Readonly<Partial<Record<ColumnType, number>>> = { count: 0, decimal: 2, money: 2, days: 2 };

/**
 * A figure as it is read in a column: its digits in threes and as many decimals as those above it, a rate of a hundred. Amounts are
 * never floats on the way.
 */
export function figureText(value: Value, type: ColumnType): string {
  if (type === 'rate') return `${(Number(value) * 100).toFixed(2)}%`;
  return grouped(type === 'money' ? String(value) : Number(value).toFixed(decimals[type]));
}

/** Weekdays and hours are numbers that are read as words. */
const isNumber = (column: Column): boolean =>
  isFigure(column) && column.name !== 'weekday' && column.name !== 'hour';

const cellOf = (value: Value | undefined, column: Column, timeZone: string): TableCell => ({
  text: wordsOf(value, column, timeZone) ?? figureText(value!, column.type),
  right: isNumber(column),
});

function drawText(
  doc: Doc,
  parent: Element,
  tag: 'H1' | 'H2' | 'P',
  given: string,
  bold = tag !== 'P',
): void {
  const font = bold ? 'bold' : 'regular';
  const points = { H1: size.title, H2: size.heading, P: size.text }[tag];
  const text = fit(doc, given, { font, size: points, width: inner, maxLines: 6 });
  const draw = (): void => {
    doc.font(fonts[font], points).fillColor(tag === 'P' ? colour.quiet : colour.ink);
    doc.text(text, page.margin, doc.y, { width: inner });
  };
  parent.add(doc.struct(tag, {}, [draw]));
  doc.moveDown(0.4);
}

/** Room for what belongs together, a heading and what it heads: here, or on a page of its own. */
function keep(doc: Doc, height: number): void {
  if (doc.y + height > bottom) doc.addPage();
}

/** A line that means nothing to a reader aloud. */
function drawRule(doc: Doc, thickness: number): void {
  doc.markContent('Artifact', { type: 'Layout' });
  doc.lineWidth(thickness).strokeColor(colour.rule);
  doc
    .moveTo(page.margin, doc.y)
    .lineTo(page.margin + inner, doc.y)
    .stroke();
  doc.endMarkedContent();
}

interface TableCell {
  readonly text: string;
  readonly right: boolean;
}

interface PdfTable {
  readonly widths: readonly number[];
  /** Stands above the rows on each page. */
  readonly head: readonly TableCell[];
  readonly rows: readonly (readonly TableCell[])[];
  /** Their first cell heads them. */
  readonly maxLines: number;
}

type Font = keyof typeof fonts;
type Table = PDFKit.Mixins.PDFTableObject;

/** What a column of words is not made narrower than, where figures leave that much. */
const leastWords = 48;

/** As wide as what is in them, all together as wide as the page: where it is too narrow, words and headings are broken and no figure is. */
function widthsOf(doc: Doc, rows: readonly (readonly TableCell[])[]): number[] {
  doc.font(fonts.bold, size.cell);
  const [head, ...body] = [...rows.slice(0, 200), rows.at(-1)!];
  const widthOf = ({ text }: TableCell): number => Math.min(220, doc.widthOfString(text) + 10);
  const sumOf = (widths: readonly number[]): number => widths.reduce((total, width) => total + width, 0);
  const filled = head.map((_, at) => Math.max(0, ...body.map((cells) => widthOf(cells[at]!))));
  const wanted = head.map((cell, at) => Math.max(widthOf(cell), filled[at]!));
  const left = inner - sumOf(filled.filter((_, at) => head[at]!.right));
  const words = Math.max(1, head.filter(({ right }) => !right).length);
  const narrow = Math.max(24, Math.min(leastWords, left / words));
  const least = head.map(({ right }, at) => (right ? filled[at]! : Math.min(wanted[at]!, narrow)));
  const [all, needed] = [sumOf(wanted), sumOf(least)];
  if (all <= inner || needed > inner) return wanted.map((width) => (width * inner) / all);
  const share = (inner - needed) / (all - needed);
  return wanted.map((width, at) => least[at]! + (width - least[at]!) * share);
}

/** A tagged table; where a page ends, another begins under the same headings. */
function drawTable(doc: Doc, parent: Element, { widths, head, rows, maxLines }: PdfTable): void {
  const fitted = (cells: readonly TableCell[], font: Font, lines: number) =>
    cells.map(({ text }, at) =>
      fit(doc, text, { font, size: size.cell, width: widths[at]! - 2 * gap, maxLines: lines }),
    );
  const heightOf = (texts: ReturnType<typeof fitted>, font: Font): number => {
    doc.font(fonts[font], size.cell);
    const heights = texts.map((text, at) => doc.heightOfString(text, { width: widths[at]! - 2 * gap }));
    return Math.max(...heights, size.cell) + 2 * gap;
  };
  const headTexts = head.length > 0 ? fitted(head, 'bold', 3) : null;
  const headHeight = headTexts ? heightOf(headTexts, 'bold') : 0;

  const begin = (): Table => {
    const table = doc.font(fonts.regular, size.cell).table({
      // The types of pdfkit (0.17) do not know `structParent` and `scope` yet.
      ...{ structParent: parent },
      position: { x: page.margin, y: doc.y },
      columnStyles: widths.map((width) => ({ width })),
      defaultStyle: { border: 0, padding: gap },
    });
    if (headTexts) write(table, headTexts, head, 'column');
    return table;
  };
  function write(
    table: Table,
    texts: ReturnType<typeof fitted>,
    cells: readonly TableCell[],
    scope: 'row' | 'column',
  ): void {
    const drawn = texts.map((text, at) => {
      const heads = scope === 'column' || at === 0;
      const src = fonts[scope === 'column' ? 'bold' : 'regular'];
      return {
        ...{ text, textColor: colour.ink, font: { src, size: size.cell } },
        align: { x: cells[at]!.right ? ('right' as const) : ('left' as const) },
        ...(heads && { type: 'TH' as const, scope }),
      };
    });
    table.row(drawn);
    drawRule(doc, scope === 'column' ? 1 : 0.4);
  }

  let table: Table | undefined;
  let y = doc.y + headHeight;
  for (const cells of rows) {
    const texts = fitted(cells, 'regular', maxLines);
    const height = heightOf(texts, 'regular');
    if (y + height > bottom) {
      table?.end();
      table = undefined;
      doc.addPage();
      y = page.margin + headHeight;
    }
    table ??= begin();
    write(table, texts, cells, 'row');
    y += height;
  }
  (table ?? begin()).end();
}

/** As strokes and letters, not as a picture of them; read aloud by its description. */
function drawChart(doc: Doc, parent: Element, chart: Chart): void {
  const svg = toText(chartMarkup(chart, { width: inner, height: chartHeight }));
  const natural = Number(/viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(svg)![1]);
  // Rather smaller than on a page of its own, as long as its letters can be read.
  const least = Math.min(0.65 * natural, bottom - page.margin - headingHeight);
  keep(doc, headingHeight + least);
  const height = Math.min(natural, bottom - doc.y - headingHeight);
  drawText(doc, parent, 'H2', chart.title);
  const draw = (): void => {
    drawSvg(doc, withOutlines(svg), page.margin, doc.y, {
      ...{ width: inner, height, assumePt: true },
      fontCallback: (_family, bold) => fonts[bold ? 'bold' : 'regular'],
      warningCallback: () => undefined,
    });
  };
  const y = doc.y;
  parent.add(doc.struct('Figure', { alt: chart.description }, [draw]));
  doc.x = page.margin;
  doc.y = y + height + 10;
}

const totalCells = (columns: readonly Column[], totals: Row, of: number, timeZone: string): TableCell[] =>
  columns.map((column, at) => {
    if (at === 0) return { text: allWords(of), right: false };
    const { name } = column;
    return name in totals ? cellOf(totals[name], column, timeZone) : { text: '', right: isNumber(column) };
  });

function headCell(column: Column, currency: string | undefined): TableCell {
  const unit = unitOf(column, currency);
  return { text: column.title + (unit === undefined ? '' : ` (${unit})`), right: isNumber(column) };
}

function drawFigures(
  doc: Doc,
  parent: Element,
  answer: ReportAnswer,
  { timeZone, currency }: PdfFacts,
): void {
  const { rows } = answer;
  // The parts of a key that the question did not ask for are empty.
  const columns = answer.columns.filter(
    (column) => isNumber(column) || rows.some(({ [column.name]: value }) => (value ?? null) !== null),
  );
  if (rows.length === 0) return drawText(doc, parent, 'P', 'No records answer this question.');
  const head = columns.map((column) => headCell(column, currency));
  const body = rows.map((row) => columns.map((column) => cellOf(row[column.name], column, timeZone)));
  const line = totalLine(answer);
  if (line) body.push(totalCells(columns, line.totals, line.of, timeZone));
  drawTable(doc, parent, { widths: widthsOf(doc, [head, ...body]), head, rows: body, maxLines: 2 });
}

const longDay = (day: string, minusDays = 0): string =>
  DateTime.fromISO(day.slice(0, 10), { locale: 'en-GB' }).minus({ days: minusDays }).toFormat('d LLLL yyyy');

/** `1 January 2026 to 31 December 2026 · region: West`: the last day, not the one after it. */
function askedWords(about: readonly (readonly [string, string])[]): string {
  const filters = about.flatMap(([name, value]) =>
    name.startsWith('Filter: ') ? [[name.slice('Filter: '.length), value] as const] : [],
  );
  const { from, to, limit: _limit, ...others } = Object.fromEntries(filters);
  const days = [from && longDay(from), to && longDay(to, 1)];
  const period =
    days[0] && days[1] ? days.join(' to ') : days[0] ? `From ${days[0]}` : days[1] && `Until ${days[1]}`;
  const rest = Object.entries(others).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${value}`);
  return [period || 'All days', ...rest].join(' · ');
}

/** The fonts write `&` and `<` into the metadata as they are (pdfkit 0.20); a title of ours has neither. */
function open({ title, at }: PdfFacts): Doc {
  const doc = createDocument({
    ...{ size: 'A4', layout: 'landscape', margin: page.margin, bufferPages: true, font: fonts.regular },
    ...{ pdfVersion: '1.7', tagged: true, lang: 'en', displayTitle: true },
    info: { Title: title, Creator: 'Smart Healthcare', CreationDate: at, ModDate: at },
  });
  return doc;
}

/** `2 of 7` at the foot of each, for the eye only. */
function numberPages(doc: Doc): void {
  const { count } = doc.bufferedPageRange();
  for (let at = 0; at < count; at++) {
    doc.switchToPage(at);
    doc.page.margins.bottom = 0;
    doc.markContent('Artifact', { type: 'Pagination' });
    doc.font(fonts.regular, size.cell).fillColor(colour.quiet);
    const place = { width: inner, align: 'right', lineBreak: false } as const;
    doc.text(`${at + 1} of ${count}`, page.margin, page.height - page.margin + 12, place);
    doc.endMarkedContent();
  }
}

/**
 * REP-10: the answer as pages of A4, tagged for a reader aloud: what it is, its chart, the table, and where all of it comes from.
 * Throws `not_acceptable` when there are more rows than paper is good for.
 */
export async function toPdf(answer: ReportAnswer, facts: PdfFacts): Promise<Buffer> {
  const { rows } = answer;
  if (rows.length > maxPdfRows) {
    const message = `pdf takes ${maxPdfRows} rows at the most, and these are ${rows.length}: ask for csv`;
    throw new Problem('not_acceptable', `/query/format ${message}`, {
      errors: [{ pointer: '/query/format', message }],
    });
  }
  const doc = open(facts);
  const root = doc.struct('Document');
  doc.addStructure(root);
  drawText(doc, root, 'H1', facts.title);
  const about = aboutOf(answer, facts);
  drawText(doc, root, 'P', askedWords(about));
  if (facts.chart) drawChart(doc, root, facts.chart);
  keep(doc, 3 * headingHeight);
  drawText(doc, root, 'H2', 'Figures');
  for (const line of noteLines(answer)) drawText(doc, root, 'P', line);
  drawFigures(doc, root, answer, facts);
  doc.moveDown(1);
  keep(doc, 2 * headingHeight);
  drawText(doc, root, 'H2', 'About these figures');
  const lines = about.map((line) => line.map((text) => ({ text, right: false })));
  drawTable(doc, root, { widths: [170, inner - 170], head: [], rows: lines, maxLines: 4 });
  root.end();
  numberPages(doc);
  doc.end();
  return buffer(doc);
}
