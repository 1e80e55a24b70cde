/**
 * Runs the main job and the core of the suite on every Node and Postgres that is supported: `npm start` until it has
 * answered a report and its stop, then the tests of booking, money and reports. Fetches each Node from npm into
 * `.data/nodes` and, as root, Postgres 15 from Debian's packages.
 *
 * Usage: npm run test:matrix [-- --only "node 22" --json]
 *
 * Exit codes: 0 all passed, 1 failed or stopped, 2 usage, 4 something did not pass.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Command } from 'commander';
import { table } from '../src/lib/table.js';
import { exitCodes, runCommand, say, type ExitCode } from './command.js';
import { runMainJob } from './matrix/main-job.js';
import { findDebianPostgres, findNode } from './matrix/versions.js';

/** Postgres 18 is npm's, 15 is Debian's. */
const places = [
  { node: '20.19', postgres: 18 },
  { node: '22', postgres: 18 },
  { node: '24', postgres: 18 },
  { node: '20.19', postgres: 15 },
  { node: '24', postgres: 15 },
] as const;
type Place = (typeof places)[number];

/** What reaches furthest in the least time. */
const core = [
  ...[
    'appointments/appointments',
    'appointments/appointment-races',
    'appointments/holds',
    'patients/patients',
  ].map((name) => `tests/clinical/${name}.int.test.ts`),
  ...[
    'payments/payments',
    'payments/refunds',
    'payments/ledger-table',
    'payments/money-races',
    'billing/billing',
  ].map((name) => `tests/money/${name}.int.test.ts`),
  ...['reports', 'revenue', 'prescription-cost', 'formats', 'mirrored-money'].map(
    (name) => `tests/reports/${name}.int.test.ts`,
  ),
  ...['outbox', 'sql-outbox', 'transact', 'sql-transact'].map(
    (name) => `tests/databases/${name}.int.test.ts`,
  ),
  ...['http/protocol.int', 'http/shutdown', 'identity/accounts/passwords', 'identity/accounts/tokens'].map(
    (name) => `tests/${name}.test.ts`,
  ),
];

interface Row {
  readonly node: string;
  readonly postgres: number;
  /** Seconds from the start to the end of its stop, or what went wrong. */
  readonly main_job: number | string;
  readonly passed: number;
  readonly failed: number;
}

/** Runs the core with that Node; its output goes to stderr. */
async function runCore(bin: string, postgresRoot: string | undefined, signal: AbortSignal) {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-core-'));
  const summary = join(folder, 'summary.json');
  const child = spawn(
    join(bin, 'node'),
    ['scripts/bootstrap.mjs', 'test', '--parallel', '--jobs=2', ...core],
    {
      env: {
        ...process.env,
        PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
        TEST_SUMMARY: summary,
        ...(postgresRoot ? { TEST_POSTGRES_ROOT: postgresRoot } : {}),
      },
      stdio: ['ignore', 2, 2],
    },
  );
  const stop = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', stop);
  try {
    await once(child, 'exit');
    return JSON.parse(await readFile(summary, 'utf8')) as { passed: number; failed: number };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    signal.removeEventListener('abort', stop);
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryPlace({ node, postgres }: Place, signal: AbortSignal): Promise<Row> {
  const none = { node, postgres, passed: 0, failed: 0 };
  try {
    const bin = await findNode(node);
    const postgresRoot = postgres === 15 ? await findDebianPostgres(postgres) : undefined;
    const counts = await runCore(bin, postgresRoot, signal);
    const main_job = await runMainJob({ node: join(bin, 'node'), postgresRoot, signal }).catch(
      (error: Error) => error.message,
    );
    return { ...none, ...counts, main_job };
  } catch (error) {
    return { ...none, main_job: (error as Error).message };
  }
}

const isGood = ({ main_job, passed, failed }: Row): boolean =>
  typeof main_job === 'number' && passed > 0 && failed === 0;

async function runMatrix(
  { only = '', json }: { only?: string; json?: true },
  signal: AbortSignal,
): Promise<ExitCode> {
  const chosen = places.filter(({ node, postgres }) => `node ${node} postgres ${postgres}`.includes(only));
  if (chosen.length === 0) {
    say(
      `Nothing is called "${only}": node ${places.map(({ node, postgres }) => `${node} postgres ${postgres}`).join(', node ')}`,
    );
    return exitCodes.usage;
  }
  const rows: Row[] = [];
  for (const place of chosen) {
    signal.throwIfAborted();
    say(`Node ${place.node} with Postgres ${place.postgres} …`);
    rows.push(await tryPlace(place, signal));
  }
  signal.throwIfAborted();
  const cells = rows.map(({ node, postgres, main_job, passed, failed }) => [
    ...[node, postgres, typeof main_job === 'number' ? `${main_job} s` : main_job],
    ...[passed, failed],
  ]);
  const text = json
    ? JSON.stringify(rows, undefined, 2)
    : table(['Node', 'Postgres', 'main job', 'passed', 'failed'], cells);
  process.stdout.write(`${text}\n`);
  return rows.every(isGood) ? exitCodes.ok : exitCodes.foundProblem;
}

await runCommand(
  new Command('npm run test:matrix --')
    .description('Runs the main job and the core of the suite on every Node and Postgres that is supported.')
    .option('--only <text>', 'those whose name holds this: "node 22", "postgres 15"')
    .option('--json', 'the rows as JSON'),
  runMatrix,
);
