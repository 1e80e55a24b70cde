import { median } from '../../src/lib/median.js';
import type { Measured } from './load.js';

/** One thing to be measured once a round. */
export interface Cell<R> {
  readonly name: string;
  measure(): Promise<R>;
}

interface RoundsOptions {
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** Before each cell. */
  readonly onCell?: (cell: Cell<unknown>, done: number, all: number) => void;
}

/**
 * Measures every cell once a round, so that whatever else the machine does meanwhile falls on all of them. Every other round
 * goes backwards, so that no cell always comes after the same one. Gives the rounds of each cell, by its name.
 */
export async function interleave<R>(
  cells: readonly Cell<R>[],
  { rounds, signal, onCell }: RoundsOptions,
): Promise<Map<string, R[]>> {
  const results = new Map<string, R[]>(cells.map(({ name }) => [name, []]));
  let done = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const cell of round % 2 === 0 ? cells : cells.toReversed()) {
      signal.throwIfAborted();
      onCell?.(cell, done, rounds * cells.length);
      results.get(cell.name)!.push(await cell.measure());
      done += 1;
    }
  }
  return results;
}

/** The median of each figure by itself; answers are of all rounds together. */
export function middleOf(rounds: readonly Measured[]): Measured {
  const of = (figure: (one: Measured) => number): number => median(rounds.map(figure));
  const cpu_us: Record<string, number> = {};
  for (const name of Object.keys(rounds[0]!.cpu_us)) cpu_us[name] = of((one) => one.cpu_us[name] ?? NaN);
  const unexpected: Record<string, number> = {};
  for (const one of rounds)
    for (const [what, times] of Object.entries(one.unexpected))
      unexpected[what] = (unexpected[what] ?? 0) + times;
  return {
    answers: rounds.reduce((sum, { answers }) => sum + answers, 0),
    per_second: of(({ per_second }) => per_second),
    p50_ms: of(({ p50_ms }) => p50_ms),
    p97_5_ms: of(({ p97_5_ms }) => p97_5_ms),
    cpu_us,
    unexpected,
  };
}

/**
 * How many times the one figure is the other: the median of the rounds' ratios, for what slows a round down slows both.
 */
export function ratioOf(
  one: readonly Measured[],
  other: readonly Measured[],
  figure: 'per_second' | 'p50_ms' | 'p97_5_ms' = 'per_second',
): number {
  return median(one.map((measured, round) => measured[figure] / other[round]![figure]));
}
