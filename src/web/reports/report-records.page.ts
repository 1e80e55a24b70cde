import { isFigure, unitOf, type Column, type Row } from '../../domains/reports/engine/index.js';
import { html, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { cellContent, countText } from './report-format.js';
import { breadcrumbs } from '../parts.js';

interface RecordsView {
  readonly title: string;
  readonly period: string;
  /** The address of the report that the figure is of. */
  readonly back: string;
  /** What tells the row, in words: `Month: March 2025`. */
  readonly key: readonly { readonly name: string; readonly text: string }[];
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** The address of those that come next. */
  readonly next: string | undefined;
  /** These come after others. */
  readonly isLater: boolean;
  /** They are how many records there are in each month and hospital. */
  readonly areCounts: boolean;
  readonly currency: string;
  readonly timeZone: string;
}

const table = ({ columns, rows, currency, timeZone, title }: RecordsView): Html =>
  html`<div
    class="table-scroll ${rows.length > 40 && 'tall'}"
    role="region"
    aria-labelledby="records-caption"
    tabindex="0"
  >
    <table class="figures records">
      <caption id="records-caption" class="unseen">
        Records behind a figure of “${title}”
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => {
            const unit = unitOf(column, currency);
            return html`<th scope="col" ${isFigure(column) && html`class="figure"`}>
              ${column.title}${unit !== undefined && html` <span class="unit">(${unit})</span>`}
            </th>`;
          })}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${columns.map((column, index) => {
                const content = cellContent(row[column.name], column, timeZone);
                const figure = isFigure(column) && html`class="figure"`;
                return index === 0
                  ? html`<th scope="row" ${figure}>${content}</th>`
                  : html`<td ${figure}>${content}</td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

export function recordsPage(view: RecordsView): View {
  const { title, period, back, key, rows, next, isLater, areCounts, timeZone } = view;
  const one = areCounts ? 'count' : 'record';
  const count = `${countText(rows.length)} ${isLater ? 'more ' : ''}${rows.length === 1 ? one : `${one}s`}`;
  const heading = areCounts ? 'Records by month and hospital' : 'Records';
  const which = key.map(({ text }) => text).join(', ');
  return {
    title: `Records behind ${which}`,
    section: 'reports',
    main: html`${breadcrumbs([
        { href: '/reports', text: 'Reports' },
        { href: back, text: title },
      ])}
      <div class="report-head">
        <h1>The records behind ${which}</h1>
        <p class="lead">
          ${isLater || next === undefined ? count : html`The first ${count}`} of “${title}”, ${period}. Times
          are on the clock of ${timeZone}.${areCounts && ' Who these people are is not shown.'}
        </p>
      </div>
      <section class="card" aria-labelledby="records">
        <h2 id="records">${heading}</h2>
        ${
          rows.length > 0
            ? table(view)
            : html`<p class="quiet">There are none. The figure may be zero, or they have changed since.</p>`
        }
      </section>
      <p class="actions">
        ${next !== undefined && html`<a class="button" href="${next}" rel="next">More ${one}s</a>`}
        <a class="button second" href="${back}">Back to the report</a>
      </p>`,
  };
}
