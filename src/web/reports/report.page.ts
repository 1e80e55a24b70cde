import {
  allWords,
  cellText,
  hiddenWords,
  isFigure,
  totalLine,
  unitOf,
  type Column,
  type ReportAnswer,
  type Row,
} from '../../domains/reports/engine/index.js';
import { html, type Content, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { cellContent, countText } from './report-format.js';
import { breadcrumbs, errorSummary, type Mistake } from '../parts.js';
import { provenanceSection } from './report-provenance.page.js';
import { headlines, type HeadlinesView } from './report-headlines.page.js';
import { chipList, reportForm, scriptOf, type Chip, type ReportFormView } from './report-form.page.js';

type Order = 'ascending' | 'descending';

interface Sort {
  readonly href: string;
  readonly is: Order | undefined;
  readonly next: Order;
}

/** A row of the table, with the address of the records behind it. */
export interface TableRow {
  readonly row: Row;
  readonly records: string | null;
}

export interface FiguresView extends HeadlinesView {
  readonly answer: ReportAnswer;
  /** Those that are shown, in their order. */
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
  /** Where there are more rows than are shown. */
  readonly more: { readonly href: string; readonly text: string } | null;
  /** By the column's name: whether the rows are sorted by it, and what sorts them by it, or the other way round; not where they stay. */
  readonly sorts: ReadonlyMap<string, Sort>;
  /** The columns that tell a row: labels, also when they are numbers. */
  readonly dimensions: ReadonlySet<string>;
  /** The same picture for each width of a screen. */
  readonly chart: {
    readonly title: string;
    /** Where some of the rows have none: how many have one. */
    readonly bars: number | undefined;
    /** Each of its bars to records. */
    readonly leads: boolean;
    readonly sizes: readonly { readonly name: string; readonly picture: Html }[];
  } | null;
  readonly downloads: readonly { readonly href: string; readonly text: string }[];
}

export interface ReportView {
  readonly title: string;
  readonly question: string;
  /** `March 2025`; undefined when the question was refused. */
  readonly period: string | undefined;
  readonly form: ReportFormView;
  readonly chips: readonly Chip[];
  readonly base: string;
  /** null: the question was refused, or is not clear yet. */
  readonly figures: FiguresView | null;
  readonly refusal?: { readonly title: string; readonly mistakes: readonly Mistake[] };
  /** Which one was meant? */
  readonly candidates?: {
    readonly what: string;
    readonly links: readonly { readonly href: string; readonly text: string }[];
  };
  /** Questions that are more likely to have an answer, for when there is none. */
  readonly instead: readonly { readonly href: string; readonly text: string }[];
  /** Where saving and sending the report has its place. */
  readonly saving?: Content;
}

/** The rows without a bar are a click away. */
function restOf(bars: number, { answer, more }: FiguresView): Html {
  const all = countText(answer.of!);
  return html`<p class="quiet">
    ${countText(bars)} of ${all} are in the chart.
    ${more ? html`<a href="${more.href}">${more.text} in the table</a>` : html`<a href="#figures">All ${all} are in the table</a>`}
  </p>`;
}

const skipPast = (what: string, id: string): Html =>
  html`<a class="skip-past" href="#${id}">Skip past the ${what}</a>`;

const chartFigure = (view: FiguresView): Content =>
  view.chart &&
  html`<section class="card" aria-labelledby="chart-heading">
    <h2 id="chart-heading">${view.chart.title}</h2>
    ${view.chart.leads && skipPast('chart', 'figures')}
    ${view.chart.bars !== undefined && restOf(view.chart.bars, view)}
    ${view.chart.sizes.map(({ name, picture }) => html`<div class="chart chart-${name}">${picture}</div>`)}
  </section>`;

const alignment = (column: Column, { dimensions }: FiguresView): Content =>
  isFigure(column) && !dimensions.has(column.name) && html`class="figure"`;

const sortLink = ({ title }: Column, { href, is, next }: Sort): Html =>
  html`<a class="sort" href="${href}"
    >${title}${is !== undefined && html`<span aria-hidden="true"> ${is === 'ascending' ? '▲' : '▼'}</span>`}<span
      class="unseen"
      >: sort, ${next}</span
    ></a
  >`;

function headCell(column: Column, view: FiguresView): Html {
  const unit = unitOf(column, view.currency);
  const sort = view.sorts.get(column.name);
  return html`<th
    scope="col"
    ${alignment(column, view)}
    ${sort?.is !== undefined && html`aria-sort="${sort.is}"`}
  >
    ${sort ? sortLink(column, sort) : column.title}${unit !== undefined && html` <span class="unit">(${unit})</span>`}
  </th>`;
}

function bodyRow({ row, records }: TableRow, view: FiguresView): Html {
  const { columns, timeZone } = view;
  const [first, ...others] = columns;
  const name = cellContent(row[first!.name], first!, timeZone);
  const label = columns
    .filter((column) => column === first || view.dimensions.has(column.name))
    .map((column) => cellText(row[column.name], column, timeZone))
    .join(', ');
  return html`<tr>
    <th scope="row" ${alignment(first!, view)}>
      ${
        records === null
          ? name
          : html`<a href="${records}">${name}<span class="unseen">: the records behind ${label}</span></a>`
      }
    </th>
    ${others.map(
      (column) =>
        html`<td ${alignment(column, view)}>${cellContent(row[column.name], column, timeZone)}</td>`,
    )}
  </tr>`;
}

function totalRow({ columns, answer, timeZone }: FiguresView): Content {
  const line = totalLine(answer);
  if (!line) return null;
  const { of, totals } = line;
  return html`<tfoot>
    <tr>
      ${columns.map((column, index) =>
        index === 0
          ? html`<th scope="row">${allWords(countText(of))}</th>`
          : html`<td ${isFigure(column) && html`class="figure"`}>
              ${column.name in totals && cellContent(totals[column.name], column, timeZone)}
            </td>`,
      )}
    </tr>
  </tfoot>`;
}

/** A table that scrolls by itself where the screen is too narrow for it. */
const figuresTable = (view: FiguresView, caption: string): Html =>
  html`<div
    class="table-scroll ${view.rows.length > 40 && 'tall'}"
    role="region"
    aria-labelledby="figures-caption"
    tabindex="0"
  >
    <table class="figures">
      <caption id="figures-caption" class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${view.columns.map((column) => headCell(column, view))}
        </tr>
      </thead>
      <tbody>
        ${view.rows.map((row) => bodyRow(row, view))}
      </tbody>
      ${totalRow(view)}
    </table>
  </div>`;

/** Fields of the API by the headings that they have here. */
function meaningOf(description: string, columns: readonly Column[]): string {
  const titles = new Map(columns.map(({ name, title }) => [name, title]));
  return description
    .replaceAll('`', '')
    .replaceAll(/\w+/g, (word) => (word.includes('_') && titles.get(word)) || word);
}

const columnHelp = ({ columns }: FiguresView): Html =>
  html`<details class="help" id="after-table">
    <summary>What the columns mean</summary>
    <dl class="meanings">
      ${columns.map(
        ({ title, description }) =>
          html`<div>
            <dt>${title}</dt>
            <dd>${meaningOf(description, columns)}</dd>
          </div>`,
      )}
    </dl>
  </details>`;

const figuresSection = (view: FiguresView, { title, period, saving }: Framed): Html =>
  html`<section class="card" aria-labelledby="figures">
    <div class="section-head">
      <h2 id="figures">Figures</h2>
      ${
        view.downloads.length > 0 &&
        html`<ul class="downloads" aria-label="Downloads">
          ${view.downloads.map(
            ({ href, text }) => html`<li><a class="button second" href="${href}">${text}</a></li>`,
          )}
        </ul>`
      }
    </div>
    ${(view.answer.small_cells?.hidden_rows ?? 0) > 0 && html`<p class="quiet">${hiddenWords(view.answer.small_cells!)}</p>`}
    ${
      view.more &&
      html`<p class="quiet">
        The first ${countText(view.rows.length)} of ${countText(view.answer.of!)} rows; totals are of all
        rows${[...view.sorts.values()].some(({ is }) => is !== undefined) && ', and only the rows shown are sorted'}.
        <a href="${view.more.href}">${view.more.text}</a>
      </p>`
    }
    ${skipPast('table', 'after-table')} ${figuresTable(view, `${title}, ${period}`)} ${columnHelp(view)}
    ${saving}
  </section>`;

const nothing = ({ period, instead }: Framed): Html =>
  html`<section class="card empty" aria-labelledby="nothing">
    <h2 id="nothing">No figures</h2>
    <p>
      No records answer this question for ${period}. Try a longer period or fewer
      filters${instead.length > 0 ? ':' : '.'}
    </p>
    ${
      instead.length > 0 &&
      html`<ul class="actions">
        ${instead.map(({ href, text }) => html`<li><a class="button second" href="${href}">${text}</a></li>`)}
      </ul>`
    }
  </section>`;

const isEmpty = ({ answer: { rows, provenance } }: FiguresView): boolean =>
  rows.length === 0 ||
  (provenance.rows_read !== null && provenance.rows_read.mongodb + provenance.rows_read.postgres === 0);

type Framed = Pick<ReportView, 'title' | 'period' | 'figures' | 'instead' | 'saving'>;

/** What answers the question, or that nothing does. */
export function figuresContent(view: Framed): Content {
  const { figures } = view;
  if (!figures) return null;
  const provenance = provenanceSection(figures.answer, figures.currency, figures.timeZone);
  if (isEmpty(figures)) return [nothing(view), view.saving, provenance];
  return [headlines(figures), chartFigure(figures), figuresSection(figures, view), provenance];
}

/** Of what a name that was typed may mean. */
export const whichOne = ({ candidates }: Pick<ReportView, 'candidates'>): Content =>
  candidates &&
  html`<section class="notice" aria-labelledby="which">
    <h2 id="which">Which ${candidates.what} do you mean?</h2>
    <ul class="which">
      ${candidates.links.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>`)}
    </ul>
  </section>`;

export function reportPage(view: ReportView): View {
  const { title, question, period, refusal } = view;
  return {
    title: refusal ? `Error: ${title}` : period === undefined ? title : `${title}, ${period}`,
    section: 'reports',
    ...scriptOf(view.form),
    main: html`${breadcrumbs([{ href: '/reports', text: 'Reports' }])}
      ${refusal && errorSummary(refusal.title, refusal.mistakes)}
      <div class="report-head">
        <h1>${title}</h1>
        <p class="lead">${question}</p>
        ${period !== undefined && html`<p class="period">${period.charAt(0).toUpperCase() + period.slice(1)}</p>`}
      </div>
      ${reportForm(view.form)} ${chipList(view.chips, view.base)} ${whichOne(view)} ${figuresContent(view)}`,
  };
}
