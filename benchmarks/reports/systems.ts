import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../../scripts/command.js';
import type { ApiProcess } from '../../scripts/api-process.js';
import { signedIn } from '../../scripts/drill-hospital.js';
import { withOwnServers } from '../../scripts/own-servers.js';
import { loadConfig } from '../../src/config.js';
import { makeRecords, recordsOf } from '../records.js';
import { withBenchSystem, type BenchSystem, type GivenServers } from '../servers.js';
import { questionsOn, type Question } from './questions.js';
import { createServerTimes, type ServerTimes } from './server-times.js';

/** What it took to sum up all that is stored. */
export interface Build {
  readonly name: string;
  readonly documents: number;
  readonly seconds: number;
  readonly documents_per_second: number;
}

/** An API that keeps its figures, on records of one size. */
export interface Sized {
  /** As asked for; `records` has what there is. */
  readonly appointments: number;
  readonly records: Readonly<Record<string, number>>;
  readonly system: BenchSystem;
  readonly api: ApiProcess;
  readonly times: ServerTimes;
  readonly builds: readonly Build[];
  /** Of an admin. */
  readonly token: string;
  readonly questions: readonly Question[];
}

interface SystemsOptions {
  readonly sizes: readonly number[];
  readonly given: GivenServers | undefined;
  readonly signal: AbortSignal;
}

type Filled = Pick<Sized, 'appointments' | 'system' | 'times'>;

const lookMs = 50;

async function documentsOf({ around, parts }: BenchSystem): Promise<Map<string, number>> {
  const { connection } = around.stores;
  const counts = new Map<string, number>();
  for (const { name, sources } of Object.values(parts.projectors)) {
    let documents = 0;
    for (const source of sources) documents += await connection.collection(source).estimatedDocumentCount();
    counts.set(name, documents);
  }
  return counts;
}

/** From when a projector has begun to build until its figures are live. Both build at once, in the process of the API. */
async function watchBuilds(
  system: BenchSystem,
  starting: Promise<ApiProcess>,
  signal: AbortSignal,
): Promise<Build[]> {
  let api: ApiProcess | undefined;
  starting.then(
    (started) => (api = started),
    () => undefined,
  );
  const documents = await documentsOf(system);
  const watch = async (projector: BenchSystem['parts']['projectors']['documents']): Promise<Build> => {
    for (let begun: number | undefined; ; await sleep(lookMs, undefined, { signal })) {
      // Nobody else would go on with it.
      api?.assertAlive();
      const { state, isCurrent } = await projector.report();
      if (!state) continue;
      begun ??= performance.now();
      if (state.status !== 'live' || !isCurrent) continue;
      const seconds = Math.max(lookMs, performance.now() - begun) / 1000;
      const read = documents.get(projector.name)!;
      const documents_per_second = Math.round(read / seconds);
      say(
        `${projector.name}: ${read} documents in ${seconds.toFixed(1)} s, ${documents_per_second} a second`,
      );
      return { name: projector.name, documents: read, seconds, documents_per_second };
    }
  };
  return Promise.all(Object.values(system.parts.projectors).map(watch));
}

/** Until what was billed is summed by its levels, which the API does in turns. */
async function watchFolds({ around }: BenchSystem, signal: AbortSignal): Promise<void> {
  const isLeft = async (): Promise<boolean> => {
    const { rows } = await around.stores.knex.raw<{ rows: { left: boolean }[] }>(
      'select exists (select from rollup_ledger_deltas) as left',
    );
    return rows[0]!.left;
  };
  while (await isLeft()) await sleep(1_000, undefined, { signal });
}

const signIn = ({ parts }: BenchSystem): Promise<string> =>
  signedIn(parts, {
    ...{ email: 'reader@bench.example', password: 'the one who asks for reports' },
    ...{ name: 'Reader', role: 'admin' as const },
  });

async function startOn({ appointments, system, times }: Filled, signal: AbortSignal): Promise<Sized> {
  const { connection, knex } = system.around.stores;
  say(`${appointments} appointments: starting the API, which builds its figures`);
  // A definition may take minutes; what it logs of a request is how its time is known.
  const settings = { LOG_LEVEL: 'info', ROLLUPS: 'true', REPORT_SECONDS: '600' };
  const starting = system.startApi(settings);
  const [api, builds] = await Promise.all([starting, watchBuilds(system, starting, signal)]);
  await watchFolds(system, signal);
  // As autovacuum would some minutes later.
  await knex.raw('vacuum analyze');
  return {
    ...{ appointments, system, times, api, builds },
    records: await recordsOf(connection, knex),
    token: await signIn(system),
    questions: await questionsOn(connection),
  };
}

/**
 * Fills databases of each size on the same servers, then starts an API on each, one after the other. All of them are there at
 * once, so that sizes can be measured in turns.
 */
export async function withSizes<T>(
  { sizes, given, signal }: SystemsOptions,
  use: (systems: readonly Sized[]) => Promise<T>,
): Promise<T> {
  async function startAll(filled: readonly Filled[]): Promise<T> {
    const systems: Sized[] = [];
    for (const one of filled) systems.push(await startOn(one, signal));
    return use(systems);
  }
  const fill = (servers: GivenServers, filled: readonly Filled[]): Promise<T> => {
    const appointments = sizes[filled.length];
    if (appointments === undefined) return startAll(filled);
    const times = createServerTimes(say);
    return withBenchSystem({ given: servers, log: times.onLine, signal }, async (system) => {
      await makeRecords(system.parts, appointments, signal);
      return fill(servers, [...filled, { appointments, system, times }]);
    });
  };
  if (given) return fill(given, []);
  const { mongodBinary } = loadConfig();
  return withOwnServers({ mongodBinary, nodes: 3, cacheGb: 1, log: say, signal }, (servers) =>
    fill({ uri: servers.mongodbUri, postgresUri: servers.postgresUri }, []),
  );
}
