import type { Difference, VerifiedReport } from '../src/domains/reports/engine/index.js';
import { table } from '../src/lib/table.js';
import { unlessStopped } from '../src/stop-signal.js';
import type { System } from '../src/system.js';
import { exitCodes, say, type ExitCode } from './command.js';

export interface VerifyOptions {
  readonly sample: number;
  readonly seed: number;
  /** Only these; all by default. */
  readonly reports?: readonly string[];
  readonly json?: true;
}

const shownDifferences = 10;

function tell({ report, query, what, mirror, definition }: Difference): void {
  say(`${report} ${JSON.stringify(query)}: ${what}`);
  say(`  mirror:     ${JSON.stringify(mirror)}`);
  say(`  definition: ${JSON.stringify(definition)}`);
}

const line = ({ report, questions, rows, differences }: VerifiedReport) => [
  ...[report, questions, rows, differences.length],
];

/** Compares what a mirror of its own answers with what the records say, and prints that. */
export async function verifyReports(
  { parts }: System,
  { sample, seed, reports, json }: VerifyOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  if (!parts.mirror) {
    say('MIRROR_MEGABYTES is 0: there is no mirror that could be compared.');
    return exitCodes.usage;
  }
  parts.mirror.start();
  const onReport = ({ report }: VerifiedReport): void => say(`${report} is compared`);
  const verified = await unlessStopped(
    signal,
    parts.verification.verifyReports({ sample, seed, signal, reports, onReport }),
  );
  const differences = verified.flatMap((one) => one.differences);
  if (json)
    process.stdout.write(`${JSON.stringify({ seed, differences: differences.length, verified }, null, 2)}\n`);
  else {
    const head = ['report', 'questions', 'rows compared', 'differences'];
    process.stdout.write(`${table(head, verified.map(line))}\n`);
    for (const difference of differences.slice(0, shownDifferences)) tell(difference);
  }
  return differences.length === 0 ? exitCodes.ok : exitCodes.foundProblem;
}
