import type { AnyReport } from '../../domains/reports/engine/index.js';
import type { Actor } from '../../lib/actor.js';
import { id, oneOf, optional, shape, term, text } from '../../lib/fields.js';
import type { Content } from '../../lib/html.js';
import { mayUse } from '../../lib/permissions.js';
import { nextPage } from '../booking/booking.routes.js';
import { newKey } from '../booking/calendars.js';
import { mistakesOf } from '../mistakes.js';
import { definePage, type AnyPage } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { askedIn, createKeptPages } from './kept-pages.js';
import { figuresOf } from './report-figures.js';
import type { createReportForms } from './report-forms.js';
import { linksPage, linkTimes, shareForm, sharedPage } from './report-links.page.js';
import { periodWords } from './report-periods.js';
import type { ReportPlaces } from './report-places.js';
import { questionOf, severalIn, type PageQuery } from './report-query.js';
import { againPage } from './saved-reports.page.js';

interface Around {
  readonly forms: ReturnType<typeof createReportForms>;
  readonly places: ReportPlaces;
}

/** The form under the figures of a report, for who may show them to others. */
export const sharingOf = (report: AnyReport, { role }: Actor, query: PageQuery): Content =>
  mayUse(role, 'reports:share') &&
  shareForm({ report: report.id, asked: askedIn(report, query), mistakes: [], form_key: newKey() });

/** REP-14 on the pages: making links, looking after them, and what they show. */
export function reportLinkPages(deps: WebDeps, { forms, places }: Around): AnyPage[] {
  const { catalogue, reportLinks, clock, currency, reportTimeZone: zone } = deps;
  const kept = createKeptPages(catalogue);
  const audience = 'sharing';

  return [
    definePage({
      ...{ method: 'get', path: '/reports/links', audience, audit: 'none' },
      query: shape({ cursor: optional(term(2000)) }),
      async handle({ actor, query: { cursor } }) {
        const { items, next_cursor } = await reportLinks.list(actor, { limit: 50, cursor });
        const now = clock.now();
        return {
          view: linksPage({
            ...{ zone, form_key: newKey(), next: nextPage('/reports/links', next_cursor) },
            links: items.map((link) => ({
              ...link,
              ...{ title: kept.titleOf(link), href: kept.hrefOf(link) },
              isGood: link.revoked_at === null && link.expires_at > now,
            })),
          }),
        };
      },
    }),
    definePage({
      ...{ method: 'post', path: '/reports/links', audience, audit: 'none' },
      form: shape({
        report: text(100),
        asked: optional(text(12_000)),
        days: oneOf(...linkTimes.map(({ value }) => value)),
      }),
      async handle({ actor, form: { report, asked = '', days } }) {
        await reportLinks.create(actor, { ...kept.questionOf(report, asked), days: Number(days) });
        return { to: '/reports/links' };
      },
      refused({ values, problem }) {
        const report = catalogue.find((one) => one.id === values['report']);
        if (!report) return Promise.resolve(undefined);
        const asked = values['asked'] ?? '';
        const mistakes = mistakesOf(problem, { days: 'Choose how long the link is valid.' });
        const form = shareForm({
          report: report.id,
          asked,
          days: values['days'],
          mistakes,
          form_key: newKey(),
        });
        const back = `/reports/${report.id}?${asked}`;
        return Promise.resolve(
          againPage({ what: 'Share', failed: 'There is no link yet', mistakes, form }, report.title, back),
        );
      },
    }),
    definePage({
      ...{ method: 'post', path: '/reports/links/:report_link_id/revoke', audience, audit: 'none' },
      params: shape({ report_link_id: id() }),
      async handle({ actor, params: { report_link_id } }) {
        await reportLinks.revoke(actor, report_link_id);
        return { to: '/reports/links' };
      },
    }),
    definePage({
      // Each opening computes the report, and is written down.
      ...{ method: 'get', path: '/shared/:token', audience: 'anybody', audit: 'none', limit: 'auth' },
      params: shape({ token: term(300) }),
      async handle({ actor, params: { token }, request }) {
        const { link, asked, answer } = await reportLinks.open(actor, token, request);
        const report = kept.reportOf(link.report);
        const { from, to, ...filters } = asked.query;
        const page = filters as PageQuery;
        const chips = await forms.chipsOf(report, page, '');
        const figures = await figuresOf(
          {
            ...{ catalogue, report, now: { answer, asked }, before: undefined, given: {}, currency },
            isShared: true,
          },
          places,
        );
        return {
          view: sharedPage({
            ...{ title: report.title, question: questionOf(report), figures, zone },
            period: [
              periodWords({ from: from?.slice(0, 10), to: to?.slice(0, 10) }),
              ...severalIn(page),
            ].join(', '),
            filters: chips.map((chip) => chip.text),
            expires_at: link.expires_at,
          }),
        };
      },
    }),
  ];
}
