/**
 * What does joining both stores cost? Asks REP-4 (prescriptions of MongoDB beside what Postgres was billed, all of them) four
 * ways in turns: both grouped queries at once without a join, the live report, the report from the mirror, and everything pulled
 * into Node and joined there. All that give rows must give the same ones.
 *
 * Usage: npm run bench:hybrid                                        300,000 prescriptions × 500,000 bills, made for it
 *        npm run bench:hybrid -- --prescriptions 3000 --bills 5000 --rounds 3
 *        npm run bench:hybrid -- --json --out FILE                   as JSON, into FILE instead of stdout
 *        npm run bench:hybrid -- --uri mongodb://… --postgres-uri postgres://…   on your servers, in databases of its own
 *
 * Goals: live at most 1.25 times the two queries; the mirror within 30 ms, and 40 times as fast as pulling all. They are
 * judged at the size that they are for. Ratios are the medians of the rounds' ratios.
 *
 * Exit codes: 0 measured, 1 failed, 2 usage, 3 the servers did not start or answer, 4 the rows differ.
 */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from '../scripts/command.js';
import { loadConfig } from '../src/config.js';
import { createMirror, type Mirror } from '../src/databases/mirror/mirror.js';
import { mirrorTables } from '../src/domains/reports/mirror/tables.js';
import { createLogger } from '../src/lib/logger.js';
import { median } from '../src/lib/median.js';
import { table } from '../src/lib/table.js';
import { fill } from './hybrid/records.js';
import { variantsOn, type Variant } from './hybrid/variants.js';
import { withBenchDatabases, type BenchDatabases } from './indexes/databases.js';
import { goalTable, judge, rounded, type Goal } from './load/goals.js';
import { interleave } from './load/rounds.js';
import { machineOf, factsText, type Machine } from './machine.js';
import { startMirror } from './mirrors.js';
import { checkServers, serverOptions, type ServerOptions } from './servers.js';

interface Options extends ServerOptions {
  readonly prescriptions: number;
  readonly bills: number;
  readonly rounds: number;
  readonly out?: string;
  readonly json?: true;
}

interface Timed {
  readonly ms: number;
  readonly signature: string | null;
}

interface Measured {
  readonly name: Variant['name'];
  readonly ms: number;
  readonly least_ms: number;
  readonly most_ms: number;
  readonly signature: string | null;
}

interface Bench {
  readonly machine: Machine;
  readonly records: Readonly<Record<'prescriptions' | 'bills', number>>;
  readonly rounds: number;
  readonly variants: readonly Measured[];
  /** Whether all that give rows gave the same ones in every round. */
  readonly same: boolean;
  readonly goals: readonly Goal[];
}

/** The size that the goals are for. */
const full = { prescriptions: 300_000, bills: 200_000 };

async function time({ run }: Variant): Promise<Timed> {
  const start = performance.now();
  const signature = await run();
  return { ms: performance.now() - start, signature };
}

function measuredOf(name: Variant['name'], rounds: readonly Timed[]): Measured {
  const times = rounds.map(({ ms }) => ms);
  const signatures = new Set(rounds.map(({ signature }) => signature));
  return {
    name,
    ms: median(times),
    least_ms: Math.min(...times),
    most_ms: Math.max(...times),
    signature: signatures.size === 1 ? rounds[0]!.signature : [...signatures].join(' or '),
  };
}

function goalsOf(rounds: ReadonlyMap<string, readonly Timed[]>, counts: boolean): Goal[] {
  const of = (name: Variant['name']): readonly Timed[] => rounds.get(name)!;
  const ratio = (one: Variant['name'], other: Variant['name']): number =>
    median(of(one).map(({ ms }, round) => ms / of(other)[round]!.ms));
  const mirrored = median(of('mirror').map(({ ms }) => ms));
  return [
    judge(
      { what: 'live / both queries at once, no join', most: 1.25, unit: '×' },
      ratio('live', 'both queries, no join'),
      counts,
    ),
    judge({ what: 'from the mirror', most: 30, unit: 'ms' }, mirrored, counts),
    judge(
      { what: 'pull all and join / from the mirror', least: 40, unit: '×' },
      ratio('pull all and join', 'mirror'),
      counts,
    ),
  ];
}

async function bench(
  databases: BenchDatabases,
  mirror: Mirror,
  { prescriptions, bills, rounds: wanted }: Options,
  signal: AbortSignal,
): Promise<Bench> {
  say(`making ${prescriptions} prescriptions and ${bills} bills`);
  await fill(databases, { prescriptions, bills }, signal);
  await startMirror(mirror);
  const variants = variantsOn(databases, mirror);
  // What is read for the first time is read from the disk, and planned.
  for (const variant of variants) await variant.run();
  const cells = variants.map((variant) => ({ name: variant.name, measure: () => time(variant) }));
  const rounds = await interleave(cells, { rounds: wanted, signal });
  const measured = variants.map(({ name }) => measuredOf(name, rounds.get(name)!));
  const signatures = new Set(measured.flatMap(({ signature }) => signature ?? []));
  const isFull = prescriptions >= full.prescriptions && bills >= full.bills;
  return {
    machine: await machineOf(databases.connection, databases.knex),
    records: { prescriptions, bills },
    rounds: wanted,
    variants: measured,
    same: signatures.size === 1,
    goals: goalsOf(rounds, isFull),
  };
}

function asTable({ machine, records, rounds, variants, same, goals }: Bench): string {
  const rows = variants.map(({ name, ms, least_ms, most_ms, signature }) => [
    name,
    rounded(ms),
    `${rounded(least_ms)} to ${rounded(most_ms)}`,
    signature ?? '',
  ]);
  return [
    factsText(machine),
    `${records.prescriptions} prescriptions, ${records.bills} bills; median of ${rounds} rounds in turns`,
    '',
    table(['way', 'ms', 'from to', 'rows'], rows),
    same ? 'The rows are the same.' : 'THE ROWS DIFFER.',
    '',
    goalTable(goals),
    '',
  ].join('\n');
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const { uri, postgresUri, json, out } = options;
  const servers = uri && postgresUri ? { mongodbUri: uri, postgresUri } : undefined;
  const config = loadConfig();
  const { memoryMb, threads } = config.mirror;
  const result = await withBenchDatabases(config, servers, say, signal, (databases) => {
    const { connection, knex } = databases;
    const held = { connection, knex, tables: mirrorTables('UTC'), logger: createLogger('error') };
    const mirror = createMirror({ ...held, memoryMb, threads });
    return bench(databases, mirror, options, signal).finally(() => mirror.stop());
  });
  const text = json ? `${JSON.stringify(result, null, 2)}\n` : asTable(result);
  if (out) await writeFile(out, text);
  else process.stdout.write(text);
  return result.same ? exitCodes.ok : exitCodes.foundProblem;
}

const command = serverOptions(
  new Command('npm run bench:hybrid --')
    .description('Measures the report that joins both stores, live and from the mirror.')
    .option('--prescriptions <n>', 'in MongoDB', wholeNumber(15, 10_000_000), 300_000)
    .option('--bills <n>', 'in Postgres', wholeNumber(15, 10_000_000), 500_000)
    .option('--rounds <n>', 'how often each way is measured', wholeNumber(1, 100), 5)
    .option('--out <file>', 'write to a file instead of stdout')
    .option('--json', 'JSON instead of a table'),
);

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  return run(options, signal);
});
