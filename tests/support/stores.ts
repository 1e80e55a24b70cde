import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { findMongod } from '../../src/databases/embedded/find-mongod.js';
import { startPostgres, stopPostgres } from '../../src/databases/embedded/postgres.js';
import { startOf } from '../../src/databases/embedded/processes.js';

/**
 * One replica set of three and one Postgres for a whole mocha run, both new and empty. Their addresses go to the tests, in
 * worker processes too, as TEST_MONGODB_URI and TEST_POSTGRES_URI; each test file makes databases of its own in them.
 */

const log = (message: string): void => void process.stderr.write(`${message}\n`);
const prefix = 'smart-healthcare-test-';

let stopAll: (() => Promise<void>) | undefined;

async function startSet(): Promise<MongoMemoryReplSet> {
  const { path, version } = await findMongod({ mongodBinary: process.env['MONGOD_BINARY'], log });
  return MongoMemoryReplSet.create({
    binary: { systemBinary: path, version },
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
async function sweep(): Promise<void> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  for (const name of folders) {
    if (await startOf(Number.parseInt(name.slice(prefix.length), 10))) continue;
    await stopPostgres(join(tmpdir(), name)).catch(() => undefined);
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

export async function mochaGlobalSetup(): Promise<void> {
  await sweep();
  const dataDir = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const [set, postgres] = await Promise.allSettled([startSet(), startPostgres({ dataDir, log })]);
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
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopAll?.();
}
