import type { DiseaseTrendsParams, DiseaseTrendsRow } from '../../../../aggregations/disease-trends.js';
import type { MongoQuery } from '../reports.types.js';
import { diagnosesRollup } from './diagnoses.rollup.js';
import { inRun, monthRun } from './periods.js';
import { appointmentEpisodes, prescriptionEpisodes } from './treatment-episodes.rollup.js';

/** A document of figures, as `disease-durations.ts` says. */
export interface KeptDurations {
  readonly disease_code: string | null;
  readonly disease: string | null;
  readonly block: number | null;
  readonly bars?: Readonly<Record<string, number>>;
  readonly patients?: number;
  readonly again?: Readonly<Record<string, number>>;
  readonly open_excluded?: number;
  readonly records?: number;
}

const only = { $project: { _id: 0, span: 0, period: 0, first: 0 } };

/**
 * The figures that answer, undefined where none do: of diagnoses they are kept for whole months; episodes over the whole time
 * alone, wherever they were and by the configured gap, for a period or a place would cut them.
 */
export function readDiseaseTrends(
  params: DiseaseTrendsParams,
  configuredGap: number,
): MongoQuery | undefined {
  const { basis, from, to, hospital_ids, department_id, doctor_id } = params;
  if (basis === 'diagnoses') {
    const run = monthRun({ from, to }, 'UTC');
    return run && { collection: diagnosesRollup.collection, pipeline: [{ $match: inRun(run) }, only] };
  }
  const isEverything =
    !from && !to && !hospital_ids && department_id === undefined && doctor_id === undefined;
  if (!isEverything || params.gapDays !== configuredGap) return undefined;
  const { collection } = basis === 'prescriptions' ? prescriptionEpisodes : appointmentEpisodes;
  return { collection, pipeline: [only] };
}

/** What `aggregations/disease-trends.ts` gives: a row for each bar, and one for what is counted beside them. */
export function durationsRows(
  kept: readonly KeptDurations[],
  params: Pick<DiseaseTrendsParams, 'from' | 'to' | 'basis'>,
): DiseaseTrendsRow[] {
  const run = params.basis === 'diagnoses' ? monthRun(params, 'UTC') : undefined;
  const isSum = run !== undefined && !run.single;
  const patientsOf = ({ patients = 0, again = {} }: KeptDurations): number => {
    if (!isSum) return patients;
    return Object.entries(again).reduce(
      (sum, [month, n]) => (run.from === null || month >= run.from ? sum - n : sum),
      patients,
    );
  };
  return kept.flatMap((document): DiseaseTrendsRow[] => {
    const { disease_code, disease, bars = {}, open_excluded = 0, records = 0 } = document;
    const none = { patients: 0, open_excluded: 0, records: 0 };
    const key = { disease_code, disease: disease_code === null ? disease : null };
    if (document.block !== null)
      return Object.entries(bars)
        .filter(([, episodes]) => episodes !== 0)
        .map(([days, episodes]) => ({ ...key, ...none, name: null, days: Number(days), episodes }));
    const patients = patientsOf(document);
    const isThere = records !== 0 || patients !== 0 || open_excluded !== 0;
    // A name that nobody goes by any more stays as a document of zeros.
    const beside = { patients, open_excluded, records, episodes: 0 };
    return isThere ? [{ ...key, ...beside, name: records === 0 ? null : disease, days: null }] : [];
  });
}
