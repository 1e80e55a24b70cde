import type { DiseaseTrendsParams } from '../../../../../aggregations/disease-trends.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, oneOf, within } from '../../mirror/conditions.js';

/** A disease is its code where there is one, else its name (`DiseaseKey`). */
const diseaseKey = 'disease_code, case when disease_code is null then disease end as disease';
const key = 'disease_code, disease';
const hasDisease: MirrorQuery = {
  text: '(disease_code is not null or disease is not null)',
  bindings: [],
};

/**
 * The treatments of `treatments` (of a patient, the one that has not ended is the last), as bars of a disease's histogram: a bar
 * has the patients whose first treatment is in it. What each disease is called in `records` comes as a row beside them.
 */
const histogram = (records: MirrorQuery, treatments: string): MirrorQuery => ({
  text: `
    with records as (${records.text})
    select ${key}, cast(null as varchar) as name, days, count(days) as episodes,
      sum(case when nth = 1 and days is not null then 1 else 0 end) as patients,
      sum(case when days is null then 1 else 0 end) as open_excluded, sum(records) as records
    from (
      select *, row_number() over (
        partition by ${key}, patient_id order by case when days is null then 1 else 0 end
      ) as nth
      from (${treatments}) as treatments
    ) as numbered
    group by ${key}, days
    union all
    select ${key}, min(word), null, 0, 0, 0, 0
    from (select distinct ${key}, written from records) as names
    left join words on code = written
    group by ${key}`,
  bindings: records.bindings,
  words: ['disease_code', 'disease'],
});

function fromDiagnoses(params: DiseaseTrendsParams): MirrorQuery {
  const { text, bindings } = allOf(within('start_ms', params));
  const records = `
    select ${diseaseKey}, patient_id, disease as written, end_day - start_day as days, 1 as records
    from diagnoses
    where ${text}`;
  return histogram({ text: records, bindings }, 'select * from records');
}

/** What has not ended lasts to here, 9999-12-31: after an open record, nothing starts a new episode. */
const unended = 2_932_896;

/**
 * As `joinEpisodes` of the definition, in days. Records of the same days are one span: between equals each window has an order of its
 * own. A record may end before it starts, and its start is a day of it all the same.
 */
function joinEpisodes(
  { table, start, end, gapDays }: { table: string; start: string; end: string; gapDays: number },
  { text, bindings }: MirrorQuery,
): MirrorQuery {
  const before = `partition by ${key}, patient_id order by first_day, last_day rows between unbounded preceding and`;
  const records = `
    select ${diseaseKey}, patient_id, disease as written, ${start} as first_day, greatest(${start}, ${end}) as last_day
    from ${table}
    where ${text}`;
  return histogram(
    { text: records, bindings },
    `
      select ${key}, patient_id,
        case when max(last_day) < ${unended} then max(last_day) - min(first_day) end as days, sum(records) as records
      from (
        select *, sum(begins) over (${before} current row) as episode
        from (
          select *, case when first_day - max(last_day) over (${before} 1 preceding) > ${gapDays} then 1 else 0 end as begins
          from (
            select ${key}, patient_id, first_day, last_day, count(*) as records
            from records
            group by ${key}, patient_id, first_day, last_day
          ) as spans
        ) as begun
      ) as joined
      group by ${key}, patient_id, episode`,
  );
}

const fromPrescriptions = (params: DiseaseTrendsParams): MirrorQuery =>
  joinEpisodes(
    { table: 'prescriptions', start: 'start_day', end: `coalesce(end_day, ${unended})`, ...params },
    allOf(
      hasDisease,
      { text: 'start_day is not null', bindings: [] },
      within('start_ms', params),
      inScope(params),
    ),
  );

/** One without an end ended on the day it began. */
const fromAppointments = (params: DiseaseTrendsParams): MirrorQuery =>
  joinEpisodes(
    { table: 'appointments', start: 'local_day', end: 'coalesce(ended_day, local_day)', ...params },
    allOf(oneOf('status', ['completed']), hasDisease, within('date_ms', params), inScope(params)),
  );

const builders = {
  diagnoses: fromDiagnoses,
  prescriptions: fromPrescriptions,
  appointments: fromAppointments,
} as const satisfies Record<DiseaseTrendsParams['basis'], (params: DiseaseTrendsParams) => MirrorQuery>;

/** The bars of `diseaseTrends`; `patients`, `open_excluded` and `records` may be in other bars of the disease. */
export const diseaseTrendsSql = (params: DiseaseTrendsParams): MirrorQuery => builders[params.basis](params);
