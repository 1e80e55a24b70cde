/**
 * Fills the system with made-up records of any size: hospitals in several regions, their doctors, and patients with
 * years of appointments, prescriptions, bills and payments. The same options make the same records, so a run that was stopped
 * goes on when it is started again, and a finished one changes nothing.
 *
 * Usage: npm run seed -- --patients 20000 --years 2 --seed 1 [--until 2026-11-01] [--no-payments] [--json]
 *        (about 400,000 appointments, 300,000 prescriptions, 500,000 billing rows, 480,000 payments)
 *
 * The history ends on the day --until, today (UTC) by default; two weeks of bookings follow it. Name it to make the same
 * records on another day.
 *
 * Exit codes: 0 ok, 1 failed or stopped, 2 usage, 3 cannot connect, 4 some records could not be stored.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { seededKinds, type SeedReport } from '../src/domains/exchange/seeding/index.js';
import { utcDay } from '../src/lib/period.js';
import { table } from '../src/lib/table.js';
import type { System } from '../src/system.js';
import { exitCodes, runCommand, wholeNumber, type ExitCode } from './command.js';
import { createProgressLine } from './progress.js';
import { withSystem } from './with-system.js';

interface Options {
  readonly patients: number;
  readonly years: number;
  readonly seed: number;
  readonly until: Date;
  readonly payments: boolean;
  readonly json?: true;
}

function dayOf(text: string): Date {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : NaN);
  // A day that the calendar does not have rolls over or is no date at all.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text)
    throw new InvalidArgumentError('It must be a day, YYYY-MM-DD.');
  return date;
}

function print({ options, records, changes, seconds, records_per_second }: SeedReport): void {
  const rows = seededKinds.map((kind) => {
    const { stored, unchanged, rejected } = records[kind];
    return [kind, stored, unchanged, rejected];
  });
  process.stdout.write(`${table(['records', 'stored', 'unchanged', 'not stored'], rows)}\n`);
  process.stdout.write(`${changes} changes in ${seconds.toFixed(1)} s, ${records_per_second} records/s\n`);
  const { patients, years, seed, until } = options;
  process.stdout.write(
    `The same again: --patients ${patients} --years ${years} --seed ${seed} --until ${until.toISOString().slice(0, 10)}\n`,
  );
}

async function seedRecords(
  { parts }: System,
  { json, payments, ...options }: Options,
  signal: AbortSignal,
): Promise<ExitCode> {
  const progress = createProgressLine();
  try {
    const report = await parts.seeding.seed(options, {
      signal,
      payments,
      onProgress: ({ patients, fraction }) => progress.show(fraction, `${patients} patients`),
    });
    progress.clear();
    if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else print(report);
    return report.rejected === 0 ? exitCodes.ok : exitCodes.foundProblem;
  } finally {
    progress.clear();
  }
}

const today = utcDay(new Date());

const command = new Command('npm run seed --')
  .description('Fills the system with made-up records')
  .option('--patients <n>', 'how many patients', wholeNumber(1, 10_000_000), 1000)
  .option('--years <n>', 'years of history', wholeNumber(1, 50), 2)
  .option('--seed <n>', 'another number makes other records', wholeNumber(0, 4_294_967_295), 1)
  .addOption(
    new Option('--until <day>', 'the day on which the history ends')
      .argParser(dayOf)
      .default(today, today.toISOString().slice(0, 10)),
  )
  .option('--no-payments', 'nothing was paid: all that was billed is owed')
  .option('--json', 'print the report as JSON');

await runCommand<Options>(command, (options, signal) =>
  withSystem(signal, (system) => seedRecords(system, options, signal)),
);
