/**
 * Plays random histories of bookings and their money (book, pay, refund a part, approve, void, cancel, reschedule, complete,
 * the same request again, two at the same moment) through the API's own services, on servers of its own. After each step
 * the books must be as a model of them says; after each history the sum over all accounts is zero, nothing was refunded
 * that was not paid, what is billed is what the ledger has as revenue, and the appointments say what the ledger says; at
 * the end the report average-prescription-cost says so too.
 *
 * Usage: npm run drill:histories -- --histories 10000 [--seed 1] [--systems 2] [--at-once 8] [--json]
 *        npm run drill:histories -- --seed 1 --only 4711      one of them again, to see what failed
 *
 * The same seed makes the same histories. Nothing of it touches your own databases.
 *
 * Exit codes: 0 all were right, 1 failed or stopped, 2 usage, 3 the servers did not start, 4 a history went wrong.
 */
import { Command } from 'commander';
import fc from 'fast-check';
import pLimit from 'p-limit';
import { loadConfig, readConfig } from '../src/config.js';
import { createLogger } from '../src/lib/logger.js';
import { table } from '../src/lib/table.js';
import { drillClock } from './drill-clock.js';
import { openSystem, type System } from '../src/system.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { checkReports } from './histories/checks.js';
import { playHistory, type Tally } from './histories/run.js';
import { histories, type History } from './histories/steps.js';
import { openWorld, worldEnv, type World } from './histories/world.js';
import { withOwnServers, type OwnServers } from './own-servers.js';
import { createProgressLine } from './progress.js';

interface Options {
  readonly histories: number;
  readonly seed: number;
  readonly only?: number;
  readonly systems: number;
  readonly atOnce: number;
  readonly json?: true;
}

interface Failure {
  readonly history: number;
  readonly message: string;
  readonly steps: History;
}

interface Report {
  readonly seed: number;
  histories: number;
  steps: number;
  seconds: number;
  readonly outcomes: Tally;
  readonly failures: Failure[];
}

/** One generator for each hundred, so that one history can be made without all of those before it. */
const chunk = 100;

function historyAt(seed: number, index: number): History {
  const numRuns = (index % chunk) + 1;
  return fc.sample(histories, { seed: seed + Math.floor(index / chunk), numRuns }).at(-1)!;
}

function count(report: Report, history: History, tally: Tally): void {
  report.histories += 1;
  report.steps += history.steps.length;
  for (const [what, times] of Object.entries(tally))
    report.outcomes[what] = (report.outcomes[what] ?? 0) + times;
}

async function play(worlds: readonly World[], options: Options, signal: AbortSignal): Promise<Report> {
  const { seed, only } = options;
  const report: Report = { seed, histories: 0, steps: 0, seconds: 0, outcomes: {}, failures: [] };
  const first = only ?? 0;
  const wanted = only === undefined ? options.histories : 1;
  const progress = createProgressLine();
  const limit = pLimit(options.atOnce * worlds.length);
  const started = performance.now();
  const one = async (index: number): Promise<void> => {
    signal.throwIfAborted();
    const history = historyAt(seed, index);
    try {
      count(report, history, await playHistory(worlds[index % worlds.length]!, history));
    } catch (error) {
      report.failures.push({ history: index, message: String(error), steps: history });
      say(`history ${index} (--seed ${seed} --only ${index}): ${String(error)}`);
    }
    progress.show(
      report.histories / wanted,
      `${report.histories} histories, ${report.failures.length} failed`,
    );
  };
  await Promise.all(Array.from({ length: wanted }, (_, n) => limit(() => one(first + n))));
  progress.clear();
  try {
    await checkReports(worlds[0]!);
  } catch (error) {
    report.failures.push({
      history: -1,
      message: `at the end: ${String(error)}`,
      steps: { doctor: 0, steps: [] },
    });
  }
  report.seconds = Math.round((performance.now() - started) / 100) / 10;
  return report;
}

function print({ seed, histories: done, steps, seconds, outcomes, failures }: Report): void {
  const rows = Object.entries(outcomes).sort(([a], [b]) => (a < b ? -1 : 1));
  process.stdout.write(`${table(['what became of what was tried', 'times'], rows)}\n`);
  process.stdout.write(`${done} histories, ${steps} steps, ${seconds} s, seed ${seed}\n`);
  for (const { history, message, steps: tried } of failures)
    process.stdout.write(`history ${history}: ${message}\n  ${JSON.stringify(tried)}\n`);
  process.stdout.write(failures.length === 0 ? 'All were right.\n' : `${failures.length} went wrong.\n`);
}

async function onServers(
  { mongodbUri, postgresUri, dataDir }: OwnServers,
  options: Options,
  signal: AbortSignal,
) {
  const env = { MONGODB_URI: mongodbUri, POSTGRES_URI: postgresUri, DATA_DIR: dataDir, ...worldEnv };
  const systems: System[] = [];
  try {
    for (let n = 0; n < options.systems; n += 1) {
      const config = readConfig(env);
      const system = await openSystem({
        ...{ config, logger: createLogger('warn'), dbName: 'histories' },
        clock: drillClock,
      });
      systems.push(system);
      system.parts.start();
    }
    const world = await openWorld(systems[0]!);
    return await play(systems.map((system) => ({ ...world, system })), options, signal); // prettier-ignore
  } finally {
    await Promise.all(systems.map((system) => system.close()));
  }
}

async function drill(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const { mongodBinary } = loadConfig();
  say(`seed ${options.seed}`);
  // One node: here nothing is killed, and what is looked at is the order in which things happen.
  const report = await withOwnServers({ mongodBinary, nodes: 1, log: say, signal }, (servers) =>
    onServers(servers, options, signal),
  );
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else print(report);
  return report.failures.length === 0 ? exitCodes.ok : exitCodes.foundProblem;
}

const command = new Command('npm run drill:histories --')
  .description('Plays random histories of bookings and their money, and checks the books after each step.')
  .option('--histories <n>', 'how many', wholeNumber(1, 1_000_000), 1000)
  .option('--seed <n>', 'another number makes other histories', wholeNumber(0, 2_000_000_000), 1)
  .option('--only <n>', 'this one of them, counted from 0', wholeNumber(0, 1_000_000))
  .option('--systems <n>', 'how many systems work in the same databases', wholeNumber(1, 8), 2)
  .option('--at-once <n>', 'how many histories at a time in each', wholeNumber(1, 64), 8)
  .option('--json', 'print JSON');

await runCommand<Options>(command, drill);
