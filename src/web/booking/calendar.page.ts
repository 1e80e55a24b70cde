import { DateTime } from 'luxon';
import { clockTag, dayOf, dayTag, plural, slotTag, zoneTitle } from '../format.js';
import { html, path, type Content, type Html } from '../../lib/html.js';
import { errorSummary, formKey } from '../parts.js';

/** A day of the shown week, `2026-11-24`, and how many times of it are free. */
export interface CalendarDay {
  readonly day: string;
  readonly free: number;
}

export interface FreeTime {
  readonly start: Date;
  /** How many patients it still takes. */
  readonly free: number;
}

/** A week of a doctor's free times, with those of one day to choose from. */
export interface CalendarView {
  /** The address of the page; a day is named by `?day=`. */
  readonly base: string;
  readonly zone: string;
  readonly week: readonly CalendarDay[];
  /** The first days of the weeks before and after, as far as can be booked. */
  readonly previous: string | undefined;
  readonly next: string | undefined;
  readonly day: string;
  readonly times: readonly FreeTime[];
  /** Where a chosen time is sent to; null: nobody is signed in, and choosing one asks for that first. */
  readonly action: string | null;
  readonly form_key: string;
  /** Why the time that was wanted can't be taken, and what is free near it. */
  readonly refusal?: { readonly sentence: string; readonly nearest: readonly Date[] } | undefined;
}

const dayHref = ({ base }: CalendarView, day: string): string => base + path`?day=${day}`;

/** A time to choose: it is sent with the form around it, or kept for after signing in. */
function choice(view: CalendarView, start: Date, text: Html): Html {
  const slot = start.toISOString();
  if (view.action !== null) return html`<button class="slot" name="start" value="${slot}">${text}</button>`;
  const next = view.base + path`?day=${dayOf(start, view.zone)}&slot=${slot}`;
  return html`<a class="slot" href="${path`/sign-in?next=${next}`}">${text}</a>`;
}

/** Around all times of the page: one form, and each time a button of it. */
const choices = (view: CalendarView, content: Content): Content =>
  view.action === null
    ? content
    : html`<form method="post" action="${view.action}">${formKey(view.form_key)}${content}</form>`;

export const refusalOf = (view: CalendarView): Html | undefined =>
  view.refusal &&
  errorSummary(
    view.refusal.sentence,
    [],
    view.refusal.nearest.length > 0 &&
      html`<p>The nearest free times:</p>
        ${choices(
          view,
          html`<ul class="slots wide">
            ${view.refusal.nearest.map((at) => html`<li>${choice(view, at, slotTag(at, view.zone))}</li>`)}
          </ul>`,
        )}`,
  );

const dayLink = (view: CalendarView, { day, free }: CalendarDay): Html => {
  const isShown = day === view.day;
  return html`<li>
    <a
      class="day ${free === 0 && 'none'}"
      href="${dayHref(view, day)}"
      ${isShown && html`aria-current="date"`}
    >
      <span class="name">${dayTag(day, 'ccc')}</span>
      <span class="date">${dayTag(day, 'd LLL')}</span>
      <span class="count"
        >${free === 0 ? 'none' : free}<span ${free === 0 && html`class="unseen"`}> free</span></span
      >
    </a>
  </li>`;
};

const weekNavigation = (view: CalendarView): Html =>
  html`<nav class="week" aria-label="Days">
    <p class="turn">
      ${
        view.previous === undefined
          ? html`<span class="turned-off">Previous week</span>`
          : html`<a href="${dayHref(view, view.previous)}" rel="prev">Previous week</a>`
      }
      ${
        view.next === undefined
          ? html`<span class="turned-off">Next week</span>`
          : html`<a href="${dayHref(view, view.next)}" rel="next">Next week</a>`
      }
    </p>
    <ol>
      ${view.week.map((day) => dayLink(view, day))}
    </ol>
  </nav>`;

const partsOfDay = [
  { name: 'Morning', until: 12 },
  { name: 'Afternoon', until: 17 },
  { name: 'Evening', until: 24 },
] as const;

function timesOf(view: CalendarView): Html[] {
  const hourOf = ({ start }: FreeTime): number => DateTime.fromJSDate(start, { zone: view.zone }).hour;
  return partsOfDay.map(({ name, until }, index) => {
    const from = partsOfDay[index - 1]?.until ?? 0;
    const times = view.times.filter((time) => from <= hourOf(time) && hourOf(time) < until);
    if (times.length === 0) return html``;
    return html`<h3>${name}</h3>
      <ul class="slots">
        ${times.map(({ start, free }) => {
          const places = free > 1 && html` <small>${plural(free, 'place')}</small>`;
          return html`<li>${choice(view, start, html`${clockTag(start, view.zone)}${places}`)}</li>`;
        })}
      </ul>`;
  });
}

/** A day without free times; the way to one that has some. */
function emptyDay(view: CalendarView, more: Content): Html {
  const withFree = view.week.filter(({ free }) => free > 0);
  const other = withFree.find(({ day }) => day > view.day) ?? withFree[0];
  return html`<div class="empty">
    <p>
      No time is free on this day${!other && ', nor on any other of this week'}.
      ${
        other &&
        html`<a href="${dayHref(view, other.day)}">${dayTag(other.day, 'cccc d MMMM')}</a> has
          ${plural(other.free, 'free time')}.`
      }
    </p>
    ${more}
  </div>`;
}

/** `more` stands below what is said of a day without free times. */
export function calendar(view: CalendarView, more?: Content): Html {
  const at = view.times[0]?.start ?? DateTime.fromISO(view.day, { zone: view.zone }).toJSDate();
  return html`<section class="calendar" aria-labelledby="times">
    ${weekNavigation(view)}
    <h2 id="times">${dayTag(view.day, 'cccc d MMMM yyyy')}</h2>
    ${view.times.length > 0 ? choices(view, timesOf(view)) : emptyDay(view, more)}
    <p class="quiet zone">All times: ${zoneTitle(at, view.zone)}.</p>
  </section>`;
}
