import {
  createCache,
  type AnyReport,
  type Question,
  type ReportAnswer,
} from '../../domains/reports/engine/index.js';
import type { RequestFacts } from '../../http/route.js';
import type { Actor } from '../../lib/actor.js';
import { Problem } from '../../lib/errors.js';
import type { WebDeps } from '../web.deps.js';
import type { Days } from './report-periods.js';
import { reportQueryOf, type PageQuery } from './report-query.js';

/** Of a request, what the reading of a report heeds. */
export const optionsOf = ({ signal, after }: RequestFacts) => ({ signal, after });

type AnswerOf = (actor: Actor, question: Question) => Promise<ReportAnswer>;

/** Begins one when there is room. */
type Limit = <T>(work: () => Promise<T>) => Promise<T>;

/** Rows, of all of them together. */
const room = { entries: 1_000, bytes: 20_000 };

/** Answers of the mirror for whoever asks the same again: of equal versions all figures are equal. */
export function createKeptAnswers(reports: WebDeps['reports']) {
  const kept = createCache<ReportAnswer>(room);
  const keyOf = ({ digest }: Question, version: string): string => `${digest} ${version}`;
  return {
    /** Those that are not kept are asked for within `limit`. */
    within:
      (limit: Limit): AnswerOf =>
      async (actor, question) => {
        const known = question.version === null ? undefined : kept.get(keyOf(question, question.version));
        if (known) return known;
        const { answer, version } = await limit(() => reports.answer(actor, question));
        if (version !== null) kept.set(keyOf(question, version), answer, answer.rows.length + 1);
        return answer;
      },
  };
}

/** Asks reports what the address of a page says, of these days. */
export const createAsking =
  (
    { reports }: Pick<WebDeps, 'reports'>,
    actor: Actor,
    request: RequestFacts,
    answerOf: AnswerOf = async (_actor, question) => (await reports.answer(actor, question)).answer,
  ) =>
  async (report: AnyReport, query: PageQuery, days: Days) => {
    const filters = reportQueryOf(report, query, days);
    const question = await reports.prepare(actor, report.id, filters, optionsOf(request));
    return { asked: question.asked, answer: await answerOf(actor, question) };
  };

/** A part of a month is not to be had where small counts are hidden (PAT-8): then there is nothing to compare with. */
export const unlessRefused = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (error instanceof Problem && error.status === 400) return undefined;
    throw error;
  });
