/**
 * Hits the primary of a replica set of its own while writers and a reader work through the API's own services, and tells
 * how long they waited, what they saw, and whether a write that was acknowledged is lost, doubled or torn.
 *
 * Usage: npm run drill:failover -- --fault kill|stepdown|pause [--seconds 10] [--writers 8] [--runs 1] [--json]
 *        npm run drill:failover -- --fault kill --runs 5      five in a row, and the median gap
 *
 * kill is SIGKILL (a crash), pause is SIGSTOP (a hang), stepdown is a planned hand-over. Nothing of it touches your own
 * databases: servers and data are made for the drill and gone after it.
 *
 * Exit codes: 0 nothing lost, doubled, torn or left without an answer, and no error seen; 4 otherwise; 2 usage; 3 the servers did not start.
 */
import { Command, Option } from 'commander';
import { loadConfig } from '../src/config.js';
import { withOwnServers } from './own-servers.js';
import { median } from '../src/lib/median.js';
import { table } from '../src/lib/table.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { faults, type Fault } from './drill/faults.js';
import { runDrill, type DrillRun } from './drill/run.js';

interface Options {
  readonly fault: Fault;
  readonly seconds: number;
  readonly writers: number;
  readonly runs: number;
  readonly json?: true;
}

const errorsOf = ({ errors }: DrillRun): number => Object.values(errors).reduce((sum, n) => sum + n, 0);

const isClean = (run: DrillRun): boolean =>
  errorsOf(run) + run.hung.length + run.lost.length + run.doubled.length + run.torn.length === 0;

function print({ fault, writers }: Options, runs: readonly DrillRun[]): void {
  const headings = [
    ...['run', 'primary lost ms', 'elected ms', 'resumed ms', 'node back ms', 'gap ms', 'read gap ms'],
    ...['acknowledged', 'reads', 'hung', 'errors', 'lost', 'doubled', 'torn'],
  ];
  const rows = runs.map((run, index) => [
    index + 1,
    ...[run.primary_lost_ms, run.elected_ms, run.resumed_ms, run.node_back_ms, run.gap_ms, run.read_gap_ms],
    ...[run.acknowledged, run.reads, run.hung.length, errorsOf(run)],
    ...[run.lost.length, run.doubled.length, run.torn.length],
  ]);
  process.stdout.write(`${fault}, ${writers} writers; times from the fault\n${table(headings, rows)}\n`);
  process.stdout.write(`median gap ${Math.round(median(runs.map(({ gap_ms }) => gap_ms)))} ms\n`);
  runs.forEach(({ errors, hung, lost, doubled, torn }, index) => {
    for (const [code, times] of Object.entries(errors)) say(`run ${index + 1}: ${times} × ${code}`);
    for (const [what, writes] of Object.entries({ hung, lost, doubled, torn }))
      for (const write of writes.slice(0, 20)) say(`run ${index + 1}: ${what}: ${write}`);
  });
}

async function drill(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const { fault, seconds, writers, runs: wanted, json } = options;
  const config = loadConfig();
  const { mongodBinary } = config;
  const runs = await withOwnServers({ mongodBinary, nodes: 3, log: say, signal }, async (servers) => {
    const { nodes, dataDir, postgresUri } = servers;
    const done: DrillRun[] = [];
    for (let run = 1; run <= wanted; run += 1) {
      say(`run ${run} of ${wanted}: ${fault}, ${writers} writers, ${seconds} s after the fault`);
      const mongodbUri = servers.mongodbUri.replace(/\/\w*\?/, `/drill_${run}?`);
      const own = { ...config, dataDir, postgresUri, mongodbUri };
      done.push(await runDrill(own, nodes, { fault, seconds, writers }, signal));
    }
    return done;
  });
  const clean = runs.every(isClean);
  if (json) {
    const median_gap_ms = median(runs.map(({ gap_ms }) => gap_ms));
    process.stdout.write(
      `${JSON.stringify({ fault, seconds, writers, clean, median_gap_ms, runs }, null, 2)}\n`,
    );
  } else print(options, runs);
  return clean ? exitCodes.ok : exitCodes.foundProblem;
}

const command = new Command('npm run drill:failover --')
  .description(
    'Hits the primary of a replica set of its own under load, and counts what was lost or doubled.',
  )
  .addOption(
    new Option('--fault <fault>', 'what happens to the primary').choices(faults).makeOptionMandatory(),
  )
  .option('--seconds <n>', 'how long the load goes on after the fault', wholeNumber(2, 600), 10)
  .option('--writers <n>', 'how many write at the same time', wholeNumber(1, 64), 8)
  .option('--runs <n>', 'how many drills in a row', wholeNumber(1, 100), 1)
  .option('--json', 'print JSON');

await runCommand<Options>(command, drill);
