/**
 * What do reports cost? Asks every report over HTTP and by one reader, on systems of several sizes in turns: when the mirror must
 * compute its answer, when it is kept, and by its definition. Then how long the mirror lags behind writes and an import of many
 * records, whether it equals a recount meanwhile and after them, and how often the store is asked for the same by many at once.
 *
 * Usage: npm run bench:reports                                  100,000, 400,000 and 1,600,000 appointments, five rounds
 *        npm run bench:reports -- --sizes 20000 --rounds 3 --requests 20
 *        npm run bench:reports -- --only lag,single-flight
 *        npm run bench:reports -- --sizes 100000 --only import --synthea DIR
 *        npm run bench:reports -- --json
 *        npm run bench:reports -- --uri mongodb://… --postgres-uri postgres://…   on your servers, in databases of its own
 *
 * Times are those in the server, which its log tells of each request. Each figure is the median of the rounds, each ratio that
 * of the rounds' ratios; in a round every size is measured. Lag, import, recount and single flight are measured
 * at the largest size.
 *
 * Exit codes: 0 measured, whatever the goals; 4 an answer was not what was asked for, or the mirror differs from the definition;
 * 1 failed, 2 usage, 3 the servers did not start or answer.
 */
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { exitCodes, existing, runCommand, say, wholeNumber, type ExitCode } from '../scripts/command.js';
import { namesAmong, secondsOf } from './contenders/setting.js';
import { machineOf } from './machine.js';
import { startMirror } from './mirrors.js';
import { goalsOf, growthOf, topics, type Topic } from './reports/goals.js';
import { measureImport } from './reports/importing.js';
import { measureLag } from './reports/lag.js';
import { measureFlights, verify, withObserver } from './reports/observed.js';
import { measureServing, type Serving } from './reports/serving.js';
import { withSizes, type Sized } from './reports/systems.js';
import { print, remarks, type Bench } from './reports/tables.js';
import { checkServers, givenServers, serverOptions, type ServerOptions } from './servers.js';

interface Options extends ServerOptions {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly requests: number;
  readonly seconds: number;
  readonly sample: number;
  readonly only?: readonly Topic[];
  readonly synthea: string;
  readonly json?: true;
}

/** What was measured before it is worth more than a run that fails. */
const notMeasured =
  (signal: AbortSignal) =>
  (error: Error): null => {
    signal.throwIfAborted();
    say(`The import was not measured: ${error.message}`);
    return null;
  };

const nothingServed: Serving = { served: [], wrong: [], unexpected: {} };

async function bench(systems: readonly Sized[], options: Options, signal: AbortSignal): Promise<Bench> {
  const { sizes, rounds, requests, seconds, sample, only = topics, synthea: folder } = options;
  const { connection, knex } = systems[0]!.system.around.stores;
  const largest = systems.toSorted((a, b) => b.appointments - a.appointments)[0]!;
  const isAsked = (topic: Topic): boolean => only.includes(topic);
  const serving = isAsked('reports')
    ? await measureServing(systems, { rounds, requests, signal })
    : nothingServed;
  const observed = await withObserver(largest, async (observer) => {
    const flight = isAsked('single-flight')
      ? await measureFlights(observer, largest, { rounds, signal })
      : null;
    const isWatched = isAsked('lag') || isAsked('import');
    const mirror = observer.parts.mirror!;
    if (isWatched) await startMirror(mirror);
    const lags = isAsked('lag') ? await measureLag(mirror, largest, { rounds, seconds, signal }) : [];
    const importing = isAsked('import')
      ? await measureImport(largest, observer, { folder, seconds, signal }).catch(notMeasured(signal))
      : null;
    if (!isWatched) return { flight, lags, importing, verified: null };
    say(`comparing the mirror with a recount, ${sample} questions a report at the most`);
    return { flight, lags, importing, verified: await verify(observer, { sample, seed: 1, signal }) };
  });
  const figures = { sizes, served: serving.served, growth: growthOf(serving.served), ...observed };
  const faults: Record<string, number> = {};
  for (const { api } of systems)
    for (const [what, times] of Object.entries(api.faults)) faults[what] = (faults[what] ?? 0) + times;
  return {
    ...{ machine: await machineOf(connection, knex), rounds, requests, seconds },
    systems: systems.map(({ appointments, records, in_step_after_s }) => ({
      ...{ appointments, records, in_step_after_s },
    })),
    ...serving,
    ...figures,
    goals: goalsOf(figures),
    faults,
  };
}

/** What was not as it should be, a line each. */
function wrongIn(
  { wrong, unexpected, flight, importing, verified, faults }: Bench,
  isImported: boolean,
): string[] {
  return [
    ...wrong,
    ...Object.entries(unexpected).map(([what, times]) => `${what}, ${times} times`),
    ...(flight && flight.unexpected > 0
      ? [`${flight.unexpected} of those who asked at once got no answer`]
      : []),
    ...[...(importing?.verified.differences ?? []), ...(verified?.differences ?? [])].map(
      (one) => `not equal to a recount: ${JSON.stringify(one)}`,
    ),
    ...(isImported && !importing ? ['the import was not measured'] : []),
    ...Object.entries(faults).map(([what, times]) => `logged as an error: ${what}, ${times} times`),
  ];
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const given = givenServers(options);
  const result = await withSizes({ sizes: options.sizes, given, signal }, (systems) =>
    bench(systems, options, signal),
  );
  if (options.json) process.stdout.write(`${JSON.stringify({ ...result, remarks }, null, 2)}\n`);
  else print(result);
  const wrong = wrongIn(result, (options.only ?? topics).includes('import'));
  for (const line of wrong) say(line);
  return wrong.length === 0 ? exitCodes.ok : exitCodes.foundProblem;
}

function sizesOf(text: string): number[] {
  const one = wholeNumber(100, 10_000_000);
  const sizes = text.split(',').map((part) => one(part));
  if (new Set(sizes).size === sizes.length) return sizes.sort((a, b) => a - b);
  throw new InvalidArgumentError('Each size goes once.');
}

/** A small slice. */
const sliceFiles = fileURLToPath(new URL('../tests/exchange/imports/data/synthea', import.meta.url));

const command = serverOptions(
  new Command('npm run bench:reports --')
    .description(
      'Measures the reports from the mirror at several sizes, and how far it lags behind what is written.',
    )
    .option('--sizes <n,…>', 'how many appointments there are, about', sizesOf, [100_000, 400_000, 1_600_000])
    .option('--rounds <n>', 'how often each figure is measured', wholeNumber(1, 100), 5)
    .option('--requests <n>', 'of each question in a round, computed and kept', wholeNumber(1, 10_000), 40)
    .option(
      '--seconds <s>',
      'how long is written in a round, at each rate, and asked beside an import',
      secondsOf,
      5,
    )
    .option('--sample <n>', 'questions of the recount, a report', wholeNumber(1, 10_000), 10)
    .option('--synthea <dir>', 'the files of Synthea that are imported', existing, sliceFiles)
    .option('--only <names>', `some of ${topics.join(', ')}`, namesAmong(topics))
    .option('--json', 'JSON instead of tables'),
);

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  return run(options, signal);
});
