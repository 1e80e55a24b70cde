import type { AnyReport } from '../../domains/reports/engine/index.js';
import type { RequestFacts } from '../../http/route.js';
import type { Actor } from '../../lib/actor.js';
import { Problem } from '../../lib/errors.js';
import type { WebDeps } from '../web.deps.js';
import type { Days } from './report-periods.js';
import { reportQueryOf, type PageQuery } from './report-query.js';

/** Of a request, what the reading of a report heeds. */
export const optionsOf = ({ signal, after }: RequestFacts) => ({ signal, after });

/** Asks reports what the address of a page says, of these days. */
export const createAsking =
  ({ reports }: Pick<WebDeps, 'reports'>, actor: Actor, request: RequestFacts) =>
  async (report: AnyReport, query: PageQuery, days: Days) => {
    const filters = reportQueryOf(report, query, days);
    const question = await reports.prepare(actor, report.id, filters, optionsOf(request));
    return { asked: question.asked, answer: (await reports.answer(actor, question)).answer };
  };

/** A part of a month is not to be had where small counts are hidden (PAT-8): then there is nothing to compare with. */
export const unlessRefused = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (error instanceof Problem && error.status === 400) return undefined;
    throw error;
  });
