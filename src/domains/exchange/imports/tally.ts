import type { FileReport, ImportError } from './imports.types.js';

/** Counts what becomes of one file's rows, and hands on those that could not be stored. */
export interface Tally {
  read(rows: number): void;
  stored(rows: number): void;
  unchanged(rows: number): void;
  skip(reason: string): void;
  adjust(reason: string): void;
  reject(line: number, id: string | null, reason: string): void;
  report(): FileReport;
}

type Reasons = Record<string, number>;

function count(reasons: Reasons, reason: string): void {
  reasons[reason] = (reasons[reason] ?? 0) + 1;
}

export function createTally(file: string, onError: (error: ImportError) => void): Tally {
  const rows = { read: 0, stored: 0, unchanged: 0 };
  const skipped: Reasons = {};
  const rejected: Reasons = {};
  const adjusted: Reasons = {};
  return {
    read: (n) => void (rows.read += n),
    stored: (n) => void (rows.stored += n),
    unchanged: (n) => void (rows.unchanged += n),
    skip: (reason) => count(skipped, reason),
    adjust: (reason) => count(adjusted, reason),
    reject(line, id, reason) {
      count(rejected, reason);
      onError({ file, line, id, reason });
    },
    report: () => ({ file, ...rows, skipped, rejected, adjusted }),
  };
}
