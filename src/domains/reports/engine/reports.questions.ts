import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import type { DiseaseFilter } from '../../../../aggregations/stages/diseases.js';
import type { Scope } from '../../../../aggregations/stages/filters.js';
import type { Clock } from '../../../lib/clock.js';
import { invalidField } from '../../../lib/errors.js';
import { canonical } from '../../../lib/idempotency.js';
import type { AnyReport, Asked, CommonQuery, ReportQuery } from './reports.definition.js';
import type { Hiding } from './reports.hiding.js';
import { resolvePeriod, resolveTime } from './reports.period.js';
import type { Provenance } from './reports.types.js';

export interface QuestionDeps {
  readonly clock: Clock;
  /** Whose calendar days and months are meant. */
  readonly timeZone: string;
  /** Of all amounts: ISO 4217. */
  readonly currency: string;
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

/** What both stores were asked, for anyone who wants to ask the same again. */
export function asBound({
  query,
  period,
  scope,
  diseases,
  timeZone,
}: Asked<ReportQuery>): Provenance['parameters'] {
  const { from: _from, to: _to, as_of: _asOf, hospital_id: _hospital, region: _region, ...own } = query;
  return { ...own, ...period, ...scope, ...(diseases ? { diseases } : {}), time_zone: timeZone };
}

/** `parts` as text that is short, safe in a header, and other for other parts. */
export const digestOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(canonical(parts)).digest('base64url').slice(0, 27);

/** The same for the same question: everything that was looked up to resolve it is in it. */
export const questionDigest = (report: AnyReport, asked: Asked<ReportQuery>, hiding: Hiding | null): string =>
  digestOf(report.id, report.version, asked, hiding);

/** Turns a query into a question that depends on the stores alone. Its `resolve` throws `invalid_request`. */
export function createQuestions(deps: QuestionDeps) {
  const { clock, timeZone } = deps;

  /** A parameter that names nothing is a mistake, not an empty report. */
  async function scopeOf(query: ReportQuery): Promise<Scope> {
    const { department_id, doctor_id, region } = query;
    const check = async (name: keyof QuestionDeps['exists']): Promise<void> => {
      const id = query[name];
      if (id !== undefined && !(await deps.exists[name](id)))
        throw invalidField(`/query/${name}`, `names no ${name.slice(0, -3)}`);
    };
    const checkRegion = async (): Promise<void> => {
      if (region !== undefined && (await deps.hospitalIdsOf({ region }))?.length === 0)
        throw invalidField('/query/region', 'has no hospital');
    };
    const [hospital_ids] = await Promise.all([
      deps.hospitalIdsOf(query),
      ...(['hospital_id', 'department_id', 'doctor_id'] as const).map(check),
      checkRegion(),
    ]);
    return { hospital_ids: hospital_ids?.toSorted(), department_id, doctor_id };
  }

  async function diseasesOf(disease: string | undefined): Promise<DiseaseFilter | undefined> {
    return disease === undefined ? undefined : { codes: await deps.codesOfDisease(disease), name: disease };
  }

  /** What is asked to be known at that moment must have been written down then, and still be told. */
  function knownAt(report: AnyReport, query: ReportQuery): Date | undefined {
    if (query.as_of === undefined) return undefined;
    if (!report.knownAt?.(query as never))
      throw invalidField('/query/as_of', 'cannot be told: what these figures were then is not kept');
    const at = resolveTime('as_of', query.as_of, timeZone)!;
    if (at > clock.now()) throw invalidField('/query/as_of', 'is in the future');
    return at;
  }

  return {
    async resolve(report: AnyReport, query: ReportQuery): Promise<Asked<ReportQuery>> {
      const today = DateTime.fromJSDate(clock.now(), { zone: timeZone }).toISODate()!;
      const prepared = { ...query, ...report.prepare?.(query as never, today) };
      const [period, days] = [resolvePeriod(prepared, timeZone), resolvePeriod(prepared, 'UTC')];
      const known_at = knownAt(report, prepared);
      const [scope, diseases] = await Promise.all([scopeOf(prepared), diseasesOf(prepared.disease)]);
      return {
        ...{ query: prepared, period, days, scope, diseases, timeZone, currency: deps.currency },
        gapDays: deps.episodeGapDays,
        ...(known_at && { known_at }),
      };
    },
  };
}
