import { bases, diseaseTrends, type DiseaseTrendsRow } from '../../../../../aggregations/disease-trends.js';
import { invalidField } from '../../../../lib/errors.js';
import { integer, oneOf, optional, shape, withDefault } from '../../../../lib/fields.js';
import { ratio } from '../../../../lib/money.js';
import { diseaseTrendsSql } from './disease-trends.mirror.js';
import { trendChart, trendDrilldown, trendParams, type TrendRow } from './disease-trends.view.js';
import { placeParameters, type Row } from '../../engine/reports.types.js';
import { defineReport } from '../../engine/reports.definition.js';
import { sumOf } from '../../engine/reports.figures.js';
import { byAverage, keyText, lesser, type Fraction } from '../../engine/reports.ranking.js';

interface Bar {
  readonly days: number;
  readonly episodes: number;
}

/** The `rank`-th shortest, from 1, of the bars in ascending order. */
function daysAtRank(bars: readonly Bar[], rank: number): number {
  let passed = 0;
  for (const { days, episodes } of bars) if ((passed += episodes) >= rank) return days;
  throw new RangeError(`rank ${rank} is beyond the histogram`);
}

/** Whole days over a whole number, to 2 decimals, half up. */
const days = (sum: number, count: number): number => Number(ratio(BigInt(sum), BigInt(count), 2));

/**
 * Exact figures of a histogram that is not empty. The median is the mean of the two middle values; p90 is the nearest rank,
 * the ceil(0.9 n)-th shortest (Hyndman & Fan 1996, definitions 2 at one half, and 1).
 */
export function durationFigures(histogram: readonly Bar[]) {
  const bars = [...histogram].sort((a, b) => a.days - b.days);
  const episodes = bars.reduce((sum, bar) => sum + bar.episodes, 0);
  const total_days = bars.reduce((sum, bar) => sum + bar.days * bar.episodes, 0);
  const middle = [Math.ceil(episodes / 2), Math.floor(episodes / 2) + 1].map((rank) =>
    daysAtRank(bars, rank),
  );
  return {
    episodes,
    total_days,
    average_days: days(total_days, episodes),
    median_days: days(middle[0]! + middle[1]!, 2),
    p90_days: daysAtRank(bars, Math.ceil((9 * episodes) / 10)),
    min_days: bars[0]!.days,
    max_days: bars.at(-1)!.days,
  };
}

const exactAverage = ({ total_days, episodes }: TrendRow): Fraction => ({
  sum: BigInt(total_days),
  count: BigInt(episodes),
});

/** The diseases with at least one treatment that has ended, ranked; and what the rows leave out. */
export function trendRows(histogram: readonly DiseaseTrendsRow[]) {
  const byDisease = new Map<string, DiseaseTrendsRow[]>();
  for (const row of histogram) {
    const group = byDisease.get(keyText(row));
    if (group) group.push(row);
    else byDisease.set(keyText(row), [row]);
  }
  const sum = (group: readonly DiseaseTrendsRow[], field: 'patients' | 'open_excluded'): number =>
    group.reduce((total, row) => total + row[field], 0);
  const rows = [...byDisease.values()].flatMap((group): TrendRow[] => {
    const bars = group.filter((row) => row.days !== null) as (DiseaseTrendsRow & Bar)[];
    if (bars.length === 0) return [];
    return [
      {
        disease: group.map(({ name }) => name).reduce(lesser),
        disease_code: group[0]!.disease_code,
        patients: sum(group, 'patients'),
        ...durationFigures(bars),
        open_excluded: sum(group, 'open_excluded'),
      },
    ];
  });
  const receipt = {
    episodes: rows.reduce((total, row) => total + row.episodes, 0),
    open_excluded: sum(histogram, 'open_excluded'),
    diseases_without_an_end: byDisease.size - rows.length,
  };
  return { rows: rows.sort(byAverage(exactAverage)), receipt };
}

/** The figures of all treatments together: no median of several is told from theirs. */
function totalsOf(histogram: readonly DiseaseTrendsRow[], rows: readonly TrendRow[]): Row {
  const bars = histogram.filter((row) => row.days !== null) as (DiseaseTrendsRow & Bar)[];
  const open_excluded = sumOf(rows, (row) => row.open_excluded);
  const nothing = {
    ...{ episodes: 0, total_days: 0, average_days: null, median_days: null, p90_days: null },
    ...{ min_days: null, max_days: null },
  };
  return { ...(bars.length === 0 ? nothing : durationFigures(bars)), open_excluded };
}

function merged(histogram: readonly DiseaseTrendsRow[]) {
  const { rows, receipt } = trendRows(histogram);
  const read = sumOf(histogram, ({ records }) => records);
  return {
    ...{ rows, receipt, all: { of: rows.length, totals: totalsOf(histogram, rows) } },
    rows_read: { mongodb: read, postgres: 0 },
  };
}

const count = (name: keyof TrendRow, title: string, description: string) =>
  ({ name, type: 'count', title, description }) as const;
const duration = (name: keyof TrendRow, title: string, description: string) =>
  ({ name, type: 'days', title, description }) as const;

/** REP-2. */
export const diseaseTrendsReport = defineReport<TrendRow, DiseaseTrendsRow>()({
  id: 'disease-trends',
  operationId: 'getDiseaseTrends',
  version: 2,
  title: 'How long the treatment of each disease takes',
  question:
    'How many days patients are treated for each disease: on average, in the middle, and at the longest.',
  description:
    'By `average_days` descending, then `disease_code`. The period is that of the start. `basis=diagnoses`: a diagnosis is one ' +
    'treatment. `prescriptions`, `appointments` (completed ones): those of a patient and a disease form episodes from the first to the ' +
    'last day; a gap over `gap_days` starts a new one. What has not ended is left out and counted. The median is the mean of the ' +
    'two middle values, p90 the nearest rank. Prescriptions without a start date are in no episode.',
  params: {
    basis: withDefault(oneOf(...bases), 'diagnoses'),
    gap_days: optional(integer(0, 36_500)),
  },
  key: ['disease_code', 'disease'],
  namesDiseases: true,
  columns: [
    { name: 'disease', type: 'text', title: 'Disease', description: 'Its name', nullable: true },
    { name: 'disease_code', type: 'text', title: 'Code', description: 'Its code', nullable: true },
    { ...count('patients', 'Patients', 'Distinct patients of the episodes counted'), persons: true },
    { ...count('episodes', 'Treatments', 'Treatments that have ended'), headline: true },
    { ...duration('total_days', 'Days', 'Their whole days'), total: 'sum' },
    // Before the average, which a few treatments of years rule.
    {
      ...duration('median_days', 'Median', 'The mean of the two middle values'),
      ...{ total: 'own', headline: true },
    },
    {
      ...duration('average_days', 'Average', 'total_days / episodes'),
      total: { part: 'total_days', whole: ['episodes'] },
      headline: true,
    },
    { ...duration('p90_days', '90th percentile', 'Nearest rank'), total: 'own' },
    { ...duration('min_days', 'Shortest', 'The shortest'), total: 'own' },
    { ...duration('max_days', 'Longest', 'The longest'), total: 'own' },
    {
      ...count('open_excluded', 'Open', 'Treatments that have not ended, in none of the other figures'),
      headline: true,
      fine: true,
    },
  ],
  receipt: shape({
    episodes: integer(0, Number.MAX_SAFE_INTEGER),
    open_excluded: integer(0, Number.MAX_SAFE_INTEGER),
    diseases_without_an_end: integer(0, Number.MAX_SAFE_INTEGER),
  }),
  namesDoctor: ({ basis }) => basis !== 'diagnoses',
  prepare(query) {
    const place = placeParameters.find((name) => query[name] !== undefined);
    if (query.basis === 'diagnoses' && place)
      throw invalidField(`/query/${place}`, 'needs another basis: a diagnosis names no place and no doctor');
    return query;
  },
  knownAt: ({ basis }) => basis === 'prescriptions',
  sources: (asked) => ({ mongodb: diseaseTrends(trendParams(asked)) }),
  merge: ({ mongodb }) => merged(mongodb),
  drilldown: trendDrilldown,
  chart: trendChart,
  mirror: { mongodb: (asked) => diseaseTrendsSql(trendParams(asked)) },
});
