/**
 * Are the headlines of a report the same wherever somebody reads them? Makes a system with records, starts the API on it, and asks every
 * report of a year: on its page, as PDF, Excel and CSV, by the API from the mirror, and by its definition over all records.
 *
 * Usage: npm run compare:headlines                                  4,000 appointments, made for it
 *        npm run compare:headlines -- --appointments 100000 [--json]
 *        npm run compare:headlines -- --uri mongodb://… --postgres-uri postgres://…   on your servers, in databases of its own
 *
 * A CSV has no line of totals: its rows are added up, where figures add up and all rows may be asked for. Needs pdftotext (poppler-utils).
 *
 * Exit codes: 0 all equal, 1 failed, 2 usage, 3 the servers did not start or answer, 4 a headline differs.
 */
import { Command } from 'commander';
import { builtWithinMs } from '../benchmarks/mirrors.js';
import { makeRecords } from '../benchmarks/records.js';
import { untilMirrored } from '../benchmarks/reports/reader.js';
import {
  checkServers,
  givenServers,
  serverOptions,
  withBenchSystem,
  type BenchSystem,
  type ServerOptions,
} from '../benchmarks/servers.js';
import { table } from '../src/lib/table.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { cases, compareHeadlines, type Compared, type Headline } from './compare/headlines.js';
import { signedIn } from './drill-hospital.js';

interface Options extends ServerOptions {
  readonly appointments: number;
  readonly json?: true;
}

/** The last whole one of the records that are made. */
const year = 2025;
const ways = ['page', 'pdf', 'xlsx', 'csv', 'api', 'definition'] as const;

async function compareAll(
  system: BenchSystem,
  { appointments }: Options,
  signal: AbortSignal,
): Promise<readonly Compared[]> {
  await makeRecords(system.parts, appointments, signal, { payments: true });
  const account = { password: 'every headline on every way', name: 'Reader' };
  const tokenOf = (role: 'manager' | 'admin'): Promise<string> =>
    signedIn(system.parts, { ...account, email: `${role}@headlines.example`, role });
  const [manager, admin] = [await tokenOf('manager'), await tokenOf('admin')];
  say('starting the API, which reads all records into its mirror');
  // A definition over all records may take minutes.
  const api = await system.startApi({ REPORT_SECONDS: '600', MIRROR_SNAPSHOT_MINUTES: '0' });
  await untilMirrored({ api, token: admin }, { withinMs: builtWithinMs, signal });
  const compared: Compared[] = [];
  for (const one of cases) {
    say(`${one.report} ${one.query ?? ''}`);
    compared.push(await compareHeadlines(one, year, { url: api.url, manager, admin, signal }));
  }
  return compared;
}

const cell = (told: Headline['page']): string | number =>
  told === undefined ? '' : told === null ? 'none' : told;

function print(compared: readonly Compared[]): void {
  const rows = compared.flatMap(({ report, query, headlines }) =>
    headlines
      .filter(({ page, equal }) => page !== undefined || !equal)
      .map((one) => [
        `${report} ${query}`.trim(),
        one.title,
        ...ways.map((way) => cell(one[way])),
        one.equal ? 'yes' : 'NO',
      ]),
  );
  const heads = ['page', 'PDF', 'Excel', 'CSV', 'API', 'definition', 'equal'];
  const figures = compared.flatMap(({ headlines }) => headlines);
  const wrong = figures.filter(({ equal }) => !equal).length;
  process.stdout.write(`${table(['report', 'headline', ...heads], rows)}\n`);
  process.stdout.write(
    `${rows.length} headlines, ${figures.length} figures of all rows with those that are on no page: ${wrong} differ\n`,
  );
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const given = givenServers(options);
  const compared = await withBenchSystem({ given, log: say, signal }, (system) =>
    compareAll(system, options, signal),
  );
  if (options.json) process.stdout.write(`${JSON.stringify({ year, compared }, null, 2)}\n`);
  else print(compared);
  const faults = compared.flatMap(({ report, query, faults: own }) =>
    own.map((what) => `${report} ${query} ${what}`),
  );
  for (const fault of faults) say(fault);
  const isSame = compared.every(({ headlines }) => headlines.every(({ equal }) => equal));
  return isSame && faults.length === 0 ? exitCodes.ok : exitCodes.foundProblem;
}

const command = serverOptions(
  new Command('npm run compare:headlines --')
    .description('Compares the figures of all rows on pages, in files, by the API and by the definitions.')
    .option('--appointments <n>', 'how many there are, about', wholeNumber(100, 10_000_000), 4_000)
    .option('--json', 'JSON instead of a table'),
);

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  return run(options, signal);
});
