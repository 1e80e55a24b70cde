import type { Clock } from '../../../lib/clock.js';
import { findCsv } from './csv.js';
import { createRun, type ImportRun } from './imports.run.js';
import type { ImportOptions, ImportReport, ImportSource, ImportTargets } from './imports.types.js';
import { importMedscheduler, medschedulerFiles } from './medscheduler.run.js';
import { importSynthea, syntheaFiles } from './synthea.run.js';

export interface ImportsDeps {
  readonly targets: ImportTargets;
  readonly clock: Clock;
}

const importers: Readonly<
  Record<ImportSource, { readonly files: readonly string[]; readonly run: (run: ImportRun) => Promise<void> }>
> = {
  synthea: { files: syntheaFiles, run: importSynthea },
  medscheduler: { files: medschedulerFiles, run: importMedscheduler },
};

/** Throws ImportFailure when the directory or a file is missing, before anything is opened for the import. */
export function checkFiles(source: ImportSource, directory: string): void {
  for (const name of importers[source].files) findCsv(directory, name);
}

const total = (reasons: Readonly<Record<string, number>>): number =>
  Object.values(reasons).reduce((sum, n) => sum + n, 0);

export function createImportsService({ targets, clock }: ImportsDeps) {
  /**
   * Imports the files of a directory (docs/import.md). Idempotent: what is there already is not touched, so a run
   * that was stopped goes on by running it again. Throws ImportFailure when a file is missing or has not the columns,
   * and the signal's reason when it is stopped.
   */
  async function importFrom(options: ImportOptions): Promise<ImportReport> {
    const { source, directory } = options;
    const started = performance.now();
    const { files, run: runImport } = importers[source];
    const run = createRun(files, targets, clock.now(), options);
    await runImport(run);
    const reports = run.reports();
    const sum = (count: (file: (typeof reports)[number]) => number): number =>
      reports.reduce((all, file) => all + count(file), 0);
    const seconds = (performance.now() - started) / 1000;
    const rows_read = sum(({ read }) => read);
    return {
      source,
      directory,
      files: reports,
      made: run.made,
      rows_read,
      rows_rejected: sum(({ rejected }) => total(rejected)),
      changes: sum(({ stored }) => stored) + run.made.stored,
      seconds,
      rows_per_second: Math.round(rows_read / seconds),
    };
  }

  return {
    importFrom,
  };
}

export type ImportsService = ReturnType<typeof createImportsService>;
