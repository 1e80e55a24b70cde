import type { ShownLink } from '../../domains/reports/links/index.js';
import { html, path, type Html } from '../../lib/html.js';
import { plural, stampTag } from '../format.js';
import type { View } from '../page.js';
import { breadcrumbs, buttonForm, cardList, olderOnes, selectField } from '../parts.js';
import { foldedForm, type FoldedFormView } from './report-folded.page.js';
import { figuresContent, type FiguresView } from './report.page.js';

interface LinkRow extends ShownLink {
  /** Of the report. */
  readonly title: string;
  /** Its page, with the question of the link. */
  readonly href: string;
  readonly isGood: boolean;
}

interface LinksView {
  readonly links: readonly LinkRow[];
  /** Older ones. */
  readonly next: string | undefined;
  readonly zone: string;
  readonly form_key: string;
}

function standing({ isGood, revoked_at, expires_at }: LinkRow, zone: string): Html {
  if (isGood) return html`Expires on ${stampTag(expires_at, zone)}.`;
  return revoked_at === null
    ? html`Expired on ${stampTag(expires_at, zone)}.`
    : html`Revoked on ${stampTag(revoked_at, zone)}.`;
}

const card = (link: LinkRow, { zone, form_key }: LinksView): Html =>
  html`<li class="card">
    <h2><a href="${link.href}">${link.title}</a></h2>
    ${link.isGood && link.url !== null && html`<p><a class="address" href="${link.url}">${link.url}</a></p>`}
    <p class="quiet">
      ${standing(link, zone)} Opened
      ${plural(link.opened, 'time')}${
        link.last_opened_at && html`, last on ${stampTag(link.last_opened_at, zone)}`
      }.
    </p>
    ${
      link.isGood &&
      html`<div class="actions">
        ${buttonForm(path`/reports/links/${link.report_link_id}/revoke`, 'Revoke', `the link to ${link.title}`, form_key)}
      </div>`
    }
  </li>`;

export const linksPage = (view: LinksView): View => ({
  title: 'Links to reports',
  section: 'reports',
  main: html`${breadcrumbs([{ href: '/reports', text: 'Reports' }])}
    <h1>Links to reports</h1>
    <p class="lead">
      Anyone with a link sees that one report without signing in, until the link expires or is revoked.
    </p>
    ${cardList(
      view.links.map((one) => card(one, view)),
      'None yet. Under the figures of a report there is a form to make one.',
    )}
    ${olderOnes(view.next, 'Older links')}`,
});

/** By the number of days. */
export const linkTimes = [
  { value: '1', label: 'A day' },
  { value: '7', label: 'A week' },
  { value: '14', label: 'Two weeks' },
  { value: '30', label: '30 days' },
] as const;

export interface ShareFormView extends FoldedFormView {
  readonly days?: string | undefined;
}

export const shareForm = ({ days = '7', ...view }: ShareFormView): Html =>
  foldedForm(view, {
    ...{ summary: 'Share it by a link', label: 'Share this report by a link', action: '/reports/links' },
    fields: selectField('days', 'Valid for', linkTimes, { value: days, mistakes: view.mistakes }),
    button: 'Make a link',
  });

interface SharedView {
  readonly title: string;
  readonly question: string;
  readonly period: string;
  /** In words, and nothing where the question has none. */
  readonly filters: readonly string[];
  readonly figures: FiguresView;
  readonly expires_at: Date;
  readonly zone: string;
}

/** One report for who has the link: it leads nowhere. */
export const sharedPage = (view: SharedView): View => ({
  title: `${view.title}, ${view.period}`,
  section: 'reports',
  main: html`<div class="report-head">
      <h1>${view.title}</h1>
      <p class="lead">${view.question}</p>
      <p class="period">${view.period.charAt(0).toUpperCase() + view.period.slice(1)}</p>
      ${view.filters.length > 0 && html`<p class="quiet">${view.filters.join(' · ')}</p>`}
      <p class="quiet small">
        Shared with you by a link that expires on ${stampTag(view.expires_at, view.zone)}.
      </p>
    </div>
    ${figuresContent({ title: view.title, period: view.period, figures: view.figures, instead: [] })}`,
});
