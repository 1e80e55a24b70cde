/**
 * Imports the CSV files of another system, idempotently; a run that was stopped goes on when it is
 * started again.
 *
 * Usage: npm run import -- --source synthea DIR
 *        npm run import -- --source medscheduler DIR [--errors FILE] [--json]
 *
 * DIR holds the files as .csv or .csv.gz. A row that can't be stored never stops the rest: it is counted with its reason
 * and named, as a line of JSON, in the errors file (DATA_DIR/import-errors-<source>.ndjson by default).
 *
 * Exit codes: 0 all rows are stored, 1 failed or stopped, 2 usage, 3 cannot connect, 4 some rows could not be stored.
 */
import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { loadConfig } from '../src/config.js';
import {
  checkFiles,
  importSources,
  type ImportProgress,
  type ImportReport,
  type ImportSource,
} from '../src/domains/exchange/imports/index.js';
import { table } from '../src/lib/table.js';
import type { System } from '../src/system.js';
import { existing, exitCodes, runCommand, say, type ExitCode } from './command.js';
import { createProgressLine } from './progress.js';
import { withSystem } from './with-system.js';

interface Options {
  readonly source: ImportSource;
  readonly errors?: string;
  readonly json?: true;
}

const total = (reasons: Readonly<Record<string, number>>): number =>
  Object.values(reasons).reduce((sum, n) => sum + n, 0);

function print(report: ImportReport): void {
  const headings = ['file', 'read', 'stored', 'unchanged', 'skipped', 'not stored'];
  const rows = report.files.map(({ file, read, stored, unchanged, skipped, rejected }) => [
    file,
    ...[read, stored, unchanged, total(skipped), total(rejected)],
  ]);
  process.stdout.write(`${table(headings, rows)}\n`);
  for (const { file, skipped, rejected, adjusted } of report.files) {
    for (const [what, reasons] of Object.entries({ skipped, 'not stored': rejected, adjusted }))
      for (const [reason, count] of Object.entries(reasons))
        process.stdout.write(`${file}: ${count} ${what}: ${reason}\n`);
  }
  const { rows_read, seconds, rows_per_second, changes, made } = report;
  if (made.stored > 0) process.stdout.write(`${made.stored} departments and the like made for them\n`);
  process.stdout.write(
    `${rows_read} rows in ${seconds.toFixed(1)} s, ${rows_per_second} rows/s, ${changes} changes\n`,
  );
}

async function openErrors(path: string): Promise<WriteStream> {
  mkdirSync(dirname(path), { recursive: true });
  const stream = createWriteStream(path);
  await once(stream, 'open');
  return stream;
}

async function importRecords(
  { parts }: System,
  directory: string,
  { source, errors, json }: Options,
  signal: AbortSignal,
): Promise<ExitCode> {
  const path = errors ?? join(loadConfig().dataDir, `import-errors-${source}.ndjson`);
  const file = await openErrors(path);
  const progress = createProgressLine();
  try {
    const report = await parts.imports.importFrom({
      source,
      directory,
      signal,
      onError: (error) => void file.write(`${JSON.stringify(error)}\n`),
      onProgress: ({ file: name, rows, fraction }: ImportProgress) =>
        progress.show(fraction, `${name}, ${rows} rows`),
    });
    progress.clear();
    if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else print(report);
    if (report.rows_rejected === 0) return exitCodes.ok;
    say(`${report.rows_rejected} rows could not be stored; they are named in ${path}`);
    return exitCodes.foundProblem;
  } finally {
    progress.clear();
    file.end();
    await once(file, 'close');
  }
}

const command = new Command('npm run import --')
  .description('Imports the CSV files of another system')
  .argument('<dir>', 'the directory with the files, .csv or .csv.gz', existing)
  .addOption(
    new Option('--source <source>', 'whose files they are').choices(importSources).makeOptionMandatory(),
  )
  .option('--errors <file>', 'where rows that could not be stored are named, a line of JSON each')
  .option('--json', 'print the report as JSON');

await runCommand<Options>(command, (options, signal) => {
  const directory = command.args[0]!;
  try {
    checkFiles(options.source, directory);
  } catch (error) {
    command.error(`error: ${(error as Error).message}`, { exitCode: exitCodes.usage });
  }
  return withSystem(signal, (system) => importRecords(system, directory, options, signal));
});
