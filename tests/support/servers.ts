import { mkdir, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { abandonedFolders, claimFolder } from '../../src/databases/embedded/claimed-folder.js';
import { findMongod } from '../../src/databases/embedded/find-mongod.js';
import { startPostgres, stopPostgres } from '../../src/databases/embedded/postgres.js';
import { terminate } from '../../src/databases/embedded/processes.js';

/* The servers of a test run: a replica set of three and a Postgres, new and empty, in a folder that ends with the run. */

const log = (message: string): void => void process.stderr.write(`${message}\n`);
const prefix = 'healthcare-test-';
const members = [0, 1, 2];

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

const memberFolder = (folder: string, member: number): string => join(folder, `mongo-${member}`);

async function startSet(folder: string): Promise<MongoMemoryReplSet> {
  const { path, version } = await findMongod({ mongodBinary: process.env['MONGOD_BINARY'], log });
  const folders = members.map((member) => memberFolder(folder, member));
  for (const dbPath of folders) await mkdir(dbPath);
  return MongoMemoryReplSet.create({
    binary: { systemBinary: path, version },
    // Its own 10 seconds are not enough on a machine that is busy.
    instanceOpts: folders.map((dbPath) => ({ dbPath, launchTimeout: 60_000 })),
    replSet: {
      count: members.length,
      // Its default before 7.0, ephemeralForTest, has no transactions.
      storageEngine: 'wiredTiger',
      // No TTL monitor: a test may stop the clock in the past, and mongod goes by the real one.
      args: [
        ...['--wiredTigerCacheSizeGB', '0.5', '--noscripting', '--oplogSize', '256'],
        ...['--setParameter', 'ttlMonitorEnabled=false'],
      ],
      configSettings: { electionTimeoutMillis: 1_000, heartbeatIntervalMillis: 250 },
    },
  });
}

/** A mongod that was not stopped by anyone who started it; its lock file tells its pid. */
async function killMember(dbPath: string): Promise<void> {
  const pid = Number.parseInt(await readFile(join(dbPath, 'mongod.lock'), 'utf8').catch(() => ''), 10);
  if (pid) await terminate(pid, `--dbpath ${dbPath}`, [['SIGKILL', 5_000]]);
}

async function remove(folder: string): Promise<void> {
  await stopPostgres(folder);
  for (const member of members) await killMember(memberFolder(folder, member));
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

export interface TestServers {
  readonly folder: string;
  readonly mongodbUri: string;
  readonly postgresUri: string;
  stop(): Promise<void>;
}

export async function startServers(parent?: string): Promise<TestServers> {
  const claimed = await claimFolder(parent ?? (await folderOfRun()), `${prefix}${process.pid}-`);
  const folder = claimed.path;
  // Another Postgres than npm's: scripts/test-matrix.ts.
  const root = process.env['TEST_POSTGRES_ROOT'];
  const [set, postgres] = await Promise.allSettled([
    startSet(folder),
    startPostgres({ dataDir: folder, log, root }),
  ]);
  const stop = async (): Promise<void> => {
    if (set.status === 'fulfilled') await set.value.stop({ doCleanup: true, force: true });
    await remove(folder);
    claimed.release();
  };
  if (set.status === 'fulfilled' && postgres.status === 'fulfilled')
    return { folder, mongodbUri: set.value.getUri(), postgresUri: postgres.value.uri, stop };
  await stop();
  throw set.status === 'rejected' ? set.reason : (postgres as PromiseRejectedResult).reason;
}
