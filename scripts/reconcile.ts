/**
 * Compares the two stores: which visits are not billed, which payments are not marked, which cancellations are not settled,
 * which slots nobody has, what an outbox still holds, and what must not be in the ledger. What is on its way is applied
 * first; what has changed within the last minute is no difference yet.
 *
 * Usage: npm run reconcile                      what differs, by kind, with the ids of the first twenty
 *        npm run reconcile -- --apply           and repairs what can be repaired
 *        npm run reconcile -- --kind completed_without_bill --apply
 *        npm run reconcile -- --grace 0         when nothing else runs: what has just changed counts too
 *        npm run reconcile -- --json
 *
 * It may be stopped at any time, and may run while the API does; only one of them runs at a time.
 *
 * Exit codes: 0 nothing is left, 1 failed, stopped or another one runs, 2 usage, 3 cannot connect, 4 differences are left.
 */
import { Command, Option } from 'commander';
import {
  driftKinds,
  type DriftKind,
  type ReconcileReport,
} from '../src/domains/money/reconciliation/index.js';
import { table } from '../src/lib/table.js';
import type { System } from '../src/system.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { createProgressLine } from './progress.js';
import { withSystem } from './with-system.js';

interface Options {
  readonly apply?: true;
  readonly kind?: DriftKind;
  readonly grace: number;
  readonly json?: true;
}

function print({ kinds, found, repaired, left, seconds, applied }: ReconcileReport): void {
  const rows = kinds.map((one) => [one.kind, one.compared, one.found, one.repaired, one.left, one.title]);
  const headings = ['kind', 'compared', 'found', 'repaired', 'left', 'what it is'];
  process.stdout.write(`${table(headings, rows)}\n`);
  for (const { kind, examples, advice, left: ofKind } of kinds.filter((one) => one.found > 0)) {
    process.stdout.write(`\n${kind}\n`);
    for (const { id, detail, repaired: done } of examples)
      process.stdout.write(`  ${id}: ${detail}${done ? ' (repaired)' : ''}\n`);
    if (ofKind > 0 && applied) process.stdout.write(`  ${advice}\n`);
  }
  process.stdout.write(`\n${found} found, ${repaired} repaired, ${left} left, in ${seconds} s\n`);
  if (left > 0 && !applied) say('Try: npm run reconcile -- --apply');
}

async function reconcile(
  { parts }: System,
  { apply, kind, grace, json }: Options,
  signal: AbortSignal,
): Promise<ExitCode> {
  const progress = createProgressLine();
  try {
    parts.startRelays();
    const report = await parts.reconciliation.run({
      apply: apply === true,
      kinds: kind && [kind],
      graceMs: grace * 1000,
      signal,
      onProgress: (at) => progress.show(at.fraction, `${at.kind}: ${at.compared} compared`),
    });
    progress.clear();
    if (!report) throw new Error('Another reconcile is at it: try again when it is through.');
    if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else print(report);
    return report.left === 0 ? exitCodes.ok : exitCodes.foundProblem;
  } finally {
    progress.clear();
  }
}

const command = new Command('npm run reconcile --')
  .description('Compares MongoDB and Postgres, and repairs what differs.')
  .option('--apply', 'repair what can be repaired')
  .addOption(new Option('--kind <kind>', 'look for this only').choices(driftKinds))
  .option('--grace <seconds>', 'what changed so shortly ago is still on its way', wholeNumber(0, 86_400), 60)
  .option('--json', 'print the report as JSON');

await runCommand<Options>(command, (options, signal) =>
  withSystem(signal, (system) => reconcile(system, options, signal)),
);
