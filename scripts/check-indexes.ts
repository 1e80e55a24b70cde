/**
 * Compares the indexes that the models declare with those that both stores have: missing, different, extra,
 * redundant (the prefix of another), invalid, and unused (by the counters of all members of the replica set).
 *
 * Usage: npm run db:indexes                            prints what is found
 *        npm run db:indexes -- --apply                 builds what is missing
 *        npm run db:indexes -- --apply --drop-extra    and drops what nothing declares, builds anew what differs
 *        npm run db:indexes -- --json
 *
 * Exit codes: 0 no difference, 2 usage, 3 cannot connect, 4 a difference is left. An unused index is no difference: use
 * depends on what has been asked so far.
 */
import { Command } from 'commander';
import { loadConfig } from '../src/config.js';
import { applyIndexes, checkIndexes, type IndexCheck } from '../src/databases/index-check.js';
import { isDifference } from '../src/databases/index-diff.js';
import { createLogger } from '../src/lib/logger.js';
import { table } from '../src/lib/table.js';
import { models } from '../src/models.js';
import { unlessStopped } from '../src/stop-signal.js';
import { openStores, type Stores } from '../src/stores.js';
import { exitCodes, runCommand, say, type ExitCode } from './command.js';

interface Options {
  readonly apply?: true;
  readonly dropExtra?: true;
  readonly json?: true;
}

function print({ findings, silent_members }: IndexCheck, done: readonly string[], json?: boolean): void {
  const differences = findings.filter(isDifference).length;
  if (json) {
    process.stdout.write(`${JSON.stringify({ differences, done, findings, silent_members }, null, 2)}\n`);
    return;
  }
  const rows = findings.map(({ store, place, name, finding, detail }) => [
    store,
    place,
    name,
    finding,
    detail,
  ]);
  if (rows.length > 0)
    process.stdout.write(`${table(['store', 'collection', 'index', 'finding', 'detail'], rows)}\n`);
  for (const line of done) process.stdout.write(`${line}\n`);
  process.stdout.write(
    differences === 0
      ? 'The indexes are as declared.\n'
      : `${differences} differences from what is declared.\n`,
  );
  for (const member of silent_members)
    say(`${member} did not answer: what only it has read counts as unused.`);
  if (differences > 0) {
    const drops = findings.some(({ finding }) => finding === 'extra' || finding === 'different');
    say(`Try: npm run db:indexes -- --apply${drops ? ' --drop-extra' : ''}`);
  }
}

async function check(
  stores: Stores,
  { apply, dropExtra, json }: Options,
  signal: AbortSignal,
): Promise<ExitCode> {
  let found = await checkIndexes(stores, models);
  signal.throwIfAborted();
  const done = apply
    ? await applyIndexes(stores, models, found.findings, { dropExtra: dropExtra === true })
    : [];
  if (done.length > 0) found = await checkIndexes(stores, models);
  print(found, done, json);
  return found.findings.some(isDifference) ? exitCodes.foundProblem : exitCodes.ok;
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const config = loadConfig();
  const stores = await openStores(config, createLogger('warn'), { prepare: false });
  try {
    signal.throwIfAborted();
    return await unlessStopped(signal, check(stores, options, signal));
  } finally {
    await stores.close();
  }
}

const command = new Command('npm run db:indexes --')
  .description('Compares the declared indexes with those of both stores.')
  .option('--apply', 'build what is missing or broken')
  .option('--drop-extra', 'with --apply: drop what nothing declares, build anew what differs')
  .option('--json', 'print JSON');

await runCommand<Options>(command, (options, signal) => {
  if (options.dropExtra && !options.apply)
    command.error('error: --drop-extra needs --apply', { exitCode: exitCodes.usage });
  return run(options, signal);
});
