import { DateTime } from 'luxon';
import type { Money } from '../lib/money.js';
import { html, type Html } from '../lib/html.js';

/* Times are shown on the clock of the hospital, in English, the way they are said; amounts with their currency. */

const local = (at: Date, zone: string): DateTime => DateTime.fromJSDate(at, { zone }).setLocale('en-GB');

/** The calendar day there, as an address has it: `2026-11-24`. */
export const dayOf = (at: Date, zone: string): string => local(at, zone).toFormat('yyyy-MM-dd');

/** `10:15`; of an hour that comes twice, as clocks go back, which of the two: `01:30 EDT`. */
export function clockOf(at: Date, zone: string): string {
  const time = local(at, zone);
  return time.toFormat('HH:mm') + (time.getPossibleOffsets().length > 1 ? ` ${time.offsetNameShort}` : '');
}

/** `Tuesday 24 November 2026` */
export const longDayOf = (at: Date, zone: string): string => local(at, zone).toFormat('cccc d MMMM yyyy');

const isoOf = (at: Date, zone: string): string | null =>
  local(at, zone).toISO({ suppressMilliseconds: true });

const tag = (at: Date, zone: string, text: string): Html =>
  html`<time datetime="${isoOf(at, zone)}">${text}</time>`;

/** `Tuesday 24 November 2026, 10:15` */
export const timeTag = (at: Date, zone: string): Html =>
  tag(at, zone, `${longDayOf(at, zone)}, ${clockOf(at, zone)}`);

/** `Tue 24 Nov, 10:15` */
export const shortTimeTag = (at: Date, zone: string): Html =>
  tag(at, zone, `${local(at, zone).toFormat('ccc d LLL')}, ${clockOf(at, zone)}`);

/** `10:15` under a small `Tue 24 Nov,` */
export const slotTag = (at: Date, zone: string): Html =>
  html`<time datetime="${isoOf(at, zone)}"
    ><small>${local(at, zone).toFormat('ccc d LLL')},</small> ${clockOf(at, zone)}</time
  >`;

/** `24 Nov 2026, 10:15` */
export const datedTag = (at: Date, zone: string): Html =>
  tag(at, zone, `${local(at, zone).toFormat('d LLL yyyy')}, ${clockOf(at, zone)}`);

/** `24 Nov 2026, 10:15 UTC`, for a time that is of no hospital. */
export const stampTag = (at: Date, zone: string): Html =>
  tag(at, zone, local(at, zone).toFormat('d LLL yyyy, HH:mm ZZZZ'));

/** `10:15` */
export const clockTag = (at: Date, zone: string): Html => tag(at, zone, clockOf(at, zone));

/** A day of the calendar, `2026-11-24`, in the words that `format` (luxon's) asks for. */
export const dayTag = (day: string, format: string): Html =>
  html`<time datetime="${day}">${DateTime.fromISO(day, { locale: 'en-GB' }).toFormat(format)}</time>`;

/** `Eastern Standard Time (America/New_York)` */
export const zoneTitle = (at: Date, zone: string): string => `${local(at, zone).offsetNameLong} (${zone})`;

/** To make one takes a hundred times as long as to use it. */
const amounts = new Map<string, Intl.NumberFormat>();

/** `$1,234.50`, from the exact text. */
export function amountOf(amount: Money, currency: string): string {
  let format = amounts.get(currency);
  if (!format) amounts.set(currency, (format = new Intl.NumberFormat('en', { style: 'currency', currency })));
  return format.format(amount as unknown as `${number}`);
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
