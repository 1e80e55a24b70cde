import {
  savedFormats,
  schedulePaces,
  type SavedReport,
  type Schedule,
} from '../../domains/reports/saved/index.js';
import type { AnyReport } from '../../domains/reports/engine/index.js';
import type { Actor } from '../../lib/actor.js';
import type { Problem } from '../../lib/errors.js';
import { id, name, oneOf, optional, shape, text, timeOfDay } from '../../lib/fields.js';
import type { Content } from '../../lib/html.js';
import { newKey } from '../booking/calendars.js';
import { mayUse } from '../../lib/permissions.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage } from '../page.js';
import { paces, againPage, saveAgain, saveForm, savedReportsPage } from './saved-reports.page.js';
import { askedIn, createKeptPages } from './kept-pages.js';
import type { PageQuery } from './report-query.js';
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
export const savingOf = (report: AnyReport, { role }: Actor, query: PageQuery): Content =>
  saveForm({
    report: report.id,
    canShare: mayUse(role, 'reports:share'),
    asked: askedIn(report, query),
    ...{ values: {}, mistakes: [], form_key: newKey() },
  });

const advice = {
  name: 'Give the report a name.',
  time: 'The time must be like 08:00.',
  every: 'Choose when the report is sent.',
  format: 'Choose what it is sent as.',
} as const;

/** Addresses as people write them one after the other. */
export const addressesIn = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => word !== '');

/** What is wrong with the addresses, each by its name. */
export function recipientsAdvice({ options }: Problem): Advice {
  const of = (options.errors ?? []).filter(({ pointer }) => pointer.startsWith('/body/recipients/'));
  const words = of.map(({ message }) => message).join('; ');
  return words === '' ? {} : { recipients: `${words}.` };
}

/** REP-10 on the pages: saving a report, having it sent, and what was sent. */
export function savedReportPages(deps: WebDeps): AnyPage[] {
  const { catalogue, savedReports, deliveries, reportTimeZone: zone } = deps;
  const kept = createKeptPages(catalogue);

  async function listed(actor: Actor) {
    const [saved, others, sent] = await Promise.all([
      savedReports.listOwn(actor, { limit: 100 }),
      savedReports.list(actor, { limit: 100, sent_to: 'me' }),
      deliveries.list(actor, { limit: 20 }),
    ]);
    const rowOf = (one: SavedReport) => ({
      ...one,
      report: kept.titleOf(one),
      href: kept.hrefOf(one),
      schedule: one.schedule && wordsOf(one.schedule),
    });
    return savedReportsPage({
      ...{ zone, form_key: newKey(), deliveries: sent.items },
      saved: saved.items.map(rowOf),
      others: others.items.map(rowOf),
    });
  }

  interface Refused {
    readonly actor: Actor;
    readonly values: Readonly<Record<string, string>>;
    readonly problem: Problem;
  }
  const refused = ({ actor: { role }, values, problem }: Refused) => {
    const report = catalogue.find((one) => one.id === values['report']);
    if (!report) return Promise.resolve(undefined);
    const asked = values['asked'] ?? '';
    const taken = problem.code === 'already_exists';
    const mistakes = taken
      ? [{ field: 'name', message: 'You have a saved report of this name.' }]
      : mistakesOf(problem, { ...advice, ...recipientsAdvice(problem) });
    const canShare = mayUse(role, 'reports:share');
    const view = { canShare, report: report.id, asked, values, mistakes, form_key: newKey() };
    return Promise.resolve(againPage(saveAgain(view), report.title, `/reports/${report.id}?${asked}`));
  };

  const params = shape({ saved_report_id: id() });
  return [
    definePage({
      ...{ method: 'get', path: '/reports/saved', audience, audit: 'none' },
      handle: async ({ actor }) => ({ view: await listed(actor) }),
    }),
    definePage({
      ...{ method: 'post', path: '/reports/saved', audience, audit: 'none', refused },
      form: shape({
        report: text(100),
        asked: optional(text(12_000)),
        name: name(120),
        every: oneOf(...paces.map(({ value }) => value)),
        time: timeOfDay(),
        format: oneOf(...savedFormats),
        recipients: optional(text(4000)),
      }),
      async handle({ actor, form }) {
        const { report, name: given, every, time, format, asked = '', recipients = '' } = form;
        const question = kept.questionOf(report, asked);
        const schedule = scheduleOf(every, time);
        const to = { recipients: addressesIn(recipients) };
        await savedReports.create(actor, { name: given, format, schedule, ...question, ...to });
        return { to: '/reports/saved' };
      },
    }),
    definePage({
      ...{ method: 'post', path: '/reports/saved/:saved_report_id/deliver', audience, audit: 'none', params },
      async handle({ actor, params: { saved_report_id } }) {
        await savedReports.deliver(actor, saved_report_id);
        return { to: '/reports/saved' };
      },
    }),
    definePage({
      ...{ method: 'post', path: '/reports/saved/:saved_report_id/remove', audience, audit: 'none', params },
      async handle({ actor, params: { saved_report_id } }) {
        await savedReports.remove(actor, saved_report_id);
        return { to: '/reports/saved' };
      },
    }),
    definePage({
      ...{ method: 'post', path: '/reports/saved/:saved_report_id/leave', audience, audit: 'none', params },
      async handle({ actor, params: { saved_report_id } }) {
        await savedReports.leave(actor, saved_report_id);
        return { to: '/reports/saved' };
      },
    }),
    definePage({
      ...{ method: 'get', path: '/reports/deliveries/:delivery_id', audience, audit: 'report.file' },
      params: shape({ delivery_id: id() }),
      async handle({ actor, params: { delivery_id } }) {
        const { content, type, filename } = await deliveries.file(actor, delivery_id);
        return { patient_ids: [], file: content, type, filename };
      },
    }),
  ];
}
