import {
  dayText,
  targetColumns,
  targetDirections,
  type Target,
} from '../../domains/reports/targets/index.js';
import type { AnyReport } from '../../domains/reports/engine/index.js';
import type { Actor } from '../../lib/actor.js';
import { invalidField, type Problem } from '../../lib/errors.js';
import { id, oneOf, optional, shape, term, text } from '../../lib/fields.js';
import type { Content } from '../../lib/html.js';
import { mayUse } from '../../lib/permissions.js';
import { nextPage } from '../booking/booking.routes.js';
import { newKey } from '../booking/calendars.js';
import { mistakesOf } from '../mistakes.js';
import { definePage, type AnyPage } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { askedIn, createKeptPages, type KeptPage } from './kept-pages.js';
import type { createReportForms } from './report-forms.js';
import { daysOf, nameOfPeriod, periodNames, periodWords, type Days } from './report-periods.js';
import { reportQueryOf, severalIn, type PageQuery } from './report-query.js';
import { goalText, type TargetsOf } from './report-targets.js';
import { againPage } from './saved-reports.page.js';
import { addressesIn, recipientsAdvice } from './saved-reports.routes.js';
import { targetForm, targetsPage } from './targets.page.js';

const figuresOf = (report: AnyReport) =>
  targetColumns(report).map(({ name, title }) => ({ value: name, label: title }));

/** The form under the figures of a report, for who may set targets, of one place and where the period has an end. */
export const targetingOf = (report: AnyReport, { role }: Actor, query: PageQuery): Content => {
  const { from, to } = daysOf(query, '2000-01-01');
  const figures = figuresOf(report);
  const isOfOne = severalIn(query).length === 0;
  if (!mayUse(role, 'reports:share') || !isOfOne || !from || !to || figures.length === 0) return null;
  const asked = askedIn(report, query);
  return targetForm({ report: report.id, asked, figures, values: {}, mistakes: [], form_key: newKey() });
};

/** Those of what a page is asked; undefined where its period has no end. */
export async function targetsOf(
  { targets, clock, reportTimeZone: timeZone }: Pick<WebDeps, 'targets' | 'clock' | 'reportTimeZone'>,
  actor: Actor,
  { report, query, days }: { readonly report: AnyReport; readonly query: PageQuery; readonly days: Days },
): Promise<TargetsOf | undefined> {
  if (days.from === undefined || days.to === undefined) return undefined;
  const all = await targets.listOf(actor, report.id, reportQueryOf(report, query, {}));
  return { all, days, now: clock.now(), timeZone };
}

/** `8%`, `0.08`, `1,000`. Throws `invalid_request` for what could be read in two ways. */
function goalIn(text: string, isRate: boolean): number {
  const [, digits, percent] = /^\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(%?)\s*$/.exec(text) ?? [];
  if (digits === undefined) throw invalidField('/body/goal', 'must be a number, as 1,000 or 0.5');
  if (percent === '%' && !isRate) throw invalidField('/body/goal', 'is no rate: leave out %');
  const number = Number(digits.replaceAll(',', ''));
  return percent === '%' ? Math.round(number * 10_000) / 1_000_000 : number;
}

/** What a target is of, in the parts that its service takes. */
function questionIn({ report, parameters, period }: KeptPage) {
  const { from, to, year: _year, limit: _limit, sort: _sort, ...own } = parameters;
  const dayOf = (day: unknown): Date | null =>
    typeof day === 'string' ? new Date(`${day.slice(0, 10)}T00:00:00Z`) : null;
  return {
    report,
    parameters: own,
    period,
    from: period ? null : dayOf(from),
    to: period ? null : dayOf(to),
  };
}

function adviceOf({ options }: Problem) {
  const of = (name: string): string | undefined =>
    options.errors?.find(({ pointer }) => pointer === `/body/${name}`)?.message;
  const goal = of('goal');
  return {
    ...{ figure: 'Choose one of the figures.', direction: 'Choose at least or at most.' },
    ...(goal !== undefined && { goal: `The number ${goal}.` }),
  };
}

/** REP-14 on the pages: setting targets, and looking after them. */
export function targetPages(deps: WebDeps, forms: ReturnType<typeof createReportForms>): AnyPage[] {
  const { catalogue, targets, currency, features, reportTimeZone: zone } = deps;
  const kept = createKeptPages(catalogue);

  async function rowOf(target: Target) {
    const report = catalogue.find(({ id: known }) => known === target.report);
    const column = report?.columns.find(({ name }) => name === target.figure);
    const { period, from, to } = target;
    const days = from && to ? { from: dayText(from), to: dayText(to) } : {};
    const page = nameOfPeriod(period);
    const chips = report ? await forms.chipsOf(report, target.parameters, '') : [];
    return {
      ...target,
      figure: column?.title ?? target.figure,
      title: kept.titleOf(target),
      href: kept.hrefOf({ ...target, parameters: { ...target.parameters, ...days } }),
      goal: column ? goalText(target, column, { currency, timeZone: zone }) : String(target.goal),
      period: page ? periodNames[page] : (period?.replaceAll('_', ' ') ?? periodWords(days)),
      filters: chips.map((chip) => chip.text),
      isMet: target.standing?.is_met ?? null,
      since: target.standing?.since ?? null,
    };
  }

  return [
    definePage({
      ...{ method: 'get', path: '/reports/targets', audience: 'sharing', audit: 'none' },
      query: shape({ cursor: optional(term(2000)) }),
      async handle({ actor, query: { cursor } }) {
        const { items, next_cursor } = await targets.list(actor, { limit: 50, cursor });
        const rows = await Promise.all(items.map(rowOf));
        const next = nextPage('/reports/targets', next_cursor);
        const hasWebhooks = features.webhooks;
        return { view: targetsPage({ targets: rows, zone, form_key: newKey(), next, hasWebhooks }) };
      },
    }),
    definePage({
      ...{ method: 'post', path: '/reports/targets', audience: 'sharing', audit: 'none' },
      form: shape({
        report: text(100),
        asked: optional(text(12_000)),
        figure: text(100),
        direction: oneOf(...targetDirections),
        goal: text(20),
        tell: optional(text(4000)),
      }),
      async handle({ actor, form: { report, asked = '', figure, direction, goal, tell = '' } }) {
        const question = questionIn(kept.questionOf(report, asked));
        const column = kept.reportOf(report).columns.find(({ name }) => name === figure);
        const number = goalIn(goal, column?.type === 'rate');
        const said = { figure, direction, goal: number, recipients: addressesIn(tell) };
        await targets.create(actor, { ...question, ...said });
        return { to: '/reports/targets' };
      },
      refused({ values, problem }) {
        const report = catalogue.find((one) => one.id === values['report']);
        if (!report) return Promise.resolve(undefined);
        const asked = values['asked'] ?? '';
        const { recipients: tell, ...advice } = {
          ...adviceOf(problem),
          ...recipientsAdvice(problem),
        } as Record<string, string>;
        const mistakes =
          tell !== undefined
            ? [{ field: 'tell', message: tell }]
            : problem.code === 'already_exists'
              ? [
                  {
                    field: null,
                    message: 'There is a target of this figure and period already: remove it first.',
                  },
                ]
              : mistakesOf(problem, advice);
        const view = { report: report.id, asked, figures: figuresOf(report), values, mistakes };
        const form = targetForm({ ...view, form_key: newKey() });
        const back = `/reports/${report.id}?${asked}`;
        const again = { what: 'Set a target for', failed: 'The target is not set', mistakes, form };
        return Promise.resolve(againPage(again, report.title, back));
      },
    }),
    definePage({
      ...{ method: 'post', path: '/reports/targets/:target_id/remove', audience: 'sharing', audit: 'none' },
      params: shape({ target_id: id() }),
      async handle({ actor, params: { target_id } }) {
        await targets.remove(actor, target_id);
        return { to: '/reports/targets' };
      },
    }),
  ];
}
