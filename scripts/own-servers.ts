import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { abandonedFolders, claimFolder } from '../src/databases/embedded/claimed-folder.js';
import { findMongod } from '../src/databases/embedded/find-mongod.js';
import type { MongodNode } from '../src/databases/embedded/mongod-node.js';
import { startPostgres, stopPostgres } from '../src/databases/embedded/postgres.js';
import type { Log } from '../src/databases/embedded/processes.js';
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

const prefix = 'healthcare-own-';

async function remove(dataDir: string): Promise<void> {
  await Promise.all([stopReplicaSet(dataDir), stopPostgres(dataDir)]);
  await rm(dataDir, { recursive: true, force: true });
}

/**
 * Runs `use` on servers of its own in a folder of their own; at its end, its failure or a stop both are gone.
 */
export async function withOwnServers<T>(
  { mongodBinary, nodes, cacheGb, log, signal }: OwnServersOptions,
  use: (servers: OwnServers) => Promise<T>,
): Promise<T> {
  // What a process that was killed could not take away.
  for (const folder of await abandonedFolders(tmpdir(), prefix)) await remove(folder).catch(() => undefined);
  const { path } = await findMongod({ mongodBinary, log });
  const claimed = await claimFolder(tmpdir(), `${prefix}${process.pid}-`);
  const dataDir = claimed.path;
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
    claimed.release();
  }
}
