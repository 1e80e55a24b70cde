/**
 * How long does the home of a manager take? Asks for `/overview` over HTTP, by one reader: each usual period, and a region and a hospital,
 * right after a change that makes every figure old (cold), and again (warm).
 *
 * Usage: npm run bench:home                                        400,000 appointments, the newest of today, five rounds
 *        npm run bench:home -- --appointments 20000 --rounds 3 --requests 5
 *        npm run bench:home -- --json
 *        npm run bench:home -- --uri mongodb://… --postgres-uri postgres://…   on your servers, in databases of its own
 *
 * Times are those in the server, which its log tells of each request. Each figure is the median of the rounds. Goals: 97.5 of 100 cold
 * within 150 ms, and warm within 30 ms, judged at the size that they are for.
 *
 * Exit codes: 0 measured, whatever the goals; 1 failed, or a page was not what was asked for; 2 usage; 3 the servers did not start or
 * answer.
 */
import { Command } from 'commander';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from '../scripts/command.js';
import { signedIn } from '../scripts/drill-hospital.js';
import { createProgressLine } from '../scripts/progress.js';
import { median } from '../src/lib/median.js';
import { table } from '../src/lib/table.js';
import { tiles } from '../src/web/reports/overview.tiles.js';
import { movingPeriods } from '../src/web/reports/report-periods.js';
import { goalTable, judge, rounded, type Goal } from './load/goals.js';
import { percentile } from './load/load.js';
import { interleave } from './load/rounds.js';
import { factsText, machineOf, type Machine } from './machine.js';
import { builtWithinMs } from './mirrors.js';
import { makeRecords, recordsOf } from './records.js';
import { newerFigures } from './reports/newer.js';
import { openReader, untilMirrored } from './reports/reader.js';
import { createServerTimes } from './reports/server-times.js';
import {
  checkServers,
  givenServers,
  serverOptions,
  withBenchSystem,
  type BenchSystem,
  type ServerOptions,
} from './servers.js';

interface Options extends ServerOptions {
  readonly appointments: number;
  readonly rounds: number;
  readonly requests: number;
  readonly json?: true;
}

/** Of one round: milliseconds of the server. */
interface Times {
  readonly cold: readonly number[];
  readonly warm: readonly number[];
}

interface Measured {
  readonly question: string;
  readonly cold_p50: number;
  readonly cold_p97_5: number;
  readonly warm_p50: number;
  readonly warm_p97_5: number;
}

interface Bench {
  readonly machine: Machine;
  readonly records: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly requests: number;
  readonly questions: readonly Measured[];
  readonly all: Measured;
  readonly goals: readonly Goal[];
}

/** The size that the goals are for. */
const full = 400_000;
const dayMs = 86_400_000;

type Question = readonly [name: string, path: string];

async function questionsOn({ around: { stores } }: BenchSystem): Promise<Question[]> {
  const hospitals = stores.connection.db!.collection<{ _id: string; region: string }>('hospitals');
  const { _id, region } = (await hospitals.findOne({}, { sort: { _id: 1 } }))!;
  const page = (query: Readonly<Record<string, string>>): string =>
    `/overview?${new URLSearchParams(query).toString()}`;
  return [
    ...Object.keys(movingPeriods).map((period): Question => [period, page({ period })]),
    ...['last-30-days', 'last-12-months'].flatMap((period): Question[] => [
      [`${period}, a region`, page({ period, region })],
      [`${period}, a hospital`, page({ period, hospital_id: _id })],
    ]),
  ];
}

/** Throws unless the page has a figure in each tile. */
async function look(url: string, [name, path]: Question, headers: Record<string, string>): Promise<void> {
  const response = await fetch(url + path, { headers, redirect: 'manual' });
  const text = await response.text();
  const figures = text.match(/class="kpi-value"/g)?.length ?? 0;
  if (response.status !== 200 || figures !== tiles.length)
    throw new Error(`${name}: ${response.status}, ${figures} figures`);
}

function measuredOf(question: string, rounds: readonly Times[]): Measured {
  const of = (which: keyof Times, percent: number): number =>
    median(rounds.map((round) => percentile(round[which], percent)));
  return {
    question,
    ...{ cold_p50: of('cold', 50), cold_p97_5: of('cold', 97.5) },
    ...{ warm_p50: of('warm', 50), warm_p97_5: of('warm', 97.5) },
  };
}

async function bench(
  system: BenchSystem,
  times: ReturnType<typeof createServerTimes>,
  { appointments, rounds, requests }: Options,
  signal: AbortSignal,
): Promise<Bench> {
  const { connection, knex } = system.around.stores;
  const today = new Date(Math.floor(Date.now() / dayMs) * dayMs);
  await makeRecords(system.parts, appointments, signal, { until: new Date(today.getTime() + dayMs) });
  await knex.raw('vacuum analyze');
  const account = { password: 'the one who comes home', name: 'Manager', role: 'manager' as const };
  const token = await signedIn(system.parts, { ...account, email: 'manager@bench.example' });
  say('starting the API, which reads all records into its mirror');
  const api = await system.startApi({ LOG_LEVEL: 'info', MIRROR_SNAPSHOT_MINUTES: '0' });
  await untilMirrored({ api, token }, { withinMs: builtWithinMs, signal });

  const headers = { Cookie: `access=${token}` };
  const questions = await questionsOn(system);
  const newer = await newerFigures({ system, api, token });
  const reader = openReader({ api, token, times }, headers);
  const progress = createProgressLine();
  async function measure(path: string, count: number): Promise<Times> {
    const ask = async (): Promise<number> => {
      const { status, server_ms } = await reader.ask(path);
      if (status !== '200') throw new Error(`${path}: ${status}`);
      return server_ms;
    };
    const [cold, warm]: number[][] = [[], []];
    for (let n = 0; n < count; n += 1) {
      signal.throwIfAborted();
      await newer();
      cold!.push(await ask());
      warm!.push(await ask());
    }
    return { cold: cold!, warm: warm! };
  }
  try {
    // What is asked for the first time is planned and compiled.
    for (const question of questions) await look(api.url, question, headers);
    for (const [, path] of questions) await measure(path, Math.ceil(requests / 2));
    say(`${rounds} rounds of ${requests} requests a question, cold and warm`);
    const cells = questions.map(([name, path]) => ({ name, measure: () => measure(path, requests) }));
    const timed = await interleave(cells, {
      ...{ rounds, signal },
      onCell: ({ name }, done, all) => progress.show(done / all, name),
    });
    const together = Array.from({ length: rounds }, (_, round): Times => {
      const ofRound = [...timed.values()].map((one) => one[round]!);
      return { cold: ofRound.flatMap(({ cold }) => cold), warm: ofRound.flatMap(({ warm }) => warm) };
    });
    const all = measuredOf('all', together);
    const isFull = appointments >= full;
    return {
      machine: await machineOf(connection, knex),
      records: await recordsOf(connection, knex),
      ...{ rounds, requests, all },
      questions: questions.map(([name]) => measuredOf(name, timed.get(name)!)),
      goals: [
        judge({ what: 'the home, cold, p97.5', most: 150, unit: 'ms' }, all.cold_p97_5, isFull),
        judge({ what: 'the home, warm, p97.5', most: 30, unit: 'ms' }, all.warm_p97_5, isFull),
      ],
    };
  } finally {
    progress.clear();
    reader.close();
  }
}

function print({ machine, records, rounds, requests, questions, all, goals }: Bench): void {
  const rows = [...questions, all].map((one) => [
    ...[one.question, rounded(one.cold_p50), rounded(one.cold_p97_5)],
    ...[rounded(one.warm_p50), rounded(one.warm_p97_5)],
  ]);
  const parts = [
    `${factsText(machine)}\n${factsText(records)}; medians of ${rounds} rounds of ${requests} requests a question, in the server`,
    table(['home of', 'cold p50 ms', 'p97.5 ms', 'warm p50 ms', 'p97.5 ms'], rows),
    goalTable(goals),
  ];
  process.stdout.write(`${parts.join('\n\n')}\n`);
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const times = createServerTimes(say);
  const given = givenServers(options);
  const result = await withBenchSystem({ given, log: times.onLine, signal }, (system) =>
    bench(system, times, options, signal),
  );
  if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else print(result);
  return exitCodes.ok;
}

const command = serverOptions(
  new Command('npm run bench:home --')
    .description('Measures the home of those who read the figures, cold and warm.')
    .option('--appointments <n>', 'how many there are, about', wholeNumber(100, 10_000_000), full)
    .option('--rounds <n>', 'how often each figure is measured', wholeNumber(1, 100), 5)
    .option('--requests <n>', 'of each question in a round, cold and warm', wholeNumber(1, 10_000), 10)
    .option('--json', 'JSON instead of tables'),
);

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  return run(options, signal);
});
