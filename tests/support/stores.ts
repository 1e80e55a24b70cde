import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context, RootHookObject } from 'mocha';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { findMongod } from '../../src/databases/embedded/find-mongod.js';
import { startPostgres, stopPostgres } from '../../src/databases/embedded/postgres.js';
import { startOf } from '../../src/databases/embedded/processes.js';
import { hold } from './turns.js';

/**
 * One replica set of three and one Postgres for a whole mocha run, both new and empty. Their addresses go to the tests, in
 * worker processes too, as TEST_MONGODB_URI and TEST_POSTGRES_URI; each test file makes databases of its own in them.
 */

const log = (message: string): void => void process.stderr.write(`${message}\n`);
const prefix = 'smart-healthcare-test-';

/** What a whole run writes, with room to spare. */
const neededBytes = 6 * 1024 ** 3;

/**
 * Where the data of a run stays: in memory where Linux offers a folder there that is large enough. Each commit waits for
 * the disk three times over, which says nothing about our code and is half the time of a run.
 */
async function folderOfRun(): Promise<string> {
  const memory = '/dev/shm';
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > neededBytes ? memory : tmpdir();
}

let stopAll: (() => Promise<void>) | undefined;

async function startSet(dataDir: string): Promise<MongoMemoryReplSet> {
  const { path, version } = await findMongod({ mongodBinary: process.env['MONGOD_BINARY'], log });
  const folders = [0, 1, 2].map((node) => join(dataDir, `mongo-${node}`));
  for (const folder of folders) await mkdir(folder);
  return MongoMemoryReplSet.create({
    binary: { systemBinary: path, version },
    instanceOpts: folders.map((dbPath) => ({ dbPath })),
    replSet: {
      count: 3,
      // Its default before 7.0, ephemeralForTest, has no transactions.
      storageEngine: 'wiredTiger',
      // No TTL monitor: a test may stop the clock in the past, and mongod goes by the real one.
      args: [
        ...['--wiredTigerCacheSizeGB', '0.25', '--noscripting', '--oplogSize', '256'],
        ...['--setParameter', 'ttlMonitorEnabled=false'],
      ],
      configSettings: { electionTimeoutMillis: 1_000, heartbeatIntervalMillis: 250 },
    },
  });
}

/** A run that was killed could not stop its Postgres (its mongods end by themselves); the next run does. */
async function sweep(folder: string): Promise<void> {
  const folders = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  for (const name of folders) {
    if (await startOf(Number.parseInt(name.slice(prefix.length), 10))) continue;
    await stopPostgres(join(folder, name)).catch(() => undefined);
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

export async function mochaGlobalSetup(): Promise<void> {
  const folder = await folderOfRun();
  await sweep(folder);
  const dataDir = await mkdtemp(join(folder, `${prefix}${process.pid}-`));
  const [set, postgres] = await Promise.allSettled([startSet(dataDir), startPostgres({ dataDir, log })]);
  stopAll = async () => {
    await Promise.all([
      set.status === 'fulfilled' && set.value.stop({ doCleanup: true, force: true }),
      postgres.status === 'fulfilled' && postgres.value.stop(),
    ]);
    await rm(dataDir, { recursive: true, force: true });
  };
  if (set.status === 'rejected' || postgres.status === 'rejected') {
    await stopAll();
    throw set.status === 'rejected' ? set.reason : (postgres as PromiseRejectedResult).reason;
  }
  process.env['TEST_MONGODB_URI'] = set.value.getUri();
  process.env['TEST_POSTGRES_URI'] = postgres.value.uri;
  // Workers load these too, and hooks of theirs need no application.
  const { makeTemplate } = await import('./api.js');
  process.env['TEST_POSTGRES_TEMPLATE'] = await makeTemplate();
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopAll?.();
}

/** What these do to the stores of the run allows nobody beside them: an election. */
const alone = [/databases\/projector\/crashes\.int/];

let release: (() => Promise<void>) | undefined;

/** Test files run in parallel (scripts/bootstrap.mjs), each worker one at a time; these hooks are called around each file. */
export const mochaHooks: RootHookObject =
  process.env['MOCHA_WORKER_ID'] === undefined
    ? {}
    : {
        async beforeAll(this: Context) {
          this.timeout(0);
          const file = this.test!.parent!.suites[0]?.file ?? '';
          if (file.endsWith('.int.test.ts'))
            release = await hold('stores', { alone: alone.some((name) => name.test(file)) });
        },
        async afterAll() {
          await release?.();
          release = undefined;
        },
      };
