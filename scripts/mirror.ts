/**
 * The mirrors: rows of both stores in each process that serves reports, which they answer from. A running API keeps its own in step
 * by itself; nobody needs this but to look, or when a figure is doubted.
 *
 * Usage: npm run mirror -- status              of each process: whether it is live, up to when, and what the process takes
 *        npm run mirror -- rebuild             has all processes read their rows anew; the records answer meanwhile
 *        npm run mirror -- verify              a mirror of its own, compared with the records (also: npm run verify-reports)
 *        npm run mirror -- verify --sample 10
 *        npm run mirror -- status --json
 *
 * A rebuild that is stopped goes on in the processes that were asked.
 *
 * Exit codes: 0 all are live, or no difference; 1 failed or stopped; 2 usage; 3 cannot connect; 4 none is there, some are not live,
 * or differences.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Argument, Command } from 'commander';
import type { MirrorDocument } from '../src/domains/reports/mirror/mirrors.model.js';
import { table } from '../src/lib/table.js';
import type { System } from '../src/system.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { createProgressLine } from './progress.js';
import { verifyReports } from './verify-command.js';
import { withSystem } from './with-system.js';

interface Options {
  readonly sample: number;
  readonly seed: number;
  readonly json?: true;
}

const lookMs = 500;

async function show({ parts }: System, { json }: Options): Promise<ExitCode> {
  const all = await parts.mirrors.living();
  const told = all.map(({ _id, status, position, lag_seconds, memory, uncountable, is_full }) => ({
    ...{ process: _id, status, up_to: position?.toISOString() ?? null, lag_seconds },
    ...{ megabytes: Math.round(memory / 1024 ** 2), uncountable, is_full },
  }));
  if (json) process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  else if (told.length === 0) say('No process with a mirror is running.');
  else {
    const rows = told.map((one) => [
      ...[one.process, one.status, one.up_to ?? '', one.lag_seconds?.toFixed(1) ?? '', one.megabytes],
    ]);
    process.stdout.write(`${table(['process', 'status', 'up to', 'lag s', 'MB'], rows)}\n`);
    for (const one of told) {
      if (one.is_full) process.stdout.write(`${one.process}: all rows do not fit into MIRROR_MEGABYTES\n`);
      for (const { collection, id, reason } of one.uncountable)
        process.stdout.write(`${one.process} cannot count ${collection} ${id}: ${reason}\n`);
    }
  }
  return told.length > 0 && told.every(({ status }) => status === 'live')
    ? exitCodes.ok
    : exitCodes.foundProblem;
}

const isRebuilt = (asked: MirrorDocument, now: MirrorDocument): boolean =>
  now.status === 'live' && now.rebuilt_for?.getTime() === asked.rebuild_asked_at?.getTime();

/** Waits until those that were asked are live again; one that ends meanwhile is waited for no longer. */
async function rebuild({ parts }: System, signal: AbortSignal): Promise<void> {
  const asked = await parts.mirrors.askRebuild();
  const progress = createProgressLine();
  const started = performance.now();
  try {
    for (;;) {
      const now = new Map((await parts.mirrors.living()).map((one) => [one._id, one]));
      const left = asked.filter((one) => now.has(one._id) && !isRebuilt(one, now.get(one._id)!));
      const done = asked.length - left.length;
      if (left.length === 0) {
        progress.clear();
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        return say(`${asked.length} of ${asked.length} mirrors built anew in ${seconds} s`);
      }
      progress.show(done / asked.length, `${done} of ${asked.length} mirrors`);
      await sleep(lookMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    progress.clear();
  }
}

async function run(system: System, action: string, options: Options, signal: AbortSignal): Promise<ExitCode> {
  if (action === 'verify') return verifyReports(system, options, signal);
  if (action === 'rebuild') await rebuild(system, signal);
  return show(system, options);
}

const command = new Command('npm run mirror --')
  .description(
    'Shows the rows that reports answer from, has them read anew, or compares them with the records.',
  )
  .addArgument(new Argument('<action>', 'what to do').choices(['status', 'rebuild', 'verify']))
  .option('--sample <n>', 'verify: questions for each report, at the most', wholeNumber(1, 100_000), 60)
  .option('--seed <n>', 'verify: other questions', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--json', 'print JSON');

await runCommand<Options>(command, (options, signal) =>
  withSystem(signal, (system) => run(system, command.processedArgs[0] as string, options, signal)),
);
