/**
 * Proves the reports' figures: asks every report a sample of questions, made from what is stored, by the figures that are kept, by
 * the mirror and by its definition over the raw records, and compares rows, receipt and the number of records. Both stores may be
 * written to meanwhile. Figures that are not built yet are built first.
 *
 * Usage: npm run verify-reports [-- [report …] --sample N --seed N --json]
 *
 * Exit codes: 0 no difference, 1 failed or stopped, 2 usage, 3 cannot connect, 4 differences.
 */
import { Command, InvalidArgumentError } from 'commander';
import {
  reportCatalogue,
  type Difference,
  type VerifiedReport,
} from '../src/domains/reports/engine/index.js';
import { table } from '../src/lib/table.js';
import { unlessStopped } from '../src/stop-signal.js';
import type { System } from '../src/system.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { withSystem } from './with-system.js';

interface Options {
  readonly sample: number;
  readonly seed: number;
  readonly json?: true;
}

const shownDifferences = 10;

function tell({ report, query, path, what, answered, definition }: Difference): void {
  say(`${report} ${JSON.stringify(query)}: ${what}`);
  say(`  ${`${path}:`.padEnd(11)} ${JSON.stringify(answered)}`);
  say(`  definition: ${JSON.stringify(definition)}`);
}

const line = ({ report, questions, by_rollups, by_mirror, rows, differences }: VerifiedReport) => [
  ...[report, questions, by_rollups, by_mirror],
  ...[rows, differences.length],
];

async function verify(
  { parts }: System,
  reports: readonly string[],
  { sample, seed, json }: Options,
  signal: AbortSignal,
): Promise<ExitCode> {
  // Where no server runs, nobody else keeps the figures.
  parts.upkeep.start();
  parts.mirror?.start();
  const asked = reports.length > 0 ? reports : undefined;
  const onReport = ({ report }: VerifiedReport): void => say(`${report} is compared`);
  const verified = await parts.verification.verifyReports({ sample, seed, signal, reports: asked, onReport });
  const differences = verified.flatMap((one) => one.differences);
  if (json)
    process.stdout.write(`${JSON.stringify({ seed, differences: differences.length, verified }, null, 2)}\n`);
  else {
    const head = ['report', 'questions', 'by rollups', 'by the mirror', 'rows compared', 'differences'];
    process.stdout.write(`${table(head, verified.map(line))}\n`);
    for (const difference of differences.slice(0, shownDifferences)) tell(difference);
  }
  return differences.length === 0 ? exitCodes.ok : exitCodes.foundProblem;
}

const known = reportCatalogue.map(({ id }) => id);

function reportName(name: string, before: readonly string[] = []): string[] {
  if (known.includes(name)) return [...before, name];
  throw new InvalidArgumentError(`The reports are ${known.join(', ')}.`);
}

const command = new Command('npm run verify-reports --')
  .description('Compares what the reports answer from figures that are kept with what the records say.')
  .argument('[report...]', 'only these', reportName, [])
  .option('--sample <n>', 'questions for each report, at the most', wholeNumber(1, 100_000), 60)
  .option('--seed <n>', 'other questions', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--json', 'print JSON');

await runCommand<Options>(command, (options, signal) =>
  withSystem(signal, (system) =>
    unlessStopped(signal, verify(system, command.processedArgs[0] as string[], options, signal)),
  ),
);
