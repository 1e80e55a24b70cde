import type { Column, Value } from '../../domains/reports/engine/index.js';
import { html, type Content, type Html } from '../../lib/html.js';
import { figureText, type Change } from './report-format.js';

export interface Headline {
  readonly column: Column;
  readonly value: Value;
  readonly before?: { readonly value: Value; readonly change: Change | undefined } | undefined;
  readonly target?: TargetView | undefined;
}

/** What a figure is to be, in words, and whether it is. */
export interface TargetView {
  /** `at most 8.00%` */
  readonly text: string;
  /** null: there is no figure yet. */
  readonly isMet: boolean | null;
}

/** A figure of which another report says something else. */
export interface Note {
  /** Its heading. */
  readonly about: string;
  /** The sum that is in no row, with its unit. */
  readonly leftOut?: string;
  readonly why: string;
  /** The other report; null where it may not be seen. */
  readonly href: string | null;
  readonly title: string;
}

export interface HeadlinesView {
  readonly headlines: readonly Headline[];
  readonly notes: readonly Note[];
  readonly periodBefore: string | undefined;
  readonly currency: string;
  readonly timeZone: string;
}

export const signs: Readonly<Record<Change['direction'], string>> = { up: '▲', down: '▼', same: '=' };

/** A figure and its target, for a headline or a tile. */
export const targetText = (target: TargetView | undefined): Content =>
  target &&
  html`<span class="kpi-target"
    >${
      target.isMet !== null &&
      html`<strong class="${target.isMet ? 'met' : 'missed'}"
        ><span aria-hidden="true">${target.isMet ? '✓' : '✗'} </span>Target
        ${target.isMet ? 'met' : 'missed'}:</strong
      > `
    }${target.isMet === null && 'Target: '}${target.text}</span
  >`;

function headline(one: Headline, { currency, timeZone, periodBefore }: HeadlinesView): Html {
  const { column, value, before, target } = one;
  const text = (figure: Value): string => figureText(figure, column, currency, timeZone);
  return html`<div class="kpi">
    <dt>${column.title}</dt>
    <dd>
      <span class="kpi-value">${text(value)}</span>
      ${
        before &&
        html`<span class="kpi-change"
          >${
            before.change &&
            html`<strong
              ><span aria-hidden="true">${signs[before.change.direction]} </span
              >${before.change.words}</strong
            > `
          }<span class="quiet">${periodBefore}: ${text(before.value)}</span></span
        >`
      }
      ${targetText(target)}
    </dd>
  </div>`;
}

const noteItem = ({ about, leftOut, why, href, title }: Note): Html =>
  html`<li>
    <strong>${about}${leftOut !== undefined && ` leaves out ${leftOut}`}:</strong> ${why}
    ${href === null ? title : html`<a href="${href}">${title}</a>`}
  </li>`;

export const headlines = (view: HeadlinesView): Content =>
  view.headlines.length > 0 &&
  html`<section aria-labelledby="kpis">
    <h2 id="kpis" class="unseen">At a glance</h2>
    <dl class="kpis">${view.headlines.map((one) => headline(one, view))}</dl>
    ${
      view.notes.length > 0 &&
      html`<ul class="notes">
        ${view.notes.map(noteItem)}
      </ul>`
    }
  </section>`;
