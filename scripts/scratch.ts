import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMongod } from '../src/databases/embedded/find-mongod.js';
import type { MongodNode } from '../src/databases/embedded/mongod-node.js';
import { startPostgres, stopPostgres } from '../src/databases/embedded/postgres.js';
import { startOf, type Log } from '../src/databases/embedded/processes.js';
import { startReplicaSet, stopReplicaSet } from '../src/databases/embedded/replica-set.js';

/** A replica set and a Postgres that nobody else uses, new and empty. */
export interface Scratch {
  readonly mongodbUri: string;
  readonly postgresUri: string;
  readonly nodes: readonly MongodNode[];
  readonly dataDir: string;
}

export interface ScratchOptions {
  readonly mongodBinary?: string | undefined;
  readonly nodes: number;
  /** WiredTiger's cache of one node in GB. */
  readonly cacheGb?: number;
  readonly log: Log;
}

const prefix = 'smart-healthcare-scratch-';

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

function interruption(): { promise: Promise<never>; forget(): void } {
  let stop = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('Interrupted.'));
  });
  promise.catch(() => undefined);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return { promise, forget: () => void process.off('SIGINT', stop).off('SIGTERM', stop) };
}

/**
 * Runs `use` on servers of its own in a folder of their own; at its end, its failure or a signal both are gone. `use`
 * closes its own connections.
 */
export async function withScratch<T>(
  { mongodBinary, nodes, cacheGb, log }: ScratchOptions,
  use: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  await sweep();
  const { path } = await findMongod({ mongodBinary, log });
  const dataDir = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const interrupted = interruption();
  const run = async (): Promise<T> => {
    const size = cacheGb === undefined ? {} : { cacheGb };
    const set = await startReplicaSet({ mongod: path, dataDir, nodes, ...size, log });
    const postgres = await startPostgres({ dataDir, log });
    return use({ mongodbUri: set.uri, postgresUri: postgres.uri, nodes: set.nodes, dataDir });
  };
  try {
    return await Promise.race([run(), interrupted.promise]);
  } finally {
    interrupted.forget();
    await remove(dataDir);
  }
}
