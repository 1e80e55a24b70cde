import { diseaseTrends, type DiseaseTrendsParams } from '../../../../../aggregations/disease-trends.js';
import { within } from '../../../../../aggregations/stages/filters.js';
import type { Stage } from '../../../../../aggregations/stages/types.js';
import type { Chart } from '../../../../lib/chart.types.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import {
  appointmentDrilldown,
  diagnosisDrilldown,
  matchedBy,
  prescriptionDrilldown,
} from '../../drilldown/drilldowns.js';
import { chartRows, toldApart } from '../../engine/reports.figures.js';
import type { Row } from '../../engine/reports.types.js';

export interface TrendRow {
  readonly disease: string | null;
  readonly disease_code: string | null;
  readonly patients: number;
  readonly episodes: number;
  readonly total_days: number;
  readonly average_days: number;
  readonly median_days: number;
  readonly p90_days: number;
  readonly min_days: number;
  readonly max_days: number;
  readonly open_excluded: number;
}

type Question = Asked<{
  readonly basis: DiseaseTrendsParams['basis'];
  readonly gap_days?: number | undefined;
}>;

export const trendParams = ({
  query,
  period,
  days,
  scope,
  timeZone,
  gapDays,
}: Question): DiseaseTrendsParams => ({
  ...(query.basis === 'appointments' ? period : days),
  ...scope,
  basis: query.basis,
  gapDays: query.gap_days ?? gapDays,
  timeZone,
});

/** What the bars of diseases are called. */
export const diseaseNames = (rows: readonly Pick<TrendRow, 'disease' | 'disease_code'>[]): string[] =>
  toldApart(rows.map(({ disease, disease_code }) => [disease ?? disease_code ?? '', disease_code]));

export function trendChart(rows: readonly TrendRow[]): Chart | null {
  const shown = rows.slice(0, chartRows);
  if (shown.length === 0) return null;
  return {
    kind: 'bar',
    title: 'How long treatments take',
    description: `Median and average days of the ${chartRows} diseases whose treatment takes longest.`,
    categories: diseaseNames(shown),
    series: [
      { name: 'Median', values: shown.map(({ median_days }) => median_days) },
      { name: 'Average', values: shown.map(({ average_days }) => average_days) },
    ],
    unit: 'days',
  };
}

/** A disease is its code, or its name without any; the row of a code may show one of several names. */
export function isDisease({ disease, disease_code }: Row, [code, name]: readonly [string, string]): Stage {
  return disease_code == null || disease_code === ''
    ? { $match: { [code]: null, [name]: disease } }
    : { $match: { [code]: disease_code } };
}

/** What a disease's treatments are told from, ended or not: records of the basis. */
export function trendDrilldown(asked: Question, key: Row): Drilldown {
  const params = trendParams(asked);
  if (params.basis === 'diagnoses')
    return diagnosisDrilldown(
      { $match: within('diagnoses.start_date', params) },
      isDisease(key, ['diagnoses.code', 'diagnoses.disease']),
    );
  const list = params.basis === 'prescriptions' ? prescriptionDrilldown : appointmentDrilldown;
  return list(...matchedBy(diseaseTrends(params)), isDisease(key, ['disease_code', 'disease']));
}
