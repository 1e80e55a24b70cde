/**
 * Kills Postgres (SIGKILL, the postmaster and all its children at once) again and again while HTTP clients book, pay and
 * give back through the API, and tells whether a payment or refund that was acknowledged is missing or doubled in the
 * ledger, what clients were answered meanwhile, and how soon the API served again, which nobody restarts.
 *
 * Usage: npm run drill:postgres -- [--kills 10] [--down 3] [--clients 12] [--readers 2] [--json]
 *
 * The second outage is longer than the API goes on trying (30 s), so that writers get 503 too. Servers and data are
 * made for the drill and gone after it; nothing of it touches your own. It needs Linux (/proc).
 *
 * Exit codes: 0 all counts are right; 4 otherwise; 2 usage; 3 the servers did not start.
 */
import { Command } from 'commander';
import { loadConfig } from '../src/config.js';
import { table } from '../src/lib/table.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { runDrill, type DrillOptions, type DrillReport, type Outage } from './drill-postgres/run.js';
import { withOwnServers } from './own-servers.js';

interface Options extends DrillOptions {
  readonly json?: true;
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, n) => total + n, 0);

const refusedIn = ({ answers }: Outage): number =>
  sum(Object.fromEntries(Object.entries(answers).filter(([what]) => what.includes(' 503 '))));

/** What must be nothing, by what it is called in the table; the details go to stderr. */
const wrongIn = (report: DrillReport): Record<string, readonly string[]> => ({
  missing: report.missing,
  doubled: report.doubled,
  unbalanced: report.unbalanced,
  'gaps in numbers': report.gaps,
  'marks missing in MongoDB': report.unmarked,
  'unexpected answers': Object.entries(report.unexpected).map(([what, times]) => `${times} × ${what}`),
  'errors logged by the API': Object.entries(report.api_faults).map(([what, times]) => `${times} × ${what}`),
});

const isClean = (report: DrillReport): boolean =>
  report.ledger_sum === '0.00' &&
  report.synchronous_commit !== 'off' &&
  report.acknowledged.payments > 0 &&
  Object.values(wrongIn(report)).every((found) => found.length === 0);

function print(report: DrillReport): void {
  const { outages, acknowledged, answers, replayed, ledger_sum, synchronous_commit } = report;
  const rows = outages.map((outage, index) => [
    ...[index + 1, outage.down_ms, outage.up_ms, outage.first_success_ms, refusedIn(outage)],
  ]);
  const headings = ['kill', 'down ms', 'answers again ms', 'first success ms', '503 meanwhile'];
  process.stdout.write(`${table(headings, rows)}\n\n`);
  const answered = Object.entries(answers)
    .sort()
    .map(([what, { times, slowest_ms }]) => [what, times, slowest_ms]);
  process.stdout.write(`${table(['answer', 'times', 'slowest ms'], answered)}\n\n`);
  const wrong = wrongIn(report);
  const counts = [
    ...Object.entries(acknowledged).map(([what, times]) => [`acknowledged ${what}`, times]),
    ['done, unheard, told by the next attempt', replayed],
    ...Object.entries(wrong).map(([what, found]) => [what, found.length]),
    ...[['sum of the ledger', ledger_sum] as const, ['synchronous_commit', synchronous_commit] as const],
  ];
  process.stdout.write(`${table(['count', 'value'], counts)}\n`);
  for (const [what, found] of Object.entries(wrong))
    for (const one of found.slice(0, 20)) say(`${what}: ${one}`);
}

async function drill({ json, ...options }: Options, signal: AbortSignal): Promise<ExitCode> {
  const { mongodBinary } = loadConfig();
  const report = await withOwnServers({ mongodBinary, nodes: 3, log: say, signal }, (servers) => {
    say(`${options.clients} clients, ${options.readers} readers, ${options.kills} kills`);
    const progress = (kill: number, { down_ms, first_success_ms }: Outage): void =>
      say(
        `kill ${kill} of ${options.kills}: down for ${down_ms} ms, served again after ${first_success_ms} ms`,
      );
    return runDrill(servers, options, { signal, log: say, progress });
  });
  const clean = isClean(report);
  if (json) process.stdout.write(`${JSON.stringify({ clean, ...options, ...report }, null, 2)}\n`);
  else print(report);
  return clean ? exitCodes.ok : exitCodes.foundProblem;
}

const command = new Command('npm run drill:postgres --')
  .description(
    'Kills Postgres under load, and counts which acknowledged payments and refunds were lost or doubled.',
  )
  .option('--kills <n>', 'how often it is killed', wholeNumber(1, 100), 10)
  .option('--down <seconds>', 'how long it is away each time', wholeNumber(1, 60), 3)
  .option('--clients <n>', 'how many book, pay and give back at the same time', wholeNumber(1, 64), 12)
  .option('--readers <n>', 'how many list the payments meanwhile', wholeNumber(0, 64), 2)
  .option('--json', 'print JSON');

await runCommand<Options>(command, drill);
