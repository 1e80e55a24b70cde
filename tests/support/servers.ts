import { mkdir, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoMemoryReplSet, type MongoMemoryServer } from 'mongodb-memory-server-core';
import { abandonedFolders, claimFolder } from '../../src/databases/embedded/claimed-folder.js';
import { findMongod } from '../../src/databases/embedded/find-mongod.js';
import { startPostgres, stopPostgres } from '../../src/databases/embedded/postgres.js';
import { terminate } from '../../src/databases/embedded/processes.js';
import { size } from './size.js';

/*
 * The servers of a test run: a replica set and a Postgres, new and empty, in a folder that ends with the run. The set has
 * one member (docs/decisions/0019): what is about members makes a set of three of its own, and `npm run test:long` has three.
 */

const log = (message: string): void => void process.stderr.write(`${message}\n`);
const prefix = 'healthcare-test-';

/** Of `npm test -- --members N`. */
const membersOfRun = (): number => Number(process.env['TEST_MEMBERS'] ?? size({ usual: 1, long: 3 }));

/** What a whole run writes, with room to spare. */
const neededBytes = 6 * 1024 ** 3;
const memory = '/dev/shm';

/**
 * Where the data of a run stays: in memory where Linux offers a folder there that is large enough. Each commit waits for
 * the disk three times over, which says nothing about our code and is half the time of a run.
 */
async function folderOfRun(): Promise<string> {
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > neededBytes ? memory : tmpdir();
}

const memberPrefix = 'mongo-';

async function startSet(folder: string, members: number): Promise<MongoMemoryReplSet> {
  const { path, version } = await findMongod({ mongodBinary: process.env['MONGOD_BINARY'], log });
  const folders = Array.from({ length: members }, (_, member) => join(folder, `${memberPrefix}${member}`));
  for (const dbPath of folders) await mkdir(dbPath);
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: path, version },
    // Its own 10 seconds are not enough on a machine that is busy.
    instanceOpts: folders.map((dbPath) => ({ dbPath, launchTimeout: 60_000 })),
    replSet: {
      count: members,
      // Its default before 7.0, ephemeralForTest, has no transactions.
      storageEngine: 'wiredTiger',
      // No TTL monitor: a test may stop the clock in the past, and mongod goes by the real one.
      args: [
        ...['--wiredTigerCacheSizeGB', '0.5', '--noscripting', '--oplogSize', '256'],
        ...['--setParameter', 'ttlMonitorEnabled=false'],
        ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
        // Each collection and index is an open file, for ten minutes after its last use: a run's databases are more than a limit of
        // 20,000 files takes.
        ...['--wiredTigerEngineConfigString', 'file_manager=(close_idle_time=20,close_scan_interval=5)'],
        // Nobody is left whom it should give time to find another primary.
        ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
      ],
      configSettings: { electionTimeoutMillis: 1_000, heartbeatIntervalMillis: 250 },
    },
  });
  for (const server of set.servers) tellEnd(server, () => stopped.has(set));
  return set;
}

const stopped = new WeakSet<MongoMemoryReplSet>();

async function stopSet(set: MongoMemoryReplSet): Promise<void> {
  stopped.add(set);
  await set.stop({ doCleanup: true, force: true });
}

const lastLines = 80;

/** A member that ends before it is stopped fails whatever is tested then, and nobody would know why. */
function tellEnd({ instanceInfo }: MongoMemoryServer, isStopped: () => boolean): void {
  const { mongodProcess } = instanceInfo!.instance;
  if (!mongodProcess) return;
  let said: string[] = [];
  mongodProcess.stdout?.on('data', (text: Buffer) => {
    said = [...said, ...text.toString().split('\n')].filter((line) => line !== '').slice(-lastLines);
  });
  mongodProcess.once('exit', (code, signal) => {
    if (isStopped()) return;
    log(
      `mongod ${mongodProcess.pid} has ended by ${signal ?? `exit code ${code}`}. Its last lines:\n${said.join('\n')}`,
    );
  });
}

/** A mongod that was not stopped by anyone who started it; its lock file tells its pid. */
async function killMember(dbPath: string): Promise<void> {
  const pid = Number.parseInt(await readFile(join(dbPath, 'mongod.lock'), 'utf8').catch(() => ''), 10);
  if (pid) await terminate(pid, `--dbpath ${dbPath}`, [['SIGKILL', 5_000]]);
}

async function remove(folder: string): Promise<void> {
  await stopPostgres(folder);
  for (const name of await readdir(folder))
    if (name.startsWith(memberPrefix)) await killMember(join(folder, name));
  await rm(folder, { recursive: true, force: true });
}

/** Stops and removes the servers of runs whose processes have ended without doing so; never those of another run. */
export async function sweepServers(parents: readonly string[] = [memory, tmpdir()]): Promise<string[]> {
  const swept: string[] = [];
  for (const parent of parents) {
    for (const folder of await abandonedFolders(parent, prefix).catch(() => [])) {
      if (
        await remove(folder).then(
          () => true,
          () => false,
        )
      )
        swept.push(folder);
    }
  }
  return swept;
}

interface TestSet {
  readonly mongodbUri: string;
  stop(): Promise<void>;
}

export interface TestServers extends TestSet {
  readonly folder: string;
  readonly postgresUri: string;
}

const claim = async (parent?: string) =>
  claimFolder(parent ?? (await folderOfRun()), `${prefix}${process.pid}-`);

export async function startServers(parent?: string): Promise<TestServers> {
  const claimed = await claim(parent);
  const folder = claimed.path;
  // Another Postgres than npm's: scripts/test-matrix.ts.
  const root = process.env['TEST_POSTGRES_ROOT'];
  const [set, postgres] = await Promise.allSettled([
    startSet(folder, membersOfRun()),
    startPostgres({ dataDir: folder, log, root }),
  ]);
  const stop = async (): Promise<void> => {
    if (set.status === 'fulfilled') await stopSet(set.value);
    await remove(folder);
    claimed.release();
  };
  if (set.status === 'fulfilled' && postgres.status === 'fulfilled')
    return { folder, mongodbUri: set.value.getUri(), postgresUri: postgres.value.uri, stop };
  await stop();
  throw set.status === 'rejected' ? set.reason : (postgres as PromiseRejectedResult).reason;
}

/** A set of three for one test file, which is about its members. */
export async function startThreeMembers(): Promise<TestSet> {
  const claimed = await claim();
  const set = await startSet(claimed.path, 3).catch(async (error: unknown) => {
    await remove(claimed.path);
    claimed.release();
    throw error;
  });
  return {
    mongodbUri: set.getUri(),
    async stop() {
      await stopSet(set);
      await remove(claimed.path);
      claimed.release();
    },
  };
}
