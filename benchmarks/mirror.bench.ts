/**
 * Is every question of a report quick? Asks each report a sample of questions, made from what is stored (each
 * filter, period and grouping), by the mirror and by its definition over all records, in turns. Both must say the same.
 *
 * Usage: npm run bench:mirror                                     1,600,000 appointments, made for it
 *        npm run bench:mirror -- --appointments 20000 --sample 20 --rounds 3
 *        npm run bench:mirror -- --json
 *        npm run bench:mirror -- --uri mongodb://… --postgres-uri postgres://…   on your servers, in databases of its own
 *
 * Goal: 97.5 of 100 answers within 60 ms, judged at the size that it is for. The times are those of the service, in the process
 * that holds the mirror; each question's is the median of its rounds.
 *
 * Exit codes: 0 measured, 1 failed, 2 usage, 3 the servers did not start or answer, 4 an answer differs.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from '../scripts/command.js';
import { createProgressLine } from '../scripts/progress.js';
import { Problem } from '../src/lib/errors.js';
import { poll } from '../src/databases/embedded/processes.js';
import type { Mirror } from '../src/databases/mirror/mirror.js';
import { median } from '../src/lib/median.js';
import { table } from '../src/lib/table.js';
import type { ReportAnswer, ReportQuery } from '../src/domains/reports/engine/index.js';
import { questionsFor } from '../src/domains/reports/verification/verification.questions.js';
import { createVerificationReader } from '../src/domains/reports/verification/verification.repository.js';
import { goalTable, judge, rounded, type Goal } from './load/goals.js';
import { percentile } from './load/load.js';
import { factsText, machineOf, type Machine } from './machine.js';
import { builtWithinMs, startMirror } from './mirrors.js';
import { makeRecords, recordsOf } from './records.js';
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
  readonly sample: number;
  readonly rounds: number;
  readonly json?: true;
}

interface Asked {
  readonly report: string;
  readonly query: ReportQuery;
  readonly mirror_ms: number;
  readonly definition_ms: number;
  readonly differs: boolean;
}

interface Bench {
  readonly machine: Machine;
  readonly records: Readonly<Record<string, number>>;
  readonly rounds: number;
  /** From the start of the mirror until it answered. */
  readonly in_step_after_s: number;
  /** The same, from the snapshot that it has saved. */
  readonly again_after_s: number;
  readonly snapshot_mb: number;
  readonly rss_mb: number;
  readonly questions: readonly Asked[];
  readonly goals: readonly Goal[];
}

/** The size that the goal is for. */
const full = 1_600_000;
const admin = { role: 'admin', doctor_id: null } as const;
type Path = 'mirror' | 'definition';

const whatItSays = ({ rows, receipt, provenance }: ReportAnswer) => [rows, receipt, provenance.rows_read];

async function ask(
  { parts }: BenchSystem,
  {
    report,
    query,
    rounds,
  }: { readonly report: string; readonly query: ReportQuery; readonly rounds: number },
  signal: AbortSignal,
): Promise<Asked> {
  const times: Record<Path, number[]> = { mirror: [], definition: [] };
  const said: unknown[] = [];
  for (let round = 0; round < rounds; round += 1)
    for (const path of ['mirror', 'definition'] as const) {
      const start = performance.now();
      const answer = await parts.reports.run(report, admin, query, { path, signal });
      times[path].push(performance.now() - start);
      said.push(whatItSays(answer));
    }
  return {
    ...{ report, query },
    mirror_ms: median(times.mirror),
    definition_ms: median(times.definition),
    differs: said.some((one) => !isDeepStrictEqual(one, said[0])),
  };
}

async function askAll(
  system: BenchSystem,
  { sample, rounds }: Options,
  signal: AbortSignal,
): Promise<Asked[]> {
  const { reports } = system.parts.reports;
  const facts = await createVerificationReader(system.around.stores.connection).facts();
  const all = reports.flatMap((report) =>
    questionsFor(report, facts, { sample, seed: 1 }).map((query) => ({ report: report.id, query, rounds })),
  );
  const progress = createProgressLine();
  const asked: Asked[] = [];
  say(`${all.length} questions, ${rounds} rounds of each`);
  try {
    for (const [n, question] of all.entries()) {
      progress.show(n / all.length, question.report);
      try {
        asked.push(await ask(system, question, signal));
      } catch (error) {
        // Words that do not go together, such as a year beside from and to.
        if (!(error instanceof Problem && error.code === 'invalid_request')) throw error;
      }
    }
  } finally {
    progress.clear();
  }
  return asked;
}

/** Stops it when it has saved its rows, and starts it again. */
async function restart(mirror: Mirror, dataDir: string) {
  const folder = join(dataDir, 'mirror');
  const saved = async (): Promise<string | undefined> =>
    (await readdir(folder).catch(() => [])).find((name) => name.endsWith('.sealed'));
  const name = await poll(saved, builtWithinMs, 100);
  if (name === undefined) throw new Error('the mirror has saved no snapshot');
  await mirror.stop();
  const { size } = await stat(join(folder, name));
  return { again_after_s: await startMirror(mirror), snapshot_mb: size / 1e6 };
}

async function bench(system: BenchSystem, options: Options, signal: AbortSignal): Promise<Bench> {
  const { connection, knex } = system.around.stores;
  const mirror = system.parts.mirror!;
  await makeRecords(system.parts, options.appointments, signal);
  say('reading the records into the mirror');
  const in_step_after_s = await startMirror(mirror);
  say('starting it again from its snapshot');
  const again = await restart(mirror, system.dataDir);
  const questions = await askAll(system, options, signal);
  const most = percentile(
    questions.map(({ mirror_ms }) => mirror_ms),
    97.5,
  );
  return {
    machine: await machineOf(connection, knex),
    records: await recordsOf(connection, knex),
    rounds: options.rounds,
    ...{ in_step_after_s, ...again },
    rss_mb: process.memoryUsage().rss / 1024 ** 2,
    questions,
    goals: [
      judge(
        { what: 'any question by the mirror, p97.5', most: 60, unit: 'ms' },
        most,
        options.appointments >= full,
      ),
    ],
  };
}

function line(name: string, asked: readonly Asked[]) {
  const of = (figure: 'mirror_ms' | 'definition_ms', percent: number): number =>
    rounded(
      percentile(
        asked.map((one) => one[figure]),
        percent,
      ),
    );
  const ratio = median(asked.map(({ mirror_ms, definition_ms }) => definition_ms / mirror_ms));
  return [
    ...[name, asked.length, of('mirror_ms', 50), of('mirror_ms', 97.5)],
    ...[of('definition_ms', 50), of('definition_ms', 97.5), rounded(ratio)],
    asked.filter(({ differs }) => differs).length,
  ];
}

function print({ machine, records, rounds, questions, goals, ...held }: Bench): void {
  const head = [
    ...['report', 'questions', 'mirror p50 ms', 'p97.5 ms', 'definition p50 ms', 'p97.5 ms'],
    ...['× as fast', 'differ'],
  ];
  const names = [...new Set(questions.map(({ report }) => report))];
  const rows = names.map((name) =>
    line(
      name,
      questions.filter(({ report }) => report === name),
    ),
  );
  const parts = [
    `${factsText(machine)}\n${factsText(records)}; medians of ${rounds} rounds`,
    `in step after ${rounded(held.in_step_after_s)} s, from a snapshot of ${Math.round(held.snapshot_mb)} MB after ` +
      `${rounded(held.again_after_s)} s; the process takes ${Math.round(held.rss_mb)} MB`,
    table(head, [...rows, line('all', questions)]),
    goalTable(goals),
  ];
  process.stdout.write(`${parts.join('\n\n')}\n`);
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const result = await withBenchSystem({ given: givenServers(options), log: say, signal }, (system) =>
    bench(system, options, signal),
  );
  if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else print(result);
  return result.questions.some(({ differs }) => differs) ? exitCodes.foundProblem : exitCodes.ok;
}

const command = serverOptions(new Command('npm run bench:mirror --'))
  .description('Times questions of reports by the mirror and by their definitions, which must say the same.')
  .option('--appointments <n>', 'how many there are, about', wholeNumber(100, 10_000_000), full)
  .option('--sample <n>', 'questions for each report, at the most', wholeNumber(1, 10_000), 100)
  .option('--rounds <n>', 'how often each is asked', wholeNumber(1, 100), 3)
  .option('--json', 'JSON instead of tables');

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  return run(options, signal);
});
