import type { DiseaseTrendsParams } from '../../../../../aggregations/disease-trends.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, oneOf, within } from '../../mirror/conditions.js';

/** A disease is its code where there is one, else its name (`DiseaseKey`): as one number, below zero for a name. */
const diseaseKey = 'coalesce(disease_code, -1 - disease) as key';
const keyColumns =
  'case when key >= 0 then key end as disease_code, case when key < 0 then -1 - key end as disease';
const hasDisease: MirrorQuery = {
  text: '(disease_code is not null or disease is not null)',
  bindings: [],
};

/**
 * The treatments of `treatments`, of a patient the first one marked, as bars of a disease's histogram: a bar has the patients whose
 * first treatment is in it. What each disease is called in `records` comes as a row beside them.
 */
const histogram = (records: MirrorQuery, treatments: string, edges?: string): MirrorQuery => ({
  text: `
    with records as (${records.text})${edges === undefined ? '' : `, edges as (${edges})`}
    select ${keyColumns}, name, days, episodes, patients, open_excluded, records
    from (
      select key, cast(null as varchar) as name, days, count(days) as episodes,
        sum(case when days is not null then is_first else 0 end) as patients,
        sum(case when days is null then 1 else 0 end) as open_excluded, sum(records) as records
      from (${treatments}) as treatments
      group by key, days
      union all
      select key, min(word), null, 0, 0, 0, 0
      from (select distinct key, written from records) as names
      left join words on code = written
      group by key
    ) as bars`,
  bindings: records.bindings,
  words: ['disease_code', 'disease'],
});

function fromDiagnoses(params: DiseaseTrendsParams): MirrorQuery {
  const { text, bindings } = allOf(within('start_ms', params));
  const records = `
    select ${diseaseKey}, patient_id, disease as written, end_day - start_day as days
    from diagnoses
    where ${text}`;
  return histogram(
    { text: records, bindings },
    `
      select key, days, case when nth = 1 then 1 else 0 end as is_first, 1 as records
      from (
        select *, row_number() over (
          partition by key, patient_id order by case when days is null then 1 else 0 end
        ) as nth
        from records
      ) as numbered`,
  );
}

/** What has not ended lasts to here, 9999-12-31: after an open record, nothing starts a new episode. */
const unended = 2_932_896;

/**
 * As `joinEpisodes` of the definition, in days; an open one is the last of a patient. A record may end before it starts, and its start
 * is a day of it all the same. Of the records of a patient in order, an episode has one that begins it and one that ends it, most often
 * the same one: only where they are two must they be brought together.
 */
function joinEpisodes(
  { table, start, end, gapDays }: Readonly<Record<'table' | 'start' | 'end', string>> & { gapDays: number },
  { text, bindings }: MirrorQuery,
): MirrorQuery {
  const inOrder = 'partition by key, patient_id order by first_day, last_day';
  const before = `${inOrder} rows between unbounded preceding and`;
  const records = `
    select ${diseaseKey}, patient_id, disease as written, ${start} as first_day, greatest(${start}, ${end}) as last_day
    from ${table}
    where ${text}`;
  const treatments = `
      select key, case when reached < ${unended} then reached - since end as days,
        case when nth_since = 1 then 1 else 0 end as is_first, nth - nth_since + 1 as records
      from (
        select key, reached, nth, first_day as since, nth as nth_since
        from edges
        where begins = 1 and ends = 1
        union all
        select key, reached, nth, since, nth_since
        from (
          select key, reached, ends, nth,
            lag(first_day) over (partition by key, patient_id order by nth) as since,
            lag(nth) over (partition by key, patient_id order by nth) as nth_since
          from edges
          where begins <> ends
        ) as pairs
        where ends = 1
      ) as episodes`;
  return histogram(
    { text: records, bindings },
    treatments,
    `
      select *,
        case when reached_before is null or first_day - reached_before > ${gapDays} then 1 else 0 end as begins,
        case when next_day is null or next_day - reached > ${gapDays} then 1 else 0 end as ends
      from (
        select key, patient_id, first_day, row_number() over (${inOrder}) as nth,
          max(last_day) over (${before} 1 preceding) as reached_before,
          max(last_day) over (${before} current row) as reached,
          lead(first_day) over (${inOrder}) as next_day
        from records
      ) as ordered`,
  );
}

const fromPrescriptions = (params: DiseaseTrendsParams): MirrorQuery =>
  joinEpisodes(
    {
      table: 'prescriptions',
      start: 'start_day',
      end: `coalesce(end_day, ${unended})`,
      ...params,
    },
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
    {
      table: 'appointments',
      start: 'local_day',
      end: 'coalesce(ended_day, local_day)',
      ...params,
    },
    allOf(oneOf('status', ['completed']), hasDisease, within('date_ms', params), inScope(params)),
  );

const builders = {
  diagnoses: fromDiagnoses,
  prescriptions: fromPrescriptions,
  appointments: fromAppointments,
} as const satisfies Record<DiseaseTrendsParams['basis'], (params: DiseaseTrendsParams) => MirrorQuery>;

/** The bars of `diseaseTrends`; `patients`, `open_excluded` and `records` may be in other bars of the disease. */
export const diseaseTrendsSql = (params: DiseaseTrendsParams): MirrorQuery => builders[params.basis](params);
