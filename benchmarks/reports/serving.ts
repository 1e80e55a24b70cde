import { isDeepStrictEqual } from 'node:util';
import { say } from '../../scripts/command.js';
import { createProgressLine } from '../../scripts/progress.js';
import { median } from '../../src/lib/median.js';
import { percentile } from '../load/load.js';
import { interleave } from '../load/rounds.js';
import { newerFigures } from './newer.js';
import { asking, type Question } from './questions.js';
import { openReader, read, type Reader } from './reader.js';
import type { Sized } from './systems.js';

/** Of one round, in milliseconds of the server by default. */
export interface Timed {
  readonly cold_p50: number;
  readonly cold_p97_5: number;
  readonly client_p97_5: number;
  readonly warm_p50: number;
  readonly warm_p97_5: number;
}

/** A question at one size: medians of the rounds, which are behind them. */
export interface Served extends Timed {
  readonly question: string;
  readonly appointments: number;
  /** Of the answer. */
  readonly rows: number;
  /** One request, in the milliseconds of the server: at a million appointments it takes long. */
  readonly definition: number;
  /** How many times as long the definition takes as the mirror, at the median. */
  readonly times_as_fast: number;
  readonly rounds: readonly Timed[];
}

export interface Serving {
  readonly served: readonly Served[];
  /** Answers that were not as they should be, by question and size. */
  readonly wrong: readonly string[];
  /** Answers that were not 200, by question and status. */
  readonly unexpected: Readonly<Record<string, number>>;
}

interface Options {
  readonly rounds: number;
  readonly requests: number;
  readonly signal: AbortSignal;
}

interface Known {
  readonly rows: number;
  readonly wrong: readonly string[];
  /** How long the definition took. */
  readonly definition: number;
}

type NewerFigures = Awaited<ReturnType<typeof newerFigures>>;

/** Asks once each way: whether the mirror answers by itself, whether both say the same, and whether newer figures have another tag. */
async function look(sized: Sized, { path, name }: Question, newer: NewerFigures): Promise<Known> {
  const before = await read(sized, path);
  await newer();
  const plain = await read(sized, path);
  const summed = await read(sized, asking({ path, name }, { path: 'definition' }));
  const wrong = [
    ...(plain.provenance.path === 'mirror' ? [] : ['was not answered by the mirror']),
    ...(plain.etag === before.etag ? ['has the tag of older figures'] : []),
    ...(isDeepStrictEqual([plain.rows, plain.receipt], [summed.rows, summed.receipt])
      ? []
      : ['is not what the definition answers']),
  ];
  return {
    rows: plain.rows.length,
    wrong: wrong.map((what) => `${name}, ${sized.appointments} appointments: ${what}`),
    definition: summed.server_ms,
  };
}

interface Samples {
  readonly cold: number[];
  readonly client: number[];
  readonly warm: number[];
}

/**
 * One round of one size: as often as told all figures become newer, then each question is asked twice, by one reader: the first
 * answer is computed, the second one is kept.
 */
async function round(
  questions: readonly Question[],
  { reader, newer }: { readonly reader: Reader; readonly newer: NewerFigures },
  { requests, signal }: Options,
  unexpected: Record<string, number>,
): Promise<Timed[]> {
  const ask = async ({ name }: Question, path: string) => {
    signal.throwIfAborted();
    const asked = await reader.ask(path);
    if (asked.status === '200') return asked;
    const what = `${name}: ${asked.status}`;
    unexpected[what] = (unexpected[what] ?? 0) + 1;
    return null;
  };
  const samples = questions.map((): Samples => ({ cold: [], client: [], warm: [] }));
  for (let n = 0; n < requests; n += 1) {
    await newer();
    for (const [index, question] of questions.entries()) {
      const cold = await ask(question, question.path);
      if (cold) samples[index]!.cold.push(cold.server_ms);
      if (cold) samples[index]!.client.push(cold.client_ms);
    }
    for (const [index, question] of questions.entries()) {
      const warm = await ask(question, question.path);
      if (warm) samples[index]!.warm.push(warm.server_ms);
    }
  }
  return samples.map(({ cold, client, warm }) => ({
    cold_p50: percentile(cold, 50),
    cold_p97_5: percentile(cold, 97.5),
    client_p97_5: percentile(client, 97.5),
    warm_p50: percentile(warm, 50),
    warm_p97_5: percentile(warm, 97.5),
  }));
}

const figures = [
  ...(['cold_p50', 'cold_p97_5', 'client_p97_5', 'warm_p50', 'warm_p97_5'] as const),
] satisfies (keyof Timed)[];

function servedOf(question: string, sized: Sized, known: Known, rounds: readonly Timed[]): Served {
  const middle = Object.fromEntries(figures.map((name) => [name, median(rounds.map((one) => one[name]))]));
  return {
    ...{ question, appointments: sized.appointments },
    ...{ rows: known.rows, definition: known.definition },
    ...(middle as unknown as Timed),
    times_as_fast: median(rounds.map(({ cold_p50 }) => known.definition / cold_p50)),
    rounds,
  };
}

/** What each size knows of its questions; all sizes have the same ones, in the same order. */
async function lookAll(sized: Sized, newer: NewerFigures, signal: AbortSignal): Promise<Known[]> {
  say(
    `${sized.appointments} appointments: ${sized.questions.length} questions, by the mirror and by their definition`,
  );
  const known: Known[] = [];
  for (const question of sized.questions) {
    signal.throwIfAborted();
    known.push(await look(sized, question, newer));
  }
  return known;
}

export async function measureServing(systems: readonly Sized[], options: Options): Promise<Serving> {
  const { rounds, requests, signal } = options;
  const unexpected: Record<string, number> = {};
  const open = await Promise.all(
    systems.map(async (sized) => ({ sized, reader: openReader(sized), newer: await newerFigures(sized) })),
  );
  const progress = createProgressLine();
  try {
    const known: Known[][] = [];
    for (const { sized, newer } of open) known.push(await lookAll(sized, newer, signal));
    const cells = open.map(({ sized: { appointments, questions }, ...turn }) => ({
      name: String(appointments),
      measure: () => round(questions, turn, options, unexpected),
    }));
    say(`${rounds} rounds of ${requests} requests a question, after one to warm up`);
    for (const { sized, ...turn } of open)
      await round(sized.questions, turn, { ...options, requests: Math.ceil(requests / 2) }, {});
    const timed = await interleave(cells, {
      ...{ rounds, signal },
      onCell({ name }, done, all) {
        progress.show(done / all, `${name} appointments`);
        if (done % cells.length === 0 && !process.stderr.isTTY) say(`round ${done / cells.length + 1}`);
      },
    });
    const served = systems[0]!.questions.flatMap(({ name }, index) =>
      systems.map((sized, n) => {
        const ofSize = timed.get(String(sized.appointments))!;
        return servedOf(
          name,
          sized,
          known[n]![index]!,
          ofSize.map((one) => one[index]!),
        );
      }),
    );
    return { served, wrong: known.flat().flatMap((one) => one.wrong), unexpected };
  } finally {
    progress.clear();
    for (const { reader } of open) reader.close();
  }
}
