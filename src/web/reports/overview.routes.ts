import pLimit from 'p-limit';
import type { AnyReport, ReportAnswer } from '../../domains/reports/engine/index.js';
import type { RequestFacts } from '../../http/route.js';
import type { Actor } from '../../lib/actor.js';
import { Problem } from '../../lib/errors.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage, type Reply } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { overviewPage, type Figure, type TileView } from './overview.page.js';
import { tiles, trendOf, valueOf, type Tile } from './overview.tiles.js';
import { createAsking, createKeptAnswers, unlessRefused } from './report-answers.js';
import { changeOf } from './report-format.js';
import { targetFor } from './report-targets.js';
import { targetsOf } from './targets.routes.js';
import type { createReportForms } from './report-forms.js';
import {
  daysBefore,
  daysOf,
  movingPeriods,
  periodNames,
  periodOf,
  periodWords,
  type Days,
  type PeriodName,
} from './report-periods.js';
import { addressOf, givenOf, pageQuery, severalIn, ticked, type PageQuery } from './report-query.js';

const base = '/overview';
const askedAtOnce = 3;
/** Nothing but the period and the places. */
const overview = { params: {} };

interface Periods {
  readonly days: Days;
  readonly earlier: Days | undefined;
  /** Of the trend. */
  readonly year: Days;
}

interface Around {
  readonly forms: ReturnType<typeof createReportForms>;
  readonly today: () => string;
}

/** WEB-4: where those begin who read the figures. */
export function createOverview(deps: WebDeps, { forms, today }: Around): AnyPage {
  const { catalogue, currency, reportTimeZone: timeZone } = deps;

  const kept = createKeptAnswers(deps.reports);

  /** Each question once, whichever tiles ask it. */
  function asking(actor: Actor, query: PageQuery, request: RequestFacts) {
    const asked = new Map<string, Promise<ReportAnswer>>();
    // Others have their turns too; what is kept takes none.
    const limit = pLimit(askedAtOnce);
    const ask = createAsking(deps, actor, request, kept.within(limit));
    return (report: AnyReport, { params = {} }: Tile, days: Days): Promise<ReportAnswer> => {
      const key = JSON.stringify([report.id, params, days]);
      const answer = asked.get(key) ?? ask(report, { ...query, ...params }, days).then((told) => told.answer);
      asked.set(key, answer);
      return answer;
    };
  }

  async function figureOf(
    tile: Tile,
    report: AnyReport,
    { days, earlier, year }: Periods,
    ask: ReturnType<typeof asking>,
    targets: ReturnType<typeof targetsOf>,
  ): Promise<Figure> {
    const [now, aims, before, ofYear] = await Promise.all([
      ask(report, tile, days),
      targets,
      earlier && unlessRefused(ask(report, tile, earlier)),
      tile.months === undefined ? undefined : ask(report, tile, year),
    ]);
    const columnOf = (name: string) => now.columns.find((column) => column.name === name)!;
    const column = columnOf(tile.figure);
    const value = valueOf(column.name, now) ?? null;
    const then = before && valueOf(column.name, before);
    const besideIn = (answer: ReportAnswer) =>
      tile.beside === undefined ? undefined : valueOf(tile.beside, answer);
    const beside = besideIn(now);
    return {
      ...{ column, value, pair: tile.pair },
      before:
        then === undefined
          ? undefined
          : { value: then, beside: besideIn(before!), change: changeOf(value, then, column) },
      beside: beside === undefined ? undefined : { column: columnOf(tile.beside!), value: beside },
      trend: ofYear ? trendOf(tile, ofYear, today()) : [],
      target: aims && targetFor(aims, column, value, { currency, timeZone }),
    };
  }

  /** What somebody may not read is not shown; what cannot be told just now is said to be so. */
  async function tilesOf(
    actor: Actor,
    query: PageQuery,
    periods: Periods,
    request: RequestFacts,
  ): Promise<TileView[]> {
    const ask = asking(actor, query, request);
    const given = givenOf(overview, query);
    const refusals: Problem[] = [];
    const shown = await Promise.all(
      tiles.map(async (tile): Promise<TileView[]> => {
        const report = catalogue.find(({ id }) => id === tile.report);
        if (!report) return [];
        const view = {
          title: tile.title,
          href: addressOf(`/reports/${report.id}`, { ...given, ...tile.params }),
        };
        try {
          const asked = { report, query: { ...query, ...tile.params }, days: periods.days };
          const targets = targetsOf(deps, actor, asked);
          return [{ ...view, figure: await figureOf(tile, report, periods, ask, targets) }];
        } catch (error) {
          request.signal?.throwIfAborted();
          if (!(error instanceof Problem)) throw error;
          if (error.code === 'forbidden') return [];
          if (error.status === 400) refusals.push(error);
          return [{ ...view, figure: error.status === 400 ? 'not_for_period' : 'not_now' }];
        }
      }),
    );
    const all = shown.flat();
    // A question that no report can be asked is a mistake in it.
    if (refusals[0] && refusals.length === all.length) throw refusals[0];
    return all;
  }

  return definePage({
    ...{ method: 'get', path: base, audience: 'reports', audit: 'none', ticked },
    query: pageQuery(overview),
    async handle({ actor, query: raw, request }): Promise<Reply> {
      const query = raw as PageQuery;
      const found = await forms.sight(overview, actor, query, base);
      if (found && 'to' in found) return found;
      const mistakes = found && 'mistakes' in found ? found.mistakes : undefined;
      const given = givenOf(overview, query);
      const days = daysOf(query, today());
      const earlier = daysBefore(days, today());
      const year = daysOf({ period: 'last-12-months' }, today());
      const [form, chips, shown] = await Promise.all([
        forms.formOf(overview, actor, query, base),
        forms.chipsOf(overview, query, base),
        found ? [] : tilesOf(actor, query, { days, earlier, year }, request),
      ]);
      return {
        view: overviewPage({
          ...{ base, chips, currency, timeZone, tiles: shown },
          ...(mistakes && { mistakes }),
          ...(found && 'candidates' in found && { candidates: found.candidates }),
          form: { ...form, mistakes: mistakes ?? [], canCompare: false, isOpen: found !== undefined },
          period: [periodWords(days), ...severalIn(query)].join(', '),
          periodBefore: earlier && periodWords(earlier),
          presets: (Object.keys(movingPeriods) as PeriodName[]).map((period) => ({
            href: addressOf(base, { ...given, period, from: undefined, through: undefined }),
            text: periodNames[period],
            isHere: periodOf(query) === period,
          })),
        }),
      };
    },
    async refused({ actor, query, problem }) {
      if (problem.status !== 400) return undefined;
      const mistakes = mistakesOf(problem, forms.adviceOf(overview, problem) satisfies Advice);
      const form = await forms.refusedForm(overview, actor, query, base);
      return overviewPage({
        ...{ base, chips: [], currency, timeZone, tiles: [], mistakes, period: undefined, presets: [] },
        form: { ...form, mistakes, canCompare: false, isOpen: true },
      });
    },
  });
}
