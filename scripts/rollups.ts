/**
 * The sums that the reports answer from: how they are doing, and building them anew. A running API follows what is written
 * by itself and builds what must be built; nobody needs this but to look, or when a sum is doubted (`npm run verify-reports`).
 *
 * Usage: npm run rollups -- status                    how far each has come, and who keeps it
 *        npm run rollups -- rebuild                   from the start; reports answer from the records meanwhile
 *        npm run rollups -- rebuild --only mongodb    only these
 *        npm run rollups -- status --json
 *
 * A rebuild may be stopped at any time: a running API, its next start or the same command goes on from there.
 *
 * Exit codes: 0 all are live, 1 failed or stopped, 2 usage, 3 cannot connect, 4 some are not live.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Argument, Command, InvalidArgumentError } from 'commander';
import type { ProjectionReport, SupervisedProjector } from '../src/databases/projector/projector.js';
import { table } from '../src/lib/table.js';
import { dateOf } from '../src/lib/write-time.js';
import type { System } from '../src/system.js';
import { exitCodes, runCommand, say, type ExitCode } from './command.js';
import { createProgressLine } from './progress.js';
import { withSystem } from './with-system.js';

interface Options {
  readonly only?: readonly string[];
  readonly json?: true;
}

const lookMs = 200;

const isLive = ({ state, isCurrent }: ProjectionReport): boolean => state?.status === 'live' && isCurrent;

function statusOf({ state, isCurrent }: ProjectionReport): string {
  if (!state) return 'not built';
  if (!isCurrent) return 'to be built';
  return state.build ? `${state.status}: ${state.build.collection}` : state.status;
}

const told = (report: ProjectionReport) => ({
  name: report.name,
  status: statusOf(report),
  live: isLive(report),
  version: report.state?.version ?? null,
  up_to: report.state ? dateOf(report.state.position).toISOString() : null,
  lag_seconds: report.lag_seconds,
  documents_read: report.state?.build?.documents ?? null,
  failed: (report.state?.set_aside ?? []).map(({ collection, id, reason }) => ({
    collection,
    _id: id,
    reason,
  })),
  kept_by: report.lease && report.lease.until > new Date() ? report.lease.holder : null,
});

async function show(projectors: readonly SupervisedProjector[], { json }: Options): Promise<ExitCode> {
  const reports = await Promise.all(projectors.map((projector) => projector.report()));
  const all = reports.map(told);
  if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  else {
    const rows = all.map((one) => [
      ...[one.name, one.status, one.version ?? '', one.up_to ?? ''],
      ...[one.lag_seconds?.toFixed(1) ?? '', one.kept_by ?? 'nobody'],
    ]);
    process.stdout.write(`${table(['sums', 'status', 'version', 'up to', 'lag s', 'kept by'], rows)}\n`);
    for (const { name, failed } of all)
      for (const { collection, _id, reason } of failed)
        process.stdout.write(`${name} cannot count ${collection} ${_id}: ${reason}\n`);
  }
  return reports.every(isLive) ? exitCodes.ok : exitCodes.foundProblem;
}

/** How many documents a build has to read, as the collections' own counts have it. */
async function countDocuments({ around }: System, { sources }: SupervisedProjector): Promise<number> {
  const { connection } = around.stores;
  const counts = sources.map((name) => connection.collection(name).estimatedDocumentCount());
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

async function rebuild(system: System, projector: SupervisedProjector, signal: AbortSignal): Promise<void> {
  const total = await countDocuments(system, projector);
  const before = (await projector.report()).state?.version ?? 0;
  // Where an API runs it keeps the lease and builds; this process takes over if it goes, and builds where none runs.
  await projector.rebuild();
  projector.start();
  const progress = createProgressLine();
  const started = performance.now();
  try {
    for (;;) {
      const report = await projector.report();
      const { state } = report;
      const seconds = (performance.now() - started) / 1000;
      if (state && report.isCurrent && !state.build && state.version > before) {
        progress.clear();
        return say(`${projector.name}: built in ${seconds.toFixed(1)} s, about ${total} documents`);
      }
      const done = state?.build?.documents ?? 0;
      const text = `${projector.name}: ${done} of about ${total} documents, ${Math.round(done / seconds)} a second`;
      progress.show(total === 0 ? 0 : done / total, text);
      await sleep(lookMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    progress.clear();
  }
}

async function run(system: System, action: string, options: Options, signal: AbortSignal): Promise<ExitCode> {
  const all: readonly SupervisedProjector[] = Object.values(system.parts.projectors);
  const unknown = options.only?.find((name) => !all.some((projector) => projector.name === name));
  if (unknown !== undefined) {
    say(`error: there are no sums named ${unknown}: there are ${all.map(({ name }) => name).join(', ')}.`);
    return exitCodes.usage;
  }
  const projectors = all.filter(({ name }) => options.only?.includes(name) ?? true);
  if (action === 'rebuild') for (const projector of projectors) await rebuild(system, projector, signal);
  return show(projectors, options);
}

function listed(name: string, before: readonly string[] = []): string[] {
  if (name === '') throw new InvalidArgumentError('It must be the name of some sums.');
  return [...before, name];
}

const command = new Command('npm run rollups --')
  .description('Shows how the sums of the reports are doing, or has them built anew.')
  .addArgument(new Argument('<action>', 'what to do').choices(['status', 'rebuild']))
  .option('--only <name>', 'only these sums; may be given several times', listed)
  .option('--json', 'print JSON');

await runCommand<Options>(command, (options, signal) =>
  withSystem(signal, (system) => run(system, command.args[0]!, options, signal)),
);
