import type { DiseaseTrendsParams, DiseaseTrendsRow } from '../../../../aggregations/disease-trends.js';
import type { MongoQuery } from '../engine/reports.types.js';
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
  const rows: DiseaseTrendsRow[] = [];
  for (const document of kept) {
    const { disease_code, bars = {}, open_excluded = 0, records = 0 } = document;
    const disease = disease_code === null ? document.disease : null;
    if (document.block !== null) {
      // Thousands of bars come: to spread others into each of them costs ten times as much.
      const none = { name: null, patients: 0, open_excluded: 0, records: 0 };
      for (const [days, episodes] of Object.entries(bars))
        if (episodes !== 0) rows.push({ disease_code, disease, days: Number(days), episodes, ...none });
      continue;
    }
    const patients = patientsOf(document);
    // A name that nobody goes by any more stays as a document of zeros.
    if (records === 0 && patients === 0 && open_excluded === 0) continue;
    const name = records === 0 ? null : document.disease;
    rows.push({ disease_code, disease, days: null, episodes: 0, patients, open_excluded, records, name });
  }
  return rows;
}
