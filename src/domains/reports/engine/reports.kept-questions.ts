import { parse } from '../../../http/parse.js';
import type { Clock } from '../../../lib/clock.js';
import { invalidField, Problem } from '../../../lib/errors.js';
import { shape } from '../../../lib/fields.js';
import type { AnyReport, ReportQuery } from './reports.definition.js';
import { daysOfPeriod, type RelativePeriod } from './reports.relative-periods.js';
import { parametersOf } from './reports.schema.js';
import type { ReportsService } from './reports.service.js';
import type { Asker } from './reports.types.js';

/** A question to be asked later, as somebody has put it. */
interface KeptQuestion {
  readonly report: string;
  /** The report's own and the common ones, as JSON has them. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Stands for `from` and `to`, and moves on with the calendar; null: they say it, or the question has no end. */
  readonly period: RelativePeriod | null;
}

interface KeptQuestionsDeps {
  readonly service: Pick<ReportsService, 'reports' | 'ask'>;
  readonly clock: Clock;
  /** Whose calendar the periods are of. */
  readonly timeZone: string;
}

/** What was wrong with the query, told of the body that the question came in. */
function inBody(error: unknown, { period }: KeptQuestion): unknown {
  if (!(error instanceof Problem) || error.code !== 'invalid_request') return error;
  const place = (pointer: string): string => {
    const field = pointer.replace(/^\/query\//, '');
    return period !== null && (field === 'from' || field === 'to')
      ? '/body/period'
      : `/body/parameters/${field}`;
  };
  const errors = (error.options.errors ?? []).map(({ pointer, message }) => ({
    pointer: place(pointer),
    message,
  }));
  return new Problem(
    'invalid_request',
    errors.map(({ pointer, message }) => `${pointer} ${message}`).join('; '),
    {
      errors,
    },
  );
}

export function createKeptQuestions({ service, clock, timeZone }: KeptQuestionsDeps) {
  const bodies = new Map(
    service.reports.map((report) => [report, shape({ parameters: parametersOf(report) })] as const),
  );

  function reportOf({ report: id }: KeptQuestion): AnyReport {
    const report = service.reports.find((one) => one.id === id);
    if (report) return report;
    throw invalidField('/body/report', `must be one of ${service.reports.map((one) => one.id).join(', ')}`);
  }

  /** The query that it is at the moment `at`. Throws `invalid_request` that points into the body. */
  function queryOf(question: KeptQuestion, at: Date = clock.now()): ReportQuery {
    const { parameters, period } = question;
    const sent = { params: {}, query: {}, body: { parameters } };
    const { body } = parse({ body: bodies.get(reportOf(question))! }, sent);
    const given = (body as { parameters: ReportQuery }).parameters;
    if (period === null) return given;
    for (const name of ['from', 'to', 'year'])
      if (parameters[name] !== undefined)
        throw invalidField(`/body/parameters/${name}`, 'does not go together with period');
    return { ...given, ...daysOfPeriod(period, at, timeZone) };
  }

  return {
    queryOf,

    /** Throws what the report would throw if it were asked now, `invalid_request` pointing into the body. */
    async check(asker: Asker, question: KeptQuestion): Promise<void> {
      const query = queryOf(question);
      await service.ask(question.report, asker, query).catch((error: unknown) => {
        throw inBody(error, question);
      });
    },
  };
}

export type KeptQuestions = ReturnType<typeof createKeptQuestions>;
