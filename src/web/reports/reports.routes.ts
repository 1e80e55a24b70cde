import { DateTime } from 'luxon';
import {
  cellText,
  countTable,
  readDrilldownKey,
  reportFormats,
  shownColumns,
  whoseRecords,
  withNames,
  wordedRows,
} from '../../domains/reports/engine/index.js';
import type { AnyReport, FileFormat } from '../../domains/reports/engine/index.js';
import type { Actor } from '../../lib/actor.js';
import { notFound, type Problem } from '../../lib/errors.js';
import { mayUse } from '../../lib/permissions.js';
import { optional, shape, term } from '../../lib/fields.js';
import type { RequestFacts } from '../../http/route.js';
import { nextPage } from '../booking/booking.routes.js';
import { createOverview } from './overview.routes.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage, type Reply, type View } from '../page.js';
import { sentenceOf } from '../problem.page.js';
import { recordsPage } from './report-records.page.js';
import { reportPage, type ReportView } from './report.page.js';
import { reportsPage } from './reports.page.js';
import { figuresOf, keyParam, recordsPath } from './report-figures.js';
import { createAsking, optionsOf, unlessRefused } from './report-answers.js';
import { createReportForms } from './report-forms.js';
import { daysBefore, daysOf, periodOf, periodWords } from './report-periods.js';
import { createFinder } from './finder.routes.js';
import { createReportPlaces } from './report-places.js';
import {
  addressOf,
  askedOf,
  givenOf,
  pageQuery,
  questionOf,
  severalIn,
  ticked,
  type PageQuery,
} from './report-query.js';
import { reportLinkPages, sharingOf } from './report-links.routes.js';
import { targetingOf, targetPages, targetsOf } from './targets.routes.js';
import { savingOf } from './saved-reports.routes.js';
import type { WebDeps } from '../web.deps.js';

/** What one look at the records of a figure shows. */
const mostRecords = 200;

const audience = 'reports';

/** WEB-1: the reports as pages, made from the same definitions as the API's routes. */
export function reportPages(deps: WebDeps): AnyPage[] {
  const { catalogue, drills, clock, currency, reportTimeZone, features } = deps;
  const places = createReportPlaces(deps);
  const today = (): string =>
    DateTime.fromJSDate(clock.now(), { zone: reportTimeZone }).toFormat('yyyy-MM-dd');
  const forms = createReportForms(deps, places, today);
  const baseOf = ({ id }: AnyReport): string => `/reports/${id}`;

  /** `March 2025, 3 hospitals` */
  const periodIn = (query: PageQuery): string =>
    [periodWords(daysOf(query, today())), ...severalIn(query)].join(', ');

  /** A name that was typed: the one record that it means as a filter, or which it may mean. */
  async function seek(
    report: AnyReport,
    actor: Actor,
    query: PageQuery,
  ): Promise<{ to: string } | { view: View } | undefined> {
    const found = await forms.sight(report, actor, query, baseOf(report));
    if (!found || 'to' in found) return found;
    const base = await frame(report, actor, query);
    const form = { ...base.form, isOpen: true };
    if ('candidates' in found) return { view: reportPage({ ...base, form, candidates: found.candidates }) };
    const { mistakes } = found;
    const refusal = { title: `No such ${found.what}`, mistakes };
    return { view: reportPage({ ...base, form: { ...form, mistakes }, refusal }) };
  }

  /** The page around the figures. */
  async function frame(report: AnyReport, actor: Actor, query: PageQuery): Promise<ReportView> {
    const given = givenOf(report, query);
    const base = baseOf(report);
    return {
      title: report.title,
      question: questionOf(report),
      period: periodIn(query),
      base,
      form: await forms.formOf(report, actor, query, base),
      chips: await forms.chipsOf(report, query, base),
      figures: null,
      instead: [
        ...(periodOf(query) === 'all' ? [] : [{ period: 'all', text: 'All time' }]),
        ...(periodOf(query) === 'last-year' ? [] : [{ period: 'last-year', text: 'Last year' }]),
      ].map(({ period, text: words }) => ({
        href: addressOf(base, { ...given, period, from: undefined, through: undefined }),
        text: words,
      })),
    };
  }

  async function show(
    report: AnyReport,
    actor: Actor,
    query: PageQuery,
    request: RequestFacts,
  ): Promise<View> {
    const days = daysOf(query, today());
    const earlier = query.compare === 'before' ? daysBefore(days, today()) : undefined;
    const ask = createAsking(deps, actor, request);
    const [base, targets, now, before] = await Promise.all([
      frame(report, actor, query),
      targetsOf(deps, actor, { report, query, days }),
      ask(report, query, days),
      earlier && unlessRefused(ask(report, query, earlier)),
    ]);
    const figures = await figuresOf(
      {
        ...{ report, catalogue, now, currency, targets },
        given: givenOf(report, query),
        before: before && earlier && { answer: before.answer, days: earlier },
      },
      places,
    );
    const saving = [
      features.saved_reports && savingOf(report, actor, query),
      sharingOf(report, actor, query),
      targetingOf(report, actor, query),
    ];
    return reportPage({ ...base, figures, saving });
  }

  /** What a report refuses is shown on its own page, beside the question. */
  async function refused(
    report: AnyReport,
    actor: Actor,
    query: Readonly<Record<string, unknown>>,
    problem: Problem,
  ): Promise<View | undefined> {
    if (problem.code === 'not_found' || problem.code === 'internal_error') return undefined;
    const advice = forms.adviceOf(report, problem) satisfies Advice;
    const mistakes = mistakesOf(problem, advice).map((mistake) =>
      mistake.field === 'sort'
        ? // No field of the form.
          { ...mistake, field: null }
        : mistake.field === null && problem.detail !== undefined && problem.status !== 400
          ? { ...mistake, message: problem.code === 'timed_out' ? sentenceOf(problem) : problem.detail }
          : mistake,
    );
    const shown = await forms.refusedForm(report, actor, query, baseOf(report));
    return reportPage({
      title: report.title,
      question: questionOf(report),
      period: undefined,
      base: baseOf(report),
      form: { ...shown, mistakes, isOpen: true },
      chips: [],
      figures: null,
      refusal: {
        title:
          problem.status >= 500 ? 'The figures are not available just now' : 'That question has no answer',
        mistakes,
      },
      instead: [],
    });
  }

  const reportPageOf = (report: AnyReport): AnyPage =>
    definePage({
      ...{ method: 'get', path: baseOf(report), audience, audit: 'none', ticked },
      query: pageQuery(report),
      handle: async ({ actor, query, request }): Promise<Reply> =>
        (await seek(report, actor, query as PageQuery)) ?? {
          view: await show(report, actor, query as PageQuery, request),
        },
      refused: ({ actor, query, problem }) => refused(report, actor, query, problem),
    });

  const filePage = (report: AnyReport, format: FileFormat): AnyPage =>
    definePage({
      ...{ method: 'get', path: `${baseOf(report)}.${format}`, audience, audit: 'none' },
      query: pageQuery(report),
      async handle({ actor, query, request }): Promise<Reply> {
        const page = query as PageQuery;
        const { asked, answer } = await createAsking(deps, actor, request)(
          report,
          page,
          daysOf(page, today()),
        );
        const { name } = await deps.accounts.me(actor);
        const goals = await deps.targets.goalsOf(actor, report, asked);
        const facts = {
          ...{ asked, goals, sort: page.sort, who: name, at: clock.now(), rendering: deps.rendering },
          asker: { user: actor.user_id, signal: request.signal },
          nameOfPlace: places.nameOf,
        };
        const { content, filename } = await reportFormats(report)[format]!(answer, facts);
        const file = typeof content === 'string' ? Buffer.from(content) : content;
        return { file, type: format, filename };
      },
      refused: ({ actor, query, problem }) => refused(report, actor, query, problem),
    });

  const recordsPageOf = (report: AnyReport): AnyPage => {
    const columns = report.key.map((name) => report.columns.find((column) => column.name === name)!);
    const keyShape = Object.fromEntries(report.key.map((name) => [keyParam(name), optional(term(500))]));
    return definePage({
      ...{ method: 'get', path: recordsPath(report.id), audience, audit: 'report.records' },
      query: pageQuery(report).concat(shape({ ...keyShape, cursor: optional(term(2000)) })),
      async handle({ actor, query: raw, request }): Promise<Reply> {
        if (!report.drilldown) throw notFound('page');
        const query = raw as PageQuery;
        const named = Object.fromEntries(
          columns.map((column) => {
            const value = query[keyParam(column.name)] as string | undefined;
            const isNumber = column.type === 'count' || column.type === 'decimal';
            return [column.name, value === undefined ? null : isNumber ? Number(value) : value];
          }),
        );
        const key = readDrilldownKey(report, JSON.stringify(named));
        const asked = askedOf(report, query, today());
        const found = await drills.records(actor, report.id, asked, key, {
          ...optionsOf(request),
          limit: mostRecords,
          cursor: query['cursor'] as string | undefined,
        });
        const here = Object.fromEntries(
          Object.keys(keyShape).map((name) => [name, query[name] as string | undefined]),
        );
        const shown = shownColumns(found.columns, found.rows);
        const worded = found.areCounts ? wordedRows(countTable, found) : found.rows;
        const rows = await withNames(worded, shown, places.nameOf);
        return {
          patient_ids: whoseRecords(found),
          view: recordsPage({
            ...{
              columns: shown,
              rows,
              next: nextPage(recordsPath(report.id), found.next_cursor, {
                ...givenOf(report, query),
                ...here,
              }),
              isLater: query['cursor'] !== undefined,
              areCounts: found.areCounts,
              title: report.title,
              period: periodIn(query),
              currency,
              timeZone: reportTimeZone,
            },
            back: addressOf(baseOf(report), givenOf(report, query)),
            key: await forms.keyWords(columns, key, (value, column) =>
              cellText(value, column, reportTimeZone),
            ),
          }),
        };
      },
    });
  };

  const listPage = definePage({
    ...{ method: 'get', path: '/reports', audience, audit: 'none' },
    handle: async ({ actor }): Promise<Reply> => ({
      view: reportsPage({
        areOwn: actor.role === 'doctor',
        canSave: features.saved_reports,
        canShare: mayUse(actor.role, 'reports:share'),
        reports: catalogue.map((report) => ({
          id: report.id,
          title: report.title,
          question: questionOf(report),
          has: [
            'Table',
            ...(report.chart ? ['Chart'] : []),
            ...(report.drilldown ? ['Records behind each figure'] : []),
          ],
        })),
      }),
    }),
  });

  return [
    createOverview(deps, { forms, today }),
    listPage,
    createFinder(places),
    ...reportLinkPages(deps, { forms, places }),
    ...targetPages(deps, forms),
    ...catalogue.flatMap((report) => [
      reportPageOf(report),
      recordsPageOf(report),
      ...(Object.keys(reportFormats(report)) as FileFormat[]).map((format) => filePage(report, format)),
    ]),
  ];
}
