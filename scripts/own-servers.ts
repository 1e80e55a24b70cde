import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMongod } from '../src/databases/embedded/find-mongod.js';
import { startKeeper } from '../src/databases/embedded/keeper.js';
import type { MongodNode } from '../src/databases/embedded/mongod-node.js';
import { startPostgres, stopPostgres } from '../src/databases/embedded/postgres.js';
import { startOf, type Log } from '../src/databases/embedded/processes.js';
import { startReplicaSet, stopReplicaSet } from '../src/databases/embedded/replica-set.js';

/** A replica set and a Postgres that nobody else uses, new and empty. */
export interface OwnServers {
  readonly mongodbUri: string;
  readonly postgresUri: string;
  readonly nodes: readonly MongodNode[];
  readonly dataDir: string;
}

export interface OwnServersOptions {
  readonly mongodBinary?: string | undefined;
  readonly nodes: number;
  /** WiredTiger's cache of one node in GB. */
  readonly cacheGb?: number;
  readonly log: Log;
  /** `use` looks at it and comes to an end while the servers still answer. */
  readonly signal: AbortSignal;
}

const prefix = 'smart-healthcare-own-';

async function remove(dataDir: string): Promise<void> {
  await Promise.all([stopReplicaSet(dataDir), stopPostgres(dataDir)]);
  await rm(dataDir, { recursive: true, force: true });
}

/** What a process that was killed could not take away. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : undefined;
    if (pid === undefined || (await startOf(pid)) !== undefined) continue;
    await remove(join(tmpdir(), name)).catch(() => undefined);
  }
}

/**
 * Runs `use` on servers of its own in a folder of their own; at its end, its failure or a stop both are gone.
 */
export async function withOwnServers<T>(
  { mongodBinary, nodes, cacheGb, log, signal }: OwnServersOptions,
  use: (servers: OwnServers) => Promise<T>,
): Promise<T> {
  await sweep();
  const { path } = await findMongod({ mongodBinary, log });
  const dataDir = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const keeper = startKeeper(dataDir, { remove: true });
  try {
    const size = cacheGb === undefined ? {} : { cacheGb };
    const set = await startReplicaSet({ mongod: path, dataDir, nodes, ...size, log });
    const postgres = await startPostgres({ dataDir, log });
    signal.throwIfAborted();
    const servers = { mongodbUri: set.uri, postgresUri: postgres.uri, nodes: set.nodes, dataDir };
    return await use(servers);
  } catch (error) {
    throw signal.aborted ? new Error('Stopped; the servers and their data are removed.') : error;
  } finally {
    await remove(dataDir);
    await keeper.release();
  }
}
