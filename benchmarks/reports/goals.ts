import { median } from '../../src/lib/median.js';
import { judge, type Goal } from '../load/goals.js';
import type { Importing } from './importing.js';
import type { Lag, LoadName } from './lag.js';
import type { Flight, Verified } from './observed.js';
import type { Served } from './serving.js';

export const topics = ['reports', 'lag', 'single-flight', 'import'] as const;
export type Topic = (typeof topics)[number];

/** What a report may take of the server's time, among so many appointments. */
const mostMs = (appointments: number): number =>
  appointments > 400_000 ? 40 : appointments > 100_000 ? 15 : 8;
/** Fewer appointments say nothing about goals. */
const fewest = 100_000;

/** From the smallest size to the largest. */
export interface Growth {
  readonly question: string;
  /** Of the answer. Where it has more rows for more doctors, it takes longer to write too. */
  readonly rows: number;
  readonly p97_5: number;
  readonly p50: number;
}

/** Empty when there is one size only. Times: the medians of the rounds' ratios. */
export function growthOf(served: readonly Served[]): Growth[] {
  const sizes = [...new Set(served.map(({ appointments }) => appointments))].sort((a, b) => a - b);
  if (sizes.length < 2) return [];
  const at = (size: number) => served.filter(({ appointments }) => appointments === size);
  return at(sizes[0]!).map((small) => {
    const large = at(sizes.at(-1)!).find(({ question }) => question === small.question)!;
    const ratio = (figure: 'cold_p97_5' | 'cold_p50'): number =>
      median(large.rounds.map((one, round) => one[figure] / small.rounds[round]![figure]));
    return {
      question: small.question,
      rows: large.rows / Math.max(1, small.rows),
      p97_5: ratio('cold_p97_5'),
      p50: ratio('cold_p50'),
    };
  });
}

function servingGoals(served: readonly Served[], counts: boolean): Goal[] {
  const shareOf = ({ cold_p97_5, appointments }: Served): number => cold_p97_5 / mostMs(appointments);
  const [slowest] = served.toSorted((a, b) => shareOf(b) - shareOf(a));
  const named = slowest ? ` (${slowest.question}, ${slowest.appointments})` : '';
  const within = served.filter((one) => shareOf(one) <= 1).length;
  return [
    judge(
      {
        what: `the slowest report${named}, p97.5 in the server`,
        most: mostMs(slowest?.appointments ?? 0),
        unit: 'ms',
      },
      slowest?.cold_p97_5 ?? null,
      counts,
    ),
    judge(
      { what: 'questions at a size that are within that', least: 100, unit: '%' },
      served.length > 0 ? (100 * within) / served.length : null,
      counts,
    ),
    judge(
      { what: 'asked again, not changed, p97.5 of the slowest', most: 2, unit: 'ms' },
      served.length > 0 ? Math.max(...served.map(({ warm_p97_5 }) => warm_p97_5)) : null,
      counts,
    ),
  ];
}

export interface Figures {
  readonly sizes: readonly number[];
  readonly served: readonly Served[];
  readonly growth: readonly Growth[];
  readonly lags: readonly Lag[];
  readonly verified: Verified | null;
  readonly flight: Flight | null;
  readonly importing: Importing | null;
}

const importGoals = (importing: Importing | null, counts: boolean): Goal[] => [
  judge(
    { what: 'from the end of an import to in step', most: 3, unit: 's' },
    importing && importing.in_step_ms / 1000,
    counts,
  ),
  judge(
    { what: 'reports while records are imported, p97.5: × quiet', most: 3, unit: '×' },
    importing && importing.meanwhile_p97_5 / importing.quiet_p97_5,
    counts,
  ),
  judge(
    { what: 'differences to the definition, while records are imported', most: 0, unit: '' },
    importing && importing.verified.questions > 0 ? importing.verified.differences.length : null,
  ),
];

export function goalsOf({ sizes, served, lags, verified, flight, importing }: Figures): Goal[] {
  const counts = Math.min(...sizes) >= fewest;
  const lagOf = (wanted: LoadName): number | null =>
    lags.find(({ load }) => load === wanted)?.p97_5_ms ?? null;
  return [
    ...servingGoals(served, counts),
    judge({ what: 'lag at 80 writes/s, p97.5', most: 50, unit: 'ms' }, lagOf('80 writes/s'), counts),
    judge({ what: 'lag at 600 writes/s, p97.5', most: 500, unit: 'ms' }, lagOf('600 writes/s'), counts),
    judge(
      { what: 'differences to a recount, after it', most: 0, unit: '' },
      verified ? verified.differences.length : null,
    ),
    judge(
      { what: 'aggregations for 32 who ask the same at once', most: 1, unit: '' },
      flight ? Math.max(...flight.aggregations) : null,
      counts,
    ),
    ...importGoals(importing, counts),
  ];
}
