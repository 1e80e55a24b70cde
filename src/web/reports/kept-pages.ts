import type { AnyReport, RelativePeriod } from '../../domains/reports/engine/index.js';
import { parse } from '../../http/parse.js';
import { notFound } from '../../lib/errors.js';
import { daysOf, movingPeriods, nameOfPeriod, periodOf } from './report-periods.js';
import { addressOf, givenOf, pageQuery, reportQueryOf, type PageQuery } from './report-query.js';

/** What is kept of the address of a report's page, to be asked again later. */
export interface KeptPage {
  readonly report: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly period: RelativePeriod | null;
}

/** What the address of a report said behind its question mark. */
export const askedIn = (report: AnyReport, query: PageQuery): string =>
  new URLSearchParams(givenOf(report, query)).toString();

const dayBefore = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

const dayOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.slice(0, 10) : undefined;

/** From the page of a report to what is kept of it, and back. */
export function createKeptPages(catalogue: readonly AnyReport[]) {
  /** Throws `not_found`. */
  function reportOf(id: string): AnyReport {
    const report = catalogue.find((one) => one.id === id);
    if (!report) throw notFound('report');
    return report;
  }

  return {
    reportOf,

    titleOf: ({ report }: Pick<KeptPage, 'report'>): string =>
      catalogue.find(({ id }) => id === report)?.title ?? report,

    questionOf(report: string, asked: string): KeptPage {
      const of = reportOf(report);
      const raw = { params: {}, query: Object.fromEntries(new URLSearchParams(asked)), body: {} };
      const parsed = parse({ query: pageQuery(of).options({ stripUnknown: true }) }, raw);
      const query = parsed.query as PageQuery;
      const period = movingPeriods[periodOf(query)];
      const days = period ? {} : daysOf(query, '');
      return { report, parameters: reportQueryOf(of, query, days), period: period ?? null };
    },

    hrefOf({ report, parameters, period }: KeptPage): string {
      const { from, to, ...own } = parameters;
      const page = nameOfPeriod(period);
      const dates = page ? { period: page } : { from: dayOf(from), period: from || to ? 'custom' : 'all' };
      const through = to === undefined || page ? undefined : dayBefore(dayOf(to)!);
      const texts = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, String(value)]));
      return addressOf(`/reports/${report}`, { ...texts, ...dates, through });
    },
  };
}
