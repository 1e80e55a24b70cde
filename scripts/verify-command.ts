import type { Difference, FastPathName, VerifiedReport } from '../src/domains/reports/engine/index.js';
import { table } from '../src/lib/table.js';
import { unlessStopped } from '../src/stop-signal.js';
import type { System } from '../src/system.js';
import { exitCodes, say, type ExitCode } from './command.js';

export interface VerifyOptions {
  readonly sample: number;
  readonly seed: number;
  /** Only these; all by default. */
  readonly reports?: readonly string[];
  /** What is compared with the records; all by default. */
  readonly paths?: readonly FastPathName[];
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

/** Compares what is answered fast with what the records say, and prints that. */
export async function verifyReports(
  { parts }: System,
  { sample, seed, reports, paths, json }: VerifyOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  // Where no server runs, nobody else keeps the figures.
  if (paths?.includes('rollups') ?? true) parts.upkeep.start();
  parts.mirror?.start();
  const onReport = ({ report }: VerifiedReport): void => say(`${report} is compared`);
  const verified = await unlessStopped(
    signal,
    parts.verification.verifyReports({ sample, seed, signal, reports, paths, onReport }),
  );
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
