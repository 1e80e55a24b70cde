import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import type { DiseaseFilter } from '../../../../aggregations/stages/diseases.js';
import type { Scope } from '../../../../aggregations/stages/filters.js';
import type { Clock } from '../../../lib/clock.js';
import { invalidField } from '../../../lib/errors.js';
import { valuesIn } from '../../../lib/either-of.js';
import { canonical } from '../../../lib/idempotency.js';
import { createTogether } from '../../../lib/together.js';
import type { AnyReport, Asked, ReportQuery } from './reports.definition.js';
import type { Hiding } from './reports.hiding.js';
import { resolvePeriod, resolveTime } from './reports.period.js';
import { placeParameters, type Provenance } from './reports.types.js';

export interface QuestionDeps {
  readonly clock: Clock;
  /** Whose calendar days and months are meant. */
  readonly timeZone: string;
  /** Of all amounts: ISO 4217. */
  readonly currency: string;
  /** A longer gap starts a new episode of treatment. */
  readonly episodeGapDays: number;
  /** The hospitals of a region. */
  hospitalIdsOf(filter: { readonly region: string }): Promise<string[] | undefined>;
  /** Those of the records that a parameter names which are there. */
  readonly existing: Readonly<
    Record<
      'hospital_id' | 'department_id' | 'doctor_id',
      (ids: readonly string[]) => Promise<ReadonlySet<string>>
    >
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
  const asWritten: readonly string[] = ['from', 'to', 'as_of', ...placeParameters];
  const own = Object.entries(query).filter(([name]) => !asWritten.includes(name));
  return {
    ...Object.fromEntries(own),
    ...period,
    ...scope,
    ...(diseases ? { diseases } : {}),
    time_zone: timeZone,
  };
}

/** `parts` as text that is short, safe in a header, and other for other parts. */
export const digestOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(canonical(parts)).digest('base64url').slice(0, 27);

/** The same for the same question: everything that was looked up to resolve it is in it. */
export const questionDigest = (report: AnyReport, asked: Asked<ReportQuery>, hiding: Hiding | null): string =>
  digestOf(report.id, report.version, asked, hiding);

/** Throws `invalid_request` where a value is not what it is to be; of several, it says which. */
function refuse(
  name: string,
  message: string,
  values: readonly string[],
  isGood: (value: string, at: number) => boolean,
): void {
  const bad = values.filter((value, at) => !isGood(value, at));
  if (bad.length === 0) return;
  throw invalidField(`/query/${name}`, values.length === 1 ? message : `${message}: ${bad.join(', ')}`);
}

/** Of each, whether it is there. */
const lookUpOf = (existing: (ids: readonly string[]) => Promise<ReadonlySet<string>>) =>
  createTogether(async (ids) => new Map([...(await existing(ids))].map((id) => [id, true] as const)));

/** Turns a query into a question that depends on the stores alone. Its `resolve` throws `invalid_request`. */
export function createQuestions(deps: QuestionDeps) {
  const { clock, timeZone } = deps;
  // A page of many figures asks all of them of the same places.
  const isThere = {
    hospital_id: lookUpOf(deps.existing.hospital_id),
    department_id: lookUpOf(deps.existing.department_id),
    doctor_id: lookUpOf(deps.existing.doctor_id),
  };
  const hospitalsOf = createTogether<readonly string[]>(
    async (regions) =>
      new Map(
        await Promise.all(
          regions.map(async (region) => [region, (await deps.hospitalIdsOf({ region })) ?? []] as const),
        ),
      ),
  );

  /** A parameter that names nothing is a mistake, not an empty report. */
  async function scopeOf(query: ReportQuery): Promise<Scope> {
    const given = (name: (typeof placeParameters)[number]) =>
      query[name] === undefined ? undefined : valuesIn(query[name]);
    const [region, hospital_id] = [given('region'), given('hospital_id')];
    const [department_ids, doctor_ids] = [given('department_id'), given('doctor_id')];
    const check = async (name: keyof typeof isThere): Promise<void> => {
      const ids = given(name) ?? [];
      const known = await Promise.all(ids.map(isThere[name]));
      refuse(name, `names no ${name.slice(0, -3)}`, ids, (_, at) => known[at] === true);
    };
    const [ofRegions] = await Promise.all([
      region && Promise.all(region.map(async (one) => (await hospitalsOf(one)) ?? [])),
      ...(['hospital_id', 'department_id', 'doctor_id'] as const).map(check),
    ]);
    if (ofRegions) refuse('region', 'has no hospital', region!, (_, at) => ofRegions[at]!.length > 0);
    const within = ofRegions?.flat();
    const hospital_ids =
      within && hospital_id ? within.filter((id) => hospital_id.includes(id)) : (within ?? hospital_id);
    return { hospital_ids: hospital_ids?.toSorted(), department_ids, doctor_ids };
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
