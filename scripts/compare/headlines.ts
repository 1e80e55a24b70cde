import { execFile } from 'node:child_process';
import { parse } from 'csv-parse/sync';
import { addsUp, reportCatalogue } from '../../src/domains/reports/engine/index.js';
import type { Column, Row, Value } from '../../src/domains/reports/engine/index.js';
import { html, toText } from '../../src/lib/html.js';
import { readSheet } from './workbook.js';

/* REP-13: the figures of all rows of a report, by every way on which somebody reads them. */

export interface Case {
  readonly report: string;
  /** Beside the period: `by=month`. */
  readonly query?: string;
  /** Fewer rows than there are, and as many as may be asked for. */
  readonly limit?: number;
  readonly most?: number;
}

const each = (report: string, name: string, values: readonly string[]): Case[] =>
  values.map((value) => ({ report, query: `${name}=${value}` }));

export const cases: readonly Case[] = [
  { report: 'top-doctors', limit: 2, most: 100 },
  { report: 'drug-spend', limit: 2, most: 1000 },
  { report: 'monthly-appointments-trend' },
  { report: 'average-prescription-cost' },
  ...each('disease-trends', 'basis', ['diagnoses', 'prescriptions', 'appointments']),
  { report: 'no-show-rate' },
  ...each('waiting-times', 'by', ['department', 'hospital', 'doctor', 'month']),
  { report: 'patient-flow' },
  { report: 'new-and-returning-patients' },
  { report: 'returning-patients' },
  { report: 'doctor-utilisation' },
  ...each('revenue', 'by', ['month', 'department', 'doctor']),
];

/** A figure as a number; null: said to be none; undefined: not told there. */
type Told = number | null | undefined;

export interface Headline {
  readonly figure: string;
  readonly title: string;
  readonly page: Told;
  readonly pdf: Told;
  readonly xlsx: Told;
  /** Summed up from its rows, where they add up. */
  readonly csv: Told;
  readonly api: Told;
  readonly definition: Told;
  readonly equal: boolean;
}

export interface Compared {
  readonly report: string;
  readonly query: string;
  /** How many rows there are, and how many of them the files have. */
  readonly of: number;
  readonly rows: number;
  readonly headlines: readonly Headline[];
  /** What is wrong beside the figures themselves. */
  readonly faults: readonly string[];
}

export interface Asking {
  readonly url: string;
  /** Access tokens. */
  readonly manager: string;
  readonly admin: string;
  readonly signal?: AbortSignal;
}

interface Answer {
  readonly rows: readonly Row[];
  readonly of: number;
  readonly totals: Row;
  readonly provenance: { readonly path: string };
}

/** Paper and workbooks take so many rows, and no more. */
const tooMany = 406;

async function bytesOf(
  { url, signal }: Asking,
  path: string,
  headers: Record<string, string>,
): Promise<Buffer | undefined> {
  const response = await fetch(url + path, { headers, redirect: 'manual', signal: signal ?? null });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status === tooMany) return undefined;
  if (response.status !== 200)
    throw new Error(`${path} answers ${response.status}: ${bytes.toString().slice(0, 500)}`);
  return bytes;
}

const fromApi = (asking: Asking, path: string, token = asking.manager): Promise<Buffer | undefined> =>
  bytesOf(asking, `/api/reports/${path}`, { authorization: `Bearer ${token}` });

const answerOf = async (asking: Asking, path: string, token?: string): Promise<Answer> =>
  JSON.parse(String(await fromApi(asking, path, token))) as Answer;

/** What stands on a page or on paper, as the API says it. */
function numberIn(text: string, { type }: Pick<Column, 'type'>): number | null {
  if (!/\d/.test(text)) return null;
  const value = Number(text.replace('−', '-').replaceAll(/[^\d.-]/g, ''));
  return type === 'rate' ? Number((value / 100).toFixed(4)) : value;
}

const toldOf = (value: Value | undefined): Told => (typeof value === 'string' ? Number(value) : value);

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** By the title of the column, as markup. */
const headlinesOn = (page: string): ReadonlyMap<string, string> =>
  new Map(
    [...page.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>\s*<span class="kpi-value">([^<]*)</g)].map(
      ([, title, value]) => [title!, value!],
    ),
  );

const wordsOf = (pdf: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { maxBuffer: 256 * 2 ** 20 };
    const { stdin } = execFile('pdftotext', ['-layout', '-', '-'], options, (error, stdout) => {
      if (error?.code === 'ENOENT')
        reject(new Error('pdftotext is missing, which reads PDFs here: apt-get install -y poppler-utils'));
      else if (error) reject(new Error(`pdftotext: ${error.message}`));
      else resolve(stdout);
    });
    // It may be gone before it has read all: then the other end tells why.
    stdin!.on('error', () => undefined).end(pdf);
  });

/** Of the last line of a table on paper: the figures of `columns`, in their order. A narrow column breaks the words before them. */
function totalsOnPaper(words: string, of: number, columns: readonly Column[]): readonly Told[] {
  const cells = columns.map(
    ({ nothing = '–' }) => `\\s+([-−]?\\d[\\d,]*(?:\\.\\d+)?(?: ?%)?|${escaped(nothing)})`,
  );
  const found = new RegExp(`^\\f?\\s*All(?: ${of})?(?: rows)?${cells.join('')}\\s*$`, 'm').exec(words);
  return columns.map((column, at) => (found ? numberIn(found[at + 1]!, column) : undefined));
}

function totalsInSheet(
  sheet: ReturnType<typeof readSheet>,
  of: number,
  columns: readonly (readonly [at: number, column: Column])[],
): readonly Told[] {
  const last = sheet.at(-1)!;
  const hasTotals = last[0]?.value === `All ${of} rows`;
  return columns.map(([at]) => {
    const cell = last[at];
    return hasTotals ? (cell ? Number(cell.value) : null) : undefined;
  });
}

const cents = (value: Value | undefined): number => Math.round(Number(value ?? 0) * 100);
const sumOf = (rows: readonly Row[], name: string): number =>
  rows.reduce((sum, { [name]: value }) => sum + cents(value), 0);

/** By adding rows up, or by dividing what they add up to; undefined where that says nothing of them all. */
function summed(column: Column, rows: readonly Row[]): Told {
  if (addsUp(column)) return sumOf(rows, column.name) / 100;
  if (typeof column.total !== 'object') return undefined;
  const whole = column.total.whole.reduce((sum, name) => sum + sumOf(rows, name), 0);
  if (whole === 0) return null;
  const decimals = column.type === 'rate' ? 4 : 2;
  // Half up, as the figure itself; the sums are whole numbers.
  const scale = 10 ** decimals;
  return Math.floor((2 * scale * sumOf(rows, column.total.part) + whole) / (2 * whole)) / scale;
}

function isEqual(told: readonly Told[]): boolean {
  const known = told.filter((one) => one !== undefined);
  return known.every((one) => one === known[0]);
}

/** Asks a report of a year by every way. Throws when one of them gives no answer. */
export async function compareHeadlines(
  { report: id, query, limit, most }: Case,
  year: number,
  asking: Asking,
): Promise<Compared> {
  const report = reportCatalogue.find((one) => one.id === id)!;
  const own = query === undefined ? '' : `${query}&`;
  const path = `${id}?${own}from=${year}-01-01&to=${year + 1}-01-01`;
  const few = limit === undefined ? path : `${path}&limit=${limit}`;
  const all = most === undefined ? path : `${path}&limit=${most}`;
  const cut = await answerOf(asking, few);
  const whole = await answerOf(asking, all);
  const definition = await answerOf(asking, `${few}&path=definition`, asking.admin);
  const csv = parse<Row>(String(await fromApi(asking, `${all}&format=csv`)), { columns: true, bom: true });
  const xlsx = await fromApi(asking, `${few}&format=xlsx`);
  const pdf = await fromApi(asking, `${few}&format=pdf`);
  const asked = `${own}period=custom&from=${year}-01-01&through=${year}-12-31`;
  const page = await bytesOf(
    asking,
    `/reports/${id}?${asked}${limit === undefined ? '' : `&limit=${limit}`}`,
    { cookie: `access=${asking.manager}` },
  );

  const totalled = report.columns.flatMap((column, at) =>
    column.name in cut.totals ? [[at, column] as const] : [],
  );
  const columns = totalled.map(([, column]) => column);
  const shown = headlinesOn(String(page));
  const onPaper = pdf ? totalsOnPaper(await wordsOf(pdf), cut.of, columns) : [];
  const inSheet = xlsx ? totalsInSheet(readSheet(xlsx, 1), cut.of, totalled) : [];
  const headlines = columns.map((column, at): Headline => {
    const { name: figure, title } = column;
    const onPage = shown.get(toText(html`${title}`));
    const told = {
      page: onPage === undefined ? undefined : numberIn(onPage, column),
      pdf: onPaper[at],
      xlsx: inSheet[at],
      csv: csv.length === cut.of ? summed(column, csv) : undefined,
      api: toldOf(cut.totals[figure]),
      definition: toldOf(definition.totals[figure]),
    };
    const equal = isEqual([...Object.values(told), toldOf(whole.totals[figure])]);
    return { figure, title, ...told, equal };
  });
  const faults = [
    ...(cut.provenance.path === 'mirror' ? [] : ['was not answered by the mirror']),
    ...(definition.provenance.path === 'definition' ? [] : ['was not answered by the definition']),
    ...(isEqual([cut.of, whole.of, definition.of]) ? [] : ['counts its rows differently']),
    ...(columns.length > 0 && shown.size === 0 ? ['has no headline on its page'] : []),
    ...(pdf && cut.of > 1 && onPaper.some((one) => one === undefined) ? ['has no totals on paper'] : []),
    ...(xlsx && cut.of > 1 && inSheet.some((one) => one === undefined) ? ['has no totals in Excel'] : []),
  ];
  return { report: id, query: query ?? '', of: cut.of, rows: csv.length, headlines, faults };
}
