import { parse } from '../../http/parse.js';
import {
  savedFormats,
  schedulePaces,
  type SavedReport,
  type Schedule,
} from '../../domains/reports/saved/index.js';
import type { AnyReport } from '../../domains/reports/engine/index.js';
import type { Actor } from '../../lib/actor.js';
import { notFound, type Problem } from '../../lib/errors.js';
import { id, name, oneOf, optional, shape, text, timeOfDay } from '../../lib/fields.js';
import type { Content } from '../../lib/html.js';
import { newKey } from '../booking/calendars.js';
import { mistakesOf } from '../mistakes.js';
import { definePage, type AnyPage } from '../page.js';
import { paces, saveAgainPage, saveForm, savedReportsPage } from './saved-reports.page.js';
import { daysOf, movingPeriods, periodOf } from './report-periods.js';
import { addressOf, givenOf, pageQuery, reportQueryOf, type PageQuery } from './report-query.js';
import type { WebDeps } from '../web.deps.js';

const audience = 'reports';

const scheduleOf = (pace: string, time: string): Omit<Schedule, 'time_zone'> | null => {
  const [every, on] = pace.split('-') as [string, string | undefined];
  if (!(schedulePaces as readonly string[]).includes(every)) return null;
  return {
    every: every as Schedule['every'],
    time,
    weekday: every === 'week' ? Number(on) : null,
    day: every === 'month' ? Number(on) : null,
  };
};

function wordsOf({ every, weekday, day, time, time_zone }: Schedule): string {
  const pace = every === 'day' ? 'day' : `${every}-${every === 'week' ? weekday : day}`;
  const known = paces.find(({ value }) => value === pace)?.label ?? `On day ${day} of each month`;
  return `${known.charAt(0).toLowerCase()}${known.slice(1)} at ${time} (${time_zone})`;
}

/** The form under the figures of a report. */
export const savingOf = (report: AnyReport, query: PageQuery): Content =>
  saveForm({
    report: report.id,
    asked: new URLSearchParams(givenOf(report, query)).toString(),
    ...{ values: {}, mistakes: [], form_key: newKey() },
  });

const advice = {
  name: 'Give the report a name.',
  time: 'The time must be like 08:00.',
  every: 'Choose when the report is sent.',
  format: 'Choose what it is sent as.',
} as const;

/** REP-10 on the pages: saving a report, having it sent, and what was sent. */
export function savedReportPages(deps: WebDeps): AnyPage[] {
  const { catalogue, savedReports, deliveries, reportTimeZone: zone } = deps;
  const reportOf = (wanted: string | undefined): AnyReport => {
    const report = catalogue.find((one) => one.id === wanted);
    if (!report) throw notFound('report');
    return report;
  };

  /** What the page of the report was asked, as it is saved. */
  function questionOf(report: AnyReport, asked: string) {
    const given = Object.fromEntries(new URLSearchParams(asked));
    const raw = { params: {}, query: given, body: {} };
    const { query } = parse({ query: pageQuery(report).options({ stripUnknown: true }) }, raw);
    const period = movingPeriods[periodOf(query as PageQuery)];
    const days = period ? {} : daysOf(query as PageQuery, '');
    return { parameters: reportQueryOf(report, query as PageQuery, days), period: period ?? null };
  }

  /** The page of a report as it was saved. */
  function hrefOf({ report, parameters, period }: SavedReport): string {
    const { from, to, ...own } = parameters as Record<string, unknown>;
    const page = Object.entries(movingPeriods).find(([, one]) => one === period)?.[0];
    const day = (value: unknown): string | undefined =>
      typeof value === 'string' ? value.slice(0, 10) : undefined;
    const dates = page ? { period: page } : { from: day(from), period: from || to ? 'custom' : 'all' };
    const through = to === undefined || page ? undefined : dayBefore(day(to)!);
    const texts = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, String(value)]));
    return addressOf(`/reports/${report}`, { ...texts, ...dates, through });
  }

  async function listed(actor: Actor) {
    const [saved, sent] = await Promise.all([
      savedReports.listOwn(actor, { limit: 100 }),
      deliveries.list(actor, { limit: 20 }),
    ]);
    return savedReportsPage({
      ...{ zone, form_key: newKey(), deliveries: sent.items },
      saved: saved.items.map((one) => ({
        ...one,
        report: catalogue.find(({ id: known }) => known === one.report)?.title ?? one.report,
        href: hrefOf(one),
        schedule: one.schedule && wordsOf(one.schedule),
      })),
    });
  }

  const refused = ({ values, problem }: { values: Readonly<Record<string, string>>; problem: Problem }) => {
    const report = catalogue.find((one) => one.id === values['report']);
    if (!report) return Promise.resolve(undefined);
    const asked = values['asked'] ?? '';
    const taken = problem.code === 'already_exists';
    const mistakes = taken
      ? [{ field: 'name', message: 'You have a saved report of this name.' }]
      : mistakesOf(problem, advice);
    const view = { report: report.id, asked, values, mistakes, form_key: newKey() };
    return Promise.resolve(saveAgainPage(view, report.title, `/reports/${report.id}?${asked}`));
  };

  const params = shape({ saved_report_id: id() });
  return [
    definePage({
      ...{ method: 'get', path: '/reports/saved', audience },
      handle: async ({ actor }) => ({ view: await listed(actor) }),
    }),
    definePage({
      ...{ method: 'post', path: '/reports/saved', audience, refused },
      form: shape({
        report: text(100),
        asked: optional(text(4000)),
        name: name(120),
        every: oneOf(...paces.map(({ value }) => value)),
        time: timeOfDay(),
        format: oneOf(...savedFormats),
      }),
      async handle({ actor, form }) {
        const { report, name: given, every, time, format, asked = '' } = form;
        const question = questionOf(reportOf(report), asked);
        const schedule = scheduleOf(every, time);
        await savedReports.create(actor, { name: given, report, format, schedule, ...question });
        return { to: '/reports/saved' };
      },
    }),
    definePage({
      ...{ method: 'post', path: '/reports/saved/:saved_report_id/deliver', audience, params },
      async handle({ actor, params: { saved_report_id } }) {
        await savedReports.deliver(actor, saved_report_id);
        return { to: '/reports/saved' };
      },
    }),
    definePage({
      ...{ method: 'post', path: '/reports/saved/:saved_report_id/remove', audience, params },
      async handle({ actor, params: { saved_report_id } }) {
        await savedReports.remove(actor, saved_report_id);
        return { to: '/reports/saved' };
      },
    }),
    definePage({
      ...{ method: 'get', path: '/reports/deliveries/:delivery_id', audience },
      params: shape({ delivery_id: id() }),
      async handle({ actor, params: { delivery_id } }) {
        const { content, type, filename } = await deliveries.file(actor, delivery_id);
        return { file: content, type, filename };
      },
    }),
  ];
}

const dayBefore = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
