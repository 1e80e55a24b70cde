/**
 * Proves the reports' figures: asks every report a sample of questions, made from what is stored, by a mirror of its own and by its
 * definition over the raw records, and compares rows, receipt and the number of records. Both stores may be written to meanwhile.
 *
 * Usage: npm run verify-reports [-- [report …] --sample N --seed N --json]
 *
 * Exit codes: 0 no difference, 1 failed or stopped, 2 usage, 3 cannot connect, 4 differences.
 */
import { Command, InvalidArgumentError } from 'commander';
import { reportCatalogue } from '../src/domains/reports/engine/index.js';
import { runCommand, wholeNumber } from './command.js';
import { verifyReports, type VerifyOptions } from './verify-command.js';
import { withSystem } from './with-system.js';

type Options = Pick<VerifyOptions, 'sample' | 'seed' | 'json'>;

const known = reportCatalogue.map(({ id }) => id);

function reportName(name: string, before: readonly string[] = []): string[] {
  if (known.includes(name)) return [...before, name];
  throw new InvalidArgumentError(`The reports are ${known.join(', ')}.`);
}

const command = new Command('npm run verify-reports --')
  .description('Compares what the reports answer from the mirror with what the records say.')
  .argument('[report...]', 'only these', reportName, [])
  .option('--sample <n>', 'questions for each report, at the most', wholeNumber(1, 100_000), 60)
  .option('--seed <n>', 'other questions', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--json', 'print JSON');

await runCommand<Options>(command, (options, signal) => {
  const reports = command.processedArgs[0] as string[];
  const asked = reports.length > 0 ? { ...options, reports } : options;
  return withSystem(signal, (system) => verifyReports(system, asked, signal));
});
