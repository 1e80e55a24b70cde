import { cellText, monthWords, type Column, type Value } from '../../domains/reports/engine/index.js';
import { html, type Content, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { errorSummary, type Mistake } from '../parts.js';
import { chipList, reportForm, scriptOf, type Chip, type ReportFormView } from './report-form.page.js';
import { figureText, type Change } from './report-format.js';
import { signs, targetText, type TargetView } from './report-headlines.page.js';
import { whichOne, type ReportView } from './report.page.js';
import type { Point, Tile } from './overview.tiles.js';

export interface Figure {
  readonly column: Column;
  readonly value: Value;
  readonly before?:
    | { readonly value: Value; readonly beside: Value | undefined; readonly change: Change | undefined }
    | undefined;
  readonly beside?: { readonly column: Column; readonly value: Value } | undefined;
  readonly pair: Tile['pair'];
  readonly trend: readonly Point[];
  readonly target?: TargetView | undefined;
}

/** Why there is none. */
const missing = {
  not_now: 'Not available just now.',
  not_for_period: 'Not for such a period.',
} as const;

export interface TileView {
  readonly title: string;
  /** The report behind it, held to the same. */
  readonly href: string;
  readonly figure: Figure | keyof typeof missing;
}

export interface OverviewView {
  /** `March 2025`; undefined when the question was refused. */
  readonly period: string | undefined;
  readonly periodBefore?: string | undefined;
  readonly presets: readonly { readonly href: string; readonly text: string; readonly isHere: boolean }[];
  readonly form: ReportFormView;
  readonly chips: readonly Chip[];
  readonly base: string;
  readonly tiles: readonly TileView[];
  /** Of a name that was typed: whom it may mean, or that it means nobody. */
  readonly candidates?: NonNullable<ReportView['candidates']>;
  readonly mistakes?: readonly Mistake[];
  readonly currency: string;
  readonly timeZone: string;
}

const size = { width: 240, height: 48, margin: 3 } as const;

const shortMonth = ({ month }: Point): string => monthWords(month, 'short');

/** A line from month to month, from nothing to the most there was. */
function sparkline(points: readonly Point[], label: string): Html {
  const { width, height, margin } = size;
  const [least, most] = [
    Math.min(0, ...points.map(({ value }) => value)),
    Math.max(...points.map(({ value }) => value)),
  ];
  const x = (at: number): number => margin + (at * (width - 2 * margin)) / (points.length - 1);
  const y = (value: number): number =>
    height - margin - ((value - least) * (height - 2 * margin)) / (most - least || 1);
  const line = points.map(({ value }, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return html`<svg class="spark" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
    <polyline points="${line}" />
    <circle cx="${x(points.length - 1).toFixed(1)}" cy="${y(points.at(-1)!.value).toFixed(1)}" r="2.5" />
  </svg>`;
}

function trend({ column, trend: points }: Figure, view: OverviewView): Content {
  if (points.length < 3) return null;
  const text = (value: number): string => figureText(value, column, view.currency, view.timeZone);
  const month = (point: Point): string => cellText(point.month, { ...column, type: 'month' }, view.timeZone);
  const highest = points.reduce((most, point) => (point.value > most.value ? point : most));
  const [first, last] = [points[0]!, points.at(-1)!];
  const label =
    `By month: ${text(first.value)} in ${month(first)}, ${text(last.value)} in ${month(last)}; ` +
    `the most was ${text(highest.value)} in ${month(highest)}.`;
  return html`${sparkline(points, label)}
    <p class="spark-ends quiet small" aria-hidden="true">
      <span>${shortMonth(first)}</span><span>${shortMonth(last)}</span>
    </p>`;
}

function tile({ title, href, figure }: TileView, view: OverviewView): Html {
  const text = (column: Column, value: Value): string =>
    figureText(value, column, view.currency, view.timeZone);
  if (typeof figure === 'string')
    return html`<li class="card tile">
      <h2><a href="${href}">${title}</a></h2>
      <p class="quiet">${missing[figure]}</p>
    </li>`;
  const { column, value, before, beside, pair, target } = figure;
  /** `new 120 · returning 480`, where a figure is one of two. */
  const both = (one: Value, other: Value | undefined): string =>
    pair && beside && other !== undefined
      ? `${pair[0]} ${text(column, one)} · ${pair[1]} ${text(beside.column, other)}`
      : text(column, one);
  return html`<li class="card tile">
    <h2><a href="${href}">${title}</a></h2>
    <p class="kpi-value">${both(value, beside?.value)}</p>
    ${
      !pair &&
      html`<p class="quiet small">
        ${column.title}${beside && html` · ${beside.column.title}: ${text(beside.column, beside.value)}`}
      </p>`
    }
    ${
      before &&
      html`<p class="kpi-change">
        ${
          before.change &&
          html`<strong
            >${pair && `${pair[0]}: `}<span aria-hidden="true">${signs[before.change.direction]} </span
            >${before.change.words}</strong
          >`
        }
        <span class="quiet">${view.periodBefore}: ${both(before.value, before.beside)}</span>
      </p>`
    }
    ${target && html`<p>${targetText(target)}</p>`} ${trend(figure, view)}
  </li>`;
}

const presets = (view: OverviewView): Html =>
  html`<nav aria-label="Period">
    <ul class="presets">
      ${view.presets.map(
        ({ href, text, isHere }) =>
          html`<li><a class="chip" href="${href}" ${isHere && html`aria-current="true"`}>${text}</a></li>`,
      )}
    </ul>
  </nav>`;

export const overviewPage = (view: OverviewView): View => ({
  title: view.mistakes ? 'Error: Home' : `Home, ${view.period}`,
  section: 'reports',
  ...scriptOf(view.form),
  main: html`<div class="report-head">
      <h1>Home</h1>
      <p class="lead">
        What happened, what it earned, and what needs a look. Each figure leads to its report.
      </p>
      ${view.period !== undefined && html`<p class="period">${view.period.charAt(0).toUpperCase() + view.period.slice(1)}</p>`}
    </div>
    ${view.mistakes && errorSummary('That question has no answer', view.mistakes)}
    ${view.presets.length > 0 && presets(view)} ${reportForm(view.form)} ${chipList(view.chips, view.base)}
    ${whichOne(view)}
    <ul class="tiles">
      ${view.tiles.map((one) => tile(one, view))}
    </ul>
    <p class="actions"><a class="button second" href="/reports">All reports</a></p>`,
});
