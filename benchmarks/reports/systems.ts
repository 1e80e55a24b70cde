import { say } from '../../scripts/command.js';
import type { ApiProcess } from '../../scripts/api-process.js';
import { signedIn } from '../../scripts/drill-hospital.js';
import { withOwnServers } from '../../scripts/own-servers.js';
import { loadConfig } from '../../src/config.js';
import { builtWithinMs } from '../mirrors.js';
import { makeRecords, recordsOf } from '../records.js';
import { withBenchSystem, type BenchSystem, type GivenServers } from '../servers.js';
import { questionsOn, type Question } from './questions.js';
import { untilMirrored } from './reader.js';
import { createServerTimes, type ServerTimes } from './server-times.js';

/** An API that answers from its mirror, on records of one size. */
export interface Sized {
  /** As asked for; `records` has what there is. */
  readonly appointments: number;
  readonly records: Readonly<Record<string, number>>;
  readonly system: BenchSystem;
  readonly api: ApiProcess;
  readonly times: ServerTimes;
  /** From when the API listened until its mirror answered. */
  readonly in_step_after_s: number;
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

const signIn = ({ parts }: BenchSystem): Promise<string> =>
  signedIn(parts, {
    ...{ email: 'reader@bench.example', password: 'the one who asks for reports' },
    ...{ name: 'Reader', role: 'admin' as const },
  });

async function startOn({ appointments, system, times }: Filled, signal: AbortSignal): Promise<Sized> {
  const { connection, knex } = system.around.stores;
  // As autovacuum would some minutes later.
  await knex.raw('vacuum analyze');
  const token = await signIn(system);
  say(`${appointments} appointments: starting the API, which reads all records into its mirror`);
  // A definition may take minutes; what it logs of a request is how its time is known. A snapshot would be saved while it is asked.
  const settings = { LOG_LEVEL: 'info', REPORT_SECONDS: '600', MIRROR_SNAPSHOT_MINUTES: '0' };
  const api = await system.startApi(settings);
  const started = performance.now();
  await untilMirrored({ api, token }, { withinMs: builtWithinMs, signal });
  return {
    ...{ appointments, system, times, api, token },
    in_step_after_s: (performance.now() - started) / 1000,
    records: await recordsOf(connection, knex),
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
