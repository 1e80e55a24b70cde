import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Asker, Beside } from '../../../lib/beside.js';
import type { chartPng } from '../../../lib/chart.png.js';
import { chartSvg } from '../../../lib/chart.js';
import type { Chart } from '../../../lib/chart.types.js';
import { Problem } from '../../../lib/errors.js';
import { periodName } from '../../../lib/period.js';
import { toCsvFile } from './csv.js';
import type { AnyReport, Asked, ReportQuery } from '../engine/reports.definition.js';
import type { ChartGoals, ReportAnswer } from '../engine/reports.types.js';
import type { toPdf } from './pdf.js';
import { sortedAnswer } from '../engine/reports.sorting.js';
import { shownRows, wordedRows } from '../engine/reports.small-cells.js';
import { readAnswer, type NameOfPlace } from './reading.js';
import type { toXlsx } from './xlsx.js';

/** What is made beside the event loop. */
export interface ReportRenderers {
  readonly reportPdf: Beside<typeof toPdf>;
  readonly reportXlsx: Beside<typeof toXlsx>;
  readonly chartPng: Beside<typeof chartPng>;
}

/** What a file needs to know beside the figures. */
interface FileFacts {
  readonly asked: Asked<ReportQuery>;
  /** Of the table; a chart keeps its order. */
  readonly sort?: string | undefined;
  /** In its chart. */
  readonly goals?: ChartGoals | undefined;
  /** Who it is made for. */
  readonly who: string;
  readonly at: Date;
  readonly rendering: ReportRenderers;
  readonly asker: Asker;
  /** For what people read; data keep their ids. */
  readonly nameOfPlace: NameOfPlace;
}

interface ReportFile {
  readonly content: string | Buffer | Readable;
  readonly filename: string;
}

/** All of it, as bytes. */
export const wholeOf = async (content: ReportFile['content']): Promise<Buffer> =>
  typeof content === 'string' || Buffer.isBuffer(content) ? Buffer.from(content as string) : buffer(content);

type Represent = (answer: ReportAnswer, facts: FileFacts) => Promise<ReportFile>;

export const mediaTypes = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pdf: 'application/pdf',
  svg: 'image/svg+xml',
  png: 'image/png',
} as const;
export type FileFormat = keyof typeof mediaTypes;

const withChart: ReadonlySet<string> = new Set([mediaTypes.pdf, mediaTypes.svg, mediaTypes.png]);

/** Of a media type. */
export const hasChart = (type: string): boolean => withChart.has(type);

/** How many of the rows have a bar; undefined where all have one. */
export const barsOf = (chart: Chart, { of }: Pick<ReportAnswer, 'of'>): number | undefined =>
  chart.kind === 'bar' && of !== undefined && chart.categories.length < of
    ? chart.categories.length
    : undefined;

/**
 * The picture of the rows that have figures and of what these are to be, or null where there is nothing to draw. Its title says of
 * how many it shows some.
 */
export function chartOf(
  report: AnyReport,
  answer: ReportAnswer,
  asked: Asked<ReportQuery>,
  goals?: ChartGoals,
): Chart | null {
  const rows = shownRows(answer);
  const drawn = rows.length === 0 ? null : (report.chart?.(rows as never, asked as never) ?? null);
  if (!drawn) return null;
  const chart = goals ? goals.drawnIn(drawn) : drawn;
  const bars = barsOf(chart, answer);
  return bars === undefined ? chart : { ...chart, title: `${chart.title}: ${bars} of ${answer.of}` };
}

export const notAcceptableFormat = (message: string): Problem =>
  new Problem('not_acceptable', `/query/format ${message}`, {
    errors: [{ pointer: '/query/format', message }],
  });

/** Throws `not_acceptable`: an empty picture would pass for a result. */
function drawn(report: AnyReport, answer: ReportAnswer, { asked, goals }: FileFacts): string {
  const chart = chartOf(report, answer, asked, goals);
  if (chart) return chartSvg(chart);
  throw notAcceptableFormat('has nothing to draw: the report has no figures for this question');
}

/** What a file is called, so that one of a month is told from that of another. */
export const fileName = (
  what: string,
  { period, timeZone }: Pick<Asked<ReportQuery>, 'period' | 'timeZone'>,
  format: string,
): string => `${what}_${periodName(period, timeZone)}.${format}`;

/** Every format of a report beside JSON. A report without a chart has no pictures. */
export function reportFormats(report: AnyReport): Readonly<Partial<Record<FileFormat, Represent>>> {
  const named = (asked: Asked<ReportQuery>, format: FileFormat) => fileName(report.id, asked, format);
  const worded = (answer: ReportAnswer, { sort }: Pick<FileFacts, 'sort'>): ReportAnswer => {
    const inOrder = sortedAnswer(answer, sort);
    return { ...inOrder, rows: wordedRows(report, inOrder) };
  };
  return {
    csv: async (answer, facts) => ({
      content: toCsvFile(answer.columns, worded(answer, facts).rows),
      filename: named(facts.asked, 'csv'),
    }),
    xlsx: async (answer, { asked, who, at, rendering, asker, ...facts }) => ({
      content: await rendering.reportXlsx(asker, worded(answer, facts), {
        ...{ title: report.title, who, at, timeZone: asked.timeZone, currency: asked.currency },
      }),
      filename: named(asked, 'xlsx'),
    }),
    pdf: async (answer, { asked, who, at, rendering, asker, nameOfPlace, ...facts }) => ({
      content: await rendering.reportPdf(asker, await readAnswer(worded(answer, facts), nameOfPlace), {
        ...{ title: report.title, who, at, timeZone: asked.timeZone, currency: asked.currency },
        chart: chartOf(report, answer, asked, facts.goals),
      }),
      filename: named(asked, 'pdf'),
    }),
    ...(report.chart && {
      svg: async (answer: ReportAnswer, facts: FileFacts) => ({
        content: drawn(report, answer, facts),
        filename: named(facts.asked, 'svg'),
      }),
      png: async (answer: ReportAnswer, facts: FileFacts) => ({
        content: await facts.rendering.chartPng(facts.asker, drawn(report, answer, facts)),
        filename: named(facts.asked, 'png'),
      }),
    }),
  };
}

/** The same by media type, as a route has them. */
export const reportRepresentations = (report: AnyReport): Readonly<Record<string, Represent>> =>
  Object.fromEntries(
    Object.entries(reportFormats(report)).map(([format, represent]) => [
      mediaTypes[format as FileFormat],
      represent,
    ]),
  );
