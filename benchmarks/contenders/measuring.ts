import { exitCodes, say, type ExitCode } from '../../scripts/command.js';
import { createProgressLine } from '../../scripts/progress.js';
import { table } from '../../src/lib/table.js';
import { rounded } from '../load/goals.js';
import { load, type Measured } from '../load/load.js';
import { interleave, middleOf, ratioOf, type Cell } from '../load/rounds.js';
import { checkAgreement, statusOf, type Contender } from './contender.js';
import { questions, type Question } from './questions.js';

export interface MeasuringOptions {
  readonly rounds: number;
  /** Of one cell. */
  readonly seconds: number;
  readonly mongodPid: number | undefined;
  readonly signal: AbortSignal;
}

/** A server and what it is asked, on so many connections at once. */
export interface LoadCell extends Cell<Measured> {
  readonly title: string;
  readonly server: string;
  readonly connections: number;
}

export interface Result extends Omit<LoadCell, 'measure'> {
  readonly rounds: readonly Measured[];
}

export const cellName = (question: string, connections: number, server: string): string =>
  `${question}, ${connections}, ${server}`;

/** Each question to each server. */
export function cellsOf(
  contenders: readonly Contender[],
  asked: readonly Question[],
  { seconds, mongodPid, signal }: MeasuringOptions,
): LoadCell[] {
  const cells: LoadCell[] = [];
  for (const question of asked) {
    for (const connections of questions[question].connections) {
      for (const { name: server, url, pid, shots } of contenders) {
        const pids = { server: pid, mongod: mongodPid };
        const shot = shots[question];
        cells.push({
          ...{ name: cellName(question, connections, server), server, connections },
          title: questions[question].title,
          measure: () =>
            load({ ...{ url, connections, seconds, shot, pids, signal }, status: statusOf(question) }),
        });
      }
    }
  }
  return cells;
}

/** Lets all servers answer everything once, and compares what they say. */
export async function agree(contenders: readonly Contender[], asked: readonly Question[]): Promise<void> {
  say(`${contenders.map(({ name }) => name).join('; ')}: do they answer the same?`);
  for (const question of asked) await checkAgreement(contenders, question);
}

/** All rounds of all cells after one that does not count, with how far it is on stderr. */
export async function measureAll(
  cells: readonly LoadCell[],
  { rounds, signal }: Pick<MeasuringOptions, 'rounds' | 'signal'>,
): Promise<Result[]> {
  const progress = createProgressLine();
  say(`${rounds} rounds of ${cells.length} measurements, after one to warm up`);
  // A compiler that has not seen the code, caches that are empty: a single such round would weigh on a median of few.
  await interleave(cells, { rounds: 1, signal });
  let round = -1;
  try {
    const results = await interleave(cells, {
      rounds,
      signal,
      onCell({ name }, done, all) {
        progress.show(done / all, name);
        if (Math.floor(done / cells.length) === round || process.stderr.isTTY) return;
        round += 1;
        say(`round ${round + 1}`);
      },
    });
    return cells.map(({ measure: _measure, ...cell }) => ({ ...cell, rounds: results.get(cell.name)! }));
  } finally {
    progress.clear();
  }
}

/** How many times the rate of the one is that of the other; null when either was not measured. */
export function rateRatio(results: readonly Result[], one: string, other: string): number | null {
  const [a, b] = [one, other].map((wanted) => results.find(({ name }) => name === wanted)?.rounds);
  return a && b ? ratioOf(a, b) : null;
}

/** `limit`: the server whose rate is 1. */
export function resultTable(results: readonly Result[], limit: string): string {
  const headings = [
    ...['request', 'connections', 'server', 'answers', 'a second', `× ${limit}`, 'p50 ms', 'p97.5 ms'],
    ...['server CPU µs', 'mongod CPU µs'],
  ];
  const figure = (value: number | null | undefined): number | null =>
    value === null || value === undefined || !Number.isFinite(value) ? null : rounded(value);
  const rows = results.map((result) => {
    const { title, connections, server, rounds, name } = result;
    const { answers, per_second, p50_ms, p97_5_ms, cpu_us } = middleOf(rounds);
    const ratio = rateRatio(results, name, name.replace(server, limit));
    return [
      ...[title, connections, server, answers, figure(per_second), figure(ratio), figure(p50_ms)],
      ...[figure(p97_5_ms), figure(cpu_us['server']), figure(cpu_us['mongod'])],
    ];
  });
  return table(headings, rows);
}

/** Answers that were not what was asked for, by what was measured; empty when all is well. */
export const unexpectedIn = (results: readonly Result[]): string[] =>
  results.flatMap(({ name, rounds }) =>
    Object.entries(middleOf(rounds).unexpected).map(([what, times]) => `${name}: ${times} × ${what}`),
  );

/** Writes what was measured to stdout, in JSON with the figures of each round behind their medians, and what was wrong to stderr. */
export function sayResult<B extends { readonly results: readonly Result[] }>(
  bench: B,
  how: { readonly json?: true | undefined; readonly remarks: readonly string[]; print(bench: B): void },
): ExitCode {
  const { remarks } = how;
  const results = bench.results.map(({ rounds, ...cell }) => ({ ...cell, ...middleOf(rounds), rounds }));
  if (how.json) process.stdout.write(`${JSON.stringify({ ...bench, remarks, results }, null, 2)}\n`);
  else how.print(bench);
  const unexpected = unexpectedIn(bench.results);
  for (const line of unexpected) say(line);
  return unexpected.length === 0 ? exitCodes.ok : exitCodes.foundProblem;
}
