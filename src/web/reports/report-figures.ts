import {
  barsOf,
  chartOf,
  mostRows,
  isFigure,
  cellText,
  reportFormats,
  shownColumns,
  shownRows,
  sorted,
  sortingOf,
  withNames,
  wordedRows,
} from '../../domains/reports/engine/index.js';
import type { AnyReport, Column, FileFormat, ReportAnswer, Row } from '../../domains/reports/engine/index.js';
import { chartGoals } from '../../domains/reports/targets/index.js';
import { chartMarkup } from '../../lib/chart.js';
import type { Chart } from '../../lib/chart.types.js';
import type { Headline, Note } from './report-headlines.page.js';
import type { FiguresView, TableRow } from './report.page.js';
import { targetFor, type TargetsOf } from './report-targets.js';
import { changeOf, figureText } from './report-format.js';
import { periodWords, type Days } from './report-periods.js';
import type { ReportPlaces } from './report-places.js';
import { addressOf, sharedOf } from './report-query.js';

type Question = Parameters<typeof chartOf>[2];

/** An answer with what was asked. */
interface Answered {
  readonly answer: ReportAnswer;
  readonly asked: Question;
}

interface FiguresOf {
  readonly report: AnyReport;
  readonly catalogue: readonly AnyReport[];
  readonly now: Answered;
  readonly before: { readonly answer: ReportAnswer; readonly days: Days } | undefined;
  /** What the address says. */
  readonly given: Readonly<Record<string, string>>;
  readonly currency: string;
  /** Left out where nobody is to see them. */
  readonly targets?: TargetsOf | undefined;
  /** It leads nowhere: who sees it may see nothing else. */
  readonly isShared?: true;
}

export const recordsPath = (id: string): string => `/reports/${id}/records`;

/** What tells a row is under names of its own: `row.doctor_id` is no filter. */
export const keyParam = (name: string): string => `row.${name}`;

function recordsOf(
  { id, key, drilldown: drill }: AnyReport,
  row: Row,
  given: Readonly<Record<string, string>>,
): string | null {
  if (!drill) return null;
  const parts = key.flatMap((name) => {
    const value = row[name];
    return value === null || value === undefined ? [] : [[keyParam(name), String(value)]];
  });
  const { compare: _compare, sort: _sort, ...filters } = given;
  return addressOf(recordsPath(id), { ...filters, ...(Object.fromEntries(parts) as Record<string, string>) });
}

/** The columns that a manager sees first: those that say so, or the first of those that have a total. */
function headlineColumns({ columns }: AnyReport, totals: Row): Column[] {
  const totalled = columns.filter(({ name }) => name in totals);
  const marked = totalled.filter(({ headline }) => headline);
  return (marked.length > 0 ? marked : totalled).slice(0, 4);
}

function headlines({ report, now, before, targets, currency }: FiguresOf): Headline[] {
  const { totals = {} } = now.answer;
  return headlineColumns(report, totals).map((column) => {
    const value = totals[column.name]!;
    const then = before?.answer.totals?.[column.name];
    return {
      column,
      value,
      before: then === undefined ? undefined : { value: then, change: changeOf(value, then, column) },
      target: targets && targetFor(targets, column, value, { currency, timeZone: now.asked.timeZone }),
    };
  });
}

/** The reports that count otherwise, asked about the same period and places. */
function notes({ catalogue, now: { answer, asked }, given, currency, isShared }: FiguresOf): Note[] {
  return (answer.notes ?? []).flatMap(({ about, than, why, left_out }): Note[] => {
    const column = answer.columns.find(({ name }) => name === about)!;
    const other = catalogue.find(({ id }) => id === than)!;
    const note = {
      ...{ about: column.title, why, title: other.title },
      href: isShared ? null : addressOf(`/reports/${than}`, sharedOf(given)),
    };
    if (left_out === undefined) return [note];
    return [{ ...note, leftOut: figureText(left_out, column, currency, asked.timeZone) }];
  });
}

/** Where a bar or a square is a row of the table, it leads where the row does. */
function withLinks(
  chart: Chart,
  { rows, columns }: ReportAnswer,
  shown: readonly TableRow[],
  timeZone: string,
): Chart {
  if (chart.kind === 'heat-map') {
    const leadsTo = (row: number | null): string | null => (row === null ? null : shown[row]!.records);
    return chart.rows ? { ...chart, links: chart.rows.map((cells) => cells.map(leadsTo)) } : chart;
  }
  if (chart.links) return chart;
  const isRow = (category: string, row: Row): boolean =>
    columns.some(({ name, ...column }) => {
      const value = row[name];
      return value === category || cellText(value, { name, ...column }, timeZone) === category;
    });
  const links = chart.categories.map((category, at) => {
    const row = rows[at];
    return row && isRow(category, row) ? shown[at]!.records : null;
  });
  return { ...chart, links };
}

/** One for each width of a screen: a picture that is scaled down has letters that nobody reads. */
const chartSizes = [
  { name: 'wide', width: 1150, height: 380 },
  { name: 'medium', width: 720, height: 360 },
  { name: 'small', width: 340, height: 320 },
] as const;

const formatNames: Readonly<Record<FileFormat, string>> = {
  csv: 'CSV',
  xlsx: 'Excel',
  pdf: 'PDF',
  png: 'Chart, PNG',
  svg: 'Chart, SVG',
};

/** The same with as many rows as there are, or as may be asked for; null where all are shown. */
function moreOf({ report, now: { answer }, given }: FiguresOf): FiguresView['more'] {
  const { rows, of = rows.length } = answer;
  const most = Math.min(of, mostRows(report) ?? of);
  if (most <= rows.length) return null;
  const href = addressOf(`/reports/${report.id}`, { ...given, limit: String(most) });
  return { href, text: most === of ? `Show all ${of}` : `Show ${most}` };
}

function filesOf({ report, isShared }: FiguresOf, hasChart: boolean): FileFormat[] {
  if (isShared) return [];
  const pictures = hasChart ? (['png', 'svg'] as const) : [];
  return (['csv', 'xlsx', 'pdf', ...pictures] as const).filter((format) => format in reportFormats(report));
}

/** What the head of each column leads to: figures from the greatest down at first, words from A. */
function sortLinks({ report, given }: FiguresOf, columns: readonly Column[]): FiguresView['sorts'] {
  const now = sortingOf(report.columns, given['sort']);
  return new Map(
    columns.map((column) => {
      const isHere = now?.column.name === column.name;
      const isNextDescending = isHere
        ? !now.isDescending
        : isFigure(column) && !report.key.includes(column.name);
      const sort = `${isNextDescending ? '-' : ''}${column.name}`;
      return [
        column.name,
        {
          href: `${addressOf(`/reports/${report.id}`, { ...given, sort })}#figures`,
          is: isHere ? (now.isDescending ? 'descending' : 'ascending') : undefined,
          next: isNextDescending ? 'descending' : 'ascending',
        },
      ];
    }),
  );
}

export async function figuresOf(given: FiguresOf, places: ReportPlaces): Promise<FiguresView> {
  const { report, now, before, currency, isShared = false } = given;
  const { answer, asked } = now;
  const columns = shownColumns(answer.columns, answer.rows);
  const shown = await withNames(wordedRows(report, answer), columns, places.nameOf);
  const rows = shown.map((row, at): TableRow => ({
    row,
    // Records can be counted: anyone who may not see small counts is shown none, and of diseases how many there are.
    records:
      isShared || (answer.small_cells && !report.namesDiseases)
        ? null
        : recordsOf(report, answer.rows[at]!, given.given),
  }));
  const chart = chartOf(report, answer, asked, given.targets && chartGoals(report, given.targets.all));
  const linked = chart && withLinks(chart, answer, rows, asked.timeZone);
  const formats = filesOf(given, chart !== null);
  const inOrder = shownRows(answer);
  const sorting = sortingOf(answer.columns, given.given['sort']);
  const table = sorting
    ? [...sorted(rows.slice(0, inOrder.length), sorting, ({ row }) => row), ...rows.slice(inOrder.length)]
    : rows;
  return {
    dimensions: new Set(report.key),
    ...{ answer, columns, rows: table, currency, timeZone: asked.timeZone },
    sorts: isShared ? new Map() : sortLinks(given, columns),
    more: isShared ? null : moreOf(given),
    headlines: headlines(given),
    notes: notes(given),
    periodBefore: before && periodWords(before.days),
    chart: linked && {
      title: linked.title,
      bars: barsOf(linked, answer),
      leads: linked.kind !== 'heat-map' && (linked.links?.some((link) => link !== null) ?? false),
      sizes: chartSizes.map((size) => ({
        name: size.name,
        picture: chartMarkup(linked, { ...size, id: `chart-${size.name}` }),
      })),
    },
    downloads: formats.map((format) => ({
      href: addressOf(`/reports/${report.id}.${format}`, given.given),
      text: formatNames[format],
    })),
  };
}
