import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { MongoClient } from 'mongodb';
import { apiSettings, startApiProcess, type ApiProcess } from '../scripts/api-process.js';
import { addressOf, exitCodes } from '../scripts/command.js';
import { primaryOf } from '../scripts/drill/faults.js';
import { createDatabase } from '../scripts/own-database.js';
import { withOwnServers } from '../scripts/own-servers.js';
import { loadConfig, readConfig } from '../src/config.js';
import { opening } from '../src/databases/failures.js';
import { createLogger } from '../src/lib/logger.js';
import { openSystem, type System } from '../src/system.js';

/** Servers of the caller's: databases are made on them, and dropped at the end. */
export interface GivenServers {
  readonly uri: string;
  readonly postgresUri: string;
}

/** The caller's servers, as options: both or none of them. */
export type ServerOptions = Partial<GivenServers>;

export const serverOptions = (command: Command): Command =>
  command
    .option(
      '--uri <uri>',
      'a replica set of yours, with --postgres-uri',
      addressOf('mongodb', 'mongodb\\+srv'),
    )
    .option(
      '--postgres-uri <uri>',
      'a Postgres of yours whose role may create databases',
      addressOf('postgres', 'postgresql'),
    );

/** Ends with a usage error when only one of the servers is given. */
export function checkServers(command: Command, { uri, postgresUri }: ServerOptions): void {
  if ((uri === undefined) !== (postgresUri === undefined))
    command.error('error: --uri and --postgres-uri need one another', { exitCode: exitCodes.usage });
}

export const givenServers = ({ uri, postgresUri }: ServerOptions): GivenServers | undefined =>
  uri !== undefined && postgresUri !== undefined ? { uri, postgresUri } : undefined;

/** A new system, its databases empty, for a benchmark that asks it over HTTP. */
export interface BenchSystem extends System {
  /** Names our database in it. */
  readonly mongodbUri: string;
  readonly postgresUri: string;
  /** Our database; those of others begin with it and `_`, and are dropped with it. */
  readonly database: string;
  /** For files; gone at the end. */
  readonly dataDir: string;
  /** The primary, when the set is an embedded one. */
  readonly mongodPid: number | undefined;
  /** `root`: a checkout of another version. */
  startApi(settings?: Readonly<Record<string, string>>, root?: string): Promise<ApiProcess>;
}

interface Place {
  readonly mongodbUri: string;
  readonly postgresUri: string;
  readonly dataDir: string;
  readonly database: string;
  readonly mongodPid: number | undefined;
}

interface BenchSystemOptions {
  /** An embedded replica set of three and a Postgres, in a temporary folder, unless given. */
  readonly given?: GivenServers | undefined;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** `mongodb://…/other?replicaSet=rs0` → `mongodb://…/name?replicaSet=rs0` */
export const withDatabase = (uri: string, name: string): string =>
  uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${name}`);

async function onGiven<T>({ uri, postgresUri }: GivenServers, use: (place: Place) => Promise<T>): Promise<T> {
  const database = `bench_${randomBytes(4).toString('hex')}`;
  const mongo = await opening(uri, () => MongoClient.connect(uri));
  const made = await opening(postgresUri, () => createDatabase(postgresUri, database)).catch(
    async (error: unknown) => {
      await mongo.close();
      throw error;
    },
  );
  const dataDir = await mkdtemp(join(tmpdir(), 'smart-healthcare-bench-'));
  const place = { mongodbUri: withDatabase(uri, database), postgresUri: made.uri, dataDir, database };
  try {
    return await use({ ...place, mongodPid: undefined });
  } finally {
    await made.drop();
    const { databases } = await mongo.db('admin').admin().listDatabases({ nameOnly: true });
    const own = databases.filter(({ name }) => name === database || name.startsWith(`${database}_`));
    await Promise.all(own.map(({ name }) => mongo.db(name).dropDatabase()));
    await mongo.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function onOwn<T>({ log, signal }: BenchSystemOptions, use: (place: Place) => Promise<T>): Promise<T> {
  const { mongodBinary } = loadConfig();
  return withOwnServers({ mongodBinary, nodes: 3, cacheGb: 1, log, signal }, async (servers) => {
    const mongodPid = await (await primaryOf(servers.nodes)).pid();
    const { dataDir, postgresUri } = servers;
    const mongodbUri = withDatabase(servers.mongodbUri, 'bench');
    return use({ mongodbUri, postgresUri, dataDir, database: 'bench', mongodPid });
  });
}

/**
 * Opens a system on empty databases for `use`, whose background work does not run here but in the API processes that it
 * starts. At the end, a failure or a stop the processes, the databases and the folder are gone.
 */
export function withBenchSystem<T>(
  options: BenchSystemOptions,
  use: (system: BenchSystem) => Promise<T>,
): Promise<T> {
  const { given, log, signal } = options;
  const work = async (place: Place): Promise<T> => {
    const secret = { JWT_SECRET: randomBytes(32).toString('hex') };
    const config = readConfig({ ...apiSettings(place), ...secret });
    const system = await openSystem({ config, logger: createLogger('error') });
    const started: Promise<ApiProcess>[] = [];
    const startApi: BenchSystem['startApi'] = (settings = {}, root) => {
      const options = { signal, settings: { ...secret, ...settings }, onLine: log };
      const api = startApiProcess(place, root === undefined ? options : { ...options, root });
      started.push(api);
      return api;
    };
    try {
      return await use({ ...system, ...place, startApi });
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      await Promise.allSettled(started.map(async (api) => (await api).stop()));
      await system.close();
    }
  };
  return given ? onGiven(given, work) : onOwn(options, work);
}
