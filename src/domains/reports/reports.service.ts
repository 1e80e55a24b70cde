import { DateTime } from 'luxon';
import type { DiseaseFilter } from '../../../aggregations/stages/diseases.js';
import type { Scope } from '../../../aggregations/stages/filters.js';
import type { Clock } from '../../lib/clock.js';
import { invalidField, notFound } from '../../lib/errors.js';
import { checkExplain, confine } from './reports.policy.js';
import type { AnyReport, Asked, CommonQuery } from './reports.definition.js';
import { resolvePeriod } from './reports.period.js';
import type { Asker, Provenance, ReportAnswer, ReportEngine, Row, Sources } from './reports.types.js';

/** A report's query after parsing: its own parameters beside the common ones. */
export type ReportQuery = CommonQuery & { readonly disease?: string | undefined } & Readonly<
    Record<string, unknown>
  >;

export interface ReportsDeps {
  readonly reports: readonly AnyReport[];
  readonly engine: ReportEngine;
  readonly clock: Clock;
  /** Whose calendar days and months are meant. */
  readonly timeZone: string;
  /** A longer gap starts a new episode of treatment. */
  readonly episodeGapDays: number;
  /** The hospitals that a filter means; undefined when it filters by none. */
  hospitalIdsOf(filter: Pick<CommonQuery, 'hospital_id' | 'region'>): Promise<string[] | undefined>;
  /** Whether the record that a parameter names exists. */
  readonly exists: Readonly<
    Record<'hospital_id' | 'department_id' | 'doctor_id', (id: string) => Promise<boolean>>
  >;
  codesOfDisease(disease: string): Promise<string[]>;
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/** What both stores were asked, for whoever wants to ask the same again. */
function asBound({ query, period, scope, diseases, timeZone }: Asked<ReportQuery>): Provenance['parameters'] {
  const { from: _from, to: _to, hospital_id: _hospital, region: _region, ...own } = query;
  return { ...own, ...period, ...scope, ...(diseases ? { diseases } : {}), time_zone: timeZone };
}

export function createReportsService(deps: ReportsDeps) {
  const { reports, clock, timeZone } = deps;

  /** A parameter that names nothing is a mistake, not an empty report. Throws `invalid_request`. */
  async function scopeOf(query: ReportQuery): Promise<Scope> {
    const { department_id, doctor_id, region } = query;
    for (const name of ['hospital_id', 'department_id', 'doctor_id'] as const) {
      const id = query[name];
      if (id !== undefined && !(await deps.exists[name](id)))
        throw invalidField(`/query/${name}`, `names no ${name.slice(0, -3)}`);
    }
    if (region !== undefined && (await deps.hospitalIdsOf({ region }))?.length === 0)
      throw invalidField('/query/region', 'has no hospital');
    return { hospital_ids: await deps.hospitalIdsOf(query), department_id, doctor_id };
  }

  async function diseasesOf(disease: string | undefined): Promise<DiseaseFilter | undefined> {
    return disease === undefined ? undefined : { codes: await deps.codesOfDisease(disease), name: disease };
  }

  async function resolve(report: AnyReport, query: ReportQuery): Promise<Asked<ReportQuery>> {
    const today = DateTime.fromJSDate(clock.now(), { zone: timeZone }).toFormat('yyyy-MM-dd');
    const prepared = { ...query, ...report.prepare?.(query as never, today) };
    return {
      query: prepared,
      period: resolvePeriod(prepared, timeZone),
      days: resolvePeriod(prepared, 'UTC'),
      scope: await scopeOf(prepared),
      diseases: await diseasesOf(prepared.disease),
      timeZone,
      gapDays: deps.episodeGapDays,
    };
  }

  function get(id: string): AnyReport {
    const report = reports.find((one) => one.id === id);
    if (!report) throw notFound('report');
    return report;
  }

  /**
   * What a query, parsed by the report's own shape, asks of the stores. Throws `forbidden`, `not_found`, and
   * `invalid_request` that names the parameter.
   */
  async function ask(
    id: string,
    asker: Asker,
    query: ReportQuery,
  ): Promise<{ report: AnyReport; asked: Asked<ReportQuery>; sources: Sources }> {
    const report = get(id);
    const namesDoctor = report.namesDoctor?.(query as never) ?? true;
    const asked = await resolve(report, confine(asker, query, namesDoctor));
    return { report, asked, sources: report.sources(asked as never) };
  }

  return {
    reports,
    get,
    ask,

    /**
     * Answers the report `id`; see `ask`. Throws what `ask` throws; the stores' time limits pass through.
     */
    async run(
      id: string,
      asker: Asker,
      query: ReportQuery,
      { explain = false, engine = deps.engine }: { explain?: boolean; engine?: ReportEngine } = {},
    ): Promise<ReportAnswer> {
      checkExplain(asker, explain);
      const { report, asked, sources } = await ask(id, asker, query);
      const { mongodb, postgres } = await engine.read(sources, { explain });
      const start = performance.now();
      const results = { mongodb: mongodb?.rows ?? [], postgres: postgres?.rows ?? {} };
      const { rows, receipt, rows_read } = report.merge(results as never, asked as never);
      const merge = rounded(performance.now() - start);
      const ms = (reading: { ms: number } | null) => reading && rounded(reading.ms);
      return {
        report: id,
        parameters: asked.query,
        columns: report.columns,
        rows: rows as readonly Row[],
        ...(receipt ? { receipt } : {}),
        provenance: {
          definition: `aggregations/${id}.ts`,
          version: report.version,
          parameters: asBound(asked),
          as_of: { mongodb: mongodb?.as_of ?? null, postgres: postgres?.as_of ?? null },
          rows_read,
          engine: engine.name,
          path: 'definition',
          engine_ms: { mongodb: ms(mongodb), postgres: ms(postgres), merge },
          ...(explain ? { plans: { mongodb: mongodb?.plan ?? null, postgres: postgres?.plan ?? null } } : {}),
        },
      };
    },
  };
}

export type ReportsService = ReturnType<typeof createReportsService>;
