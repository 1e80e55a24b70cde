import { cellText, figures, unitOf, type Column, type Value } from '../../domains/reports/engine/index.js';
import { html, type Content } from '../../lib/html.js';
import type { Money } from '../../lib/money.js';
import { amountOf } from '../format.js';

/* Figures as they stand in a table, and in a sentence. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const share = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const decimals = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** The same, and aloud what a dash means; a reason is no figure, and looks like none. */
export function cellContent(value: Value | undefined, column: Column, timeZone: string): Content {
  if (value === null || value === undefined)
    return column.nothing === undefined
      ? html`<span aria-hidden="true">–</span><span class="unseen">no figure</span>`
      : html`<span class="quiet">${column.nothing}</span>`;
  if (column.type === 'month')
    return html`<time datetime="${value}">${cellText(value, column, timeZone)}</time>`;
  return cellText(value, column, timeZone);
}

/** With its unit, for a figure that stands alone. */
export function figureText(value: Value, column: Column, currency: string, timeZone: string): string {
  if (column.type === 'money' && value !== null) return amountOf(value as Money, currency).replace('-', '−');
  const text = cellText(value, column, timeZone);
  const unit = unitOf(column, currency);
  return unit === undefined || value === null ? text : `${text} ${unit}`;
}

export interface Change {
  readonly direction: 'up' | 'down' | 'same';
  /** `12.4 % more` */
  readonly words: string;
}

/** From one period to the next; undefined where one has no figure. */
export function changeOf(now: Value, before: Value, { type }: Column): Change | undefined {
  if (now === null || before === null) return undefined;
  const [a, b] = [Number(now), Number(before)];
  const direction = a > b ? 'up' : a < b ? 'down' : 'same';
  if (direction === 'same') return { direction, words: 'unchanged' };
  const than = direction === 'up' ? 'more' : 'less';
  if (type === 'rate')
    return { direction, words: `${decimals.format(Math.abs(a - b) * 100)} percentage points ${than}` };
  if (b === 0) return { direction, words: `${figures[type as 'count'](Math.abs(a) as never)} ${than}` };
  return { direction, words: `${share.format(Math.abs((a - b) / b))} ${than}` };
}

export const orderWords = (isDescending: boolean): string => (isDescending ? 'descending' : 'ascending');

export const countText = (count: number): string => whole.format(count);
