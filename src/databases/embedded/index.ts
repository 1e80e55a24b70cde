import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findMongod } from './find-mongod.js';
import { startKeeper } from './keeper.js';
import { mendServers, type Mendable } from './mending.js';
import type { MongodNode } from './mongod-node.js';
import { startPostgres, stopPostgres, type Postgres } from './postgres.js';
import type { Log } from './processes.js';
import { startReplicaSet, stopReplicaSet, type ReplicaSet } from './replica-set.js';
import { stateFile, withLock, type Server } from './state-file.js';

export { EmbeddedError } from './processes.js';

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** The value of MONGOD_BINARY, if set. */
  readonly mongodBinary?: string | undefined;
  /** Where a downloaded mongod is kept; default `~/.cache/smart-healthcare`. */
  readonly cacheDir?: string | undefined;
  /** What to open; a database whose URI is configured is not needed from here. */
  readonly needs: { readonly mongodb: boolean; readonly postgres: boolean };
  /** Start again what ends while it is used. */
  readonly mend?: boolean;
  readonly log: Log;
}

export interface Embedded {
  readonly mongodbUri?: string;
  readonly postgresUri?: string;
  /** False when another process used the databases already: they were joined. */
  readonly owned: boolean;
  /** The members of the replica set, when it was asked for. */
  readonly nodes?: readonly MongodNode[];
  /** Leaves; the last process out stops the databases. A second call does nothing. */
  stop(): Promise<void>;
}

/**
 * Opens the replica set and the Postgres that live in `dataDir`. Each opener, under one lock, starts what does not run,
 * adopts what runs (another command's, or a crashed one's) and writes itself down as a user. So `npm start`, a command beside
 * it and a start after a crash are one and the same path. A keeper leaves for us if we die. Throws EmbeddedError, whose message is
 * one line for the user.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { needs, log } = options;
  if (!needs.mongodb && !needs.postgres) return { owned: false, stop: () => Promise.resolve() };
  const dataDir = resolve(options.dataDir);
  // Others may pass but not look: as root, Postgres runs as another user and has its folder inside.
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const alone = <T>(act: () => Promise<T>): Promise<T> => withLock(dataDir, log, act);
  const keeper = startKeeper(dataDir);
  const open = async (): Promise<Embedded> => {
    const owned = await stateFile(dataDir).join();
    try {
      const [set, postgres] = await settled([
        needs.mongodb ? openReplicaSet({ ...options, dataDir }) : undefined,
        needs.postgres ? startPostgres({ dataDir, log }) : undefined,
      ]);
      const note = async () => stateFile(dataDir).note(await serversOf(set, postgres));
      await note();
      const mending = mendServers(options.mend ? mendable(set, postgres, note) : [], { alone, log });
      const stop = once(async () => {
        await mending.stop();
        await closeUnused(dataDir, log);
        await keeper.release();
      });
      return {
        ...(set && { mongodbUri: set.uri, nodes: set.nodes }),
        ...(postgres && { postgresUri: postgres.uri }),
        ...{ owned, stop },
      };
    } catch (error) {
      await leave(dataDir);
      throw error;
    }
  };
  return alone(open).catch(async (error: unknown) => {
    await keeper.release();
    throw error;
  });
}

/** A second call does nothing. */
function once(act: () => Promise<void>): () => Promise<void> {
  let done = false;
  return async () => {
    if (done) return;
    done = true;
    await act();
  };
}

function mendable(
  set: ReplicaSet | undefined,
  postgres: Postgres | undefined,
  note: () => Promise<void>,
): Mendable[] {
  const noted = (server: Mendable): Mendable => ({
    ...server,
    restart: () => server.restart().then(note),
  });
  const members = (set?.nodes ?? []).map(({ port, pid, restart }) => ({
    name: `mongod on port ${port}`,
    isUp: async () => (await pid()) !== undefined,
    restart,
  }));
  return [...members, ...(postgres ? [{ name: 'Postgres', ...postgres }] : [])].map(noted);
}

async function openReplicaSet({ dataDir, mongodBinary, cacheDir, log }: EmbeddedOptions) {
  const { path } = await findMongod({ mongodBinary, cacheDir, log });
  return startReplicaSet({ mongod: path, dataDir, log });
}

async function serversOf(set: ReplicaSet | undefined, postgres: Postgres | undefined): Promise<Server[]> {
  const mongods = (set?.nodes ?? []).map(async (node) => ({
    name: 'mongod' as const,
    pid: (await node.pid()) ?? 0,
    port: node.port,
  }));
  const other = postgres
    ? [{ name: 'postgres' as const, pid: (await postgres.pid()) ?? 0, port: postgres.port }]
    : [];
  return [...(await Promise.all(mongods)), ...other];
}

/** Like Promise.all, but rejects only when all have come to an end: what is still starting could not be stopped. */
async function settled<A, B>(work: readonly [A | Promise<A>, B | Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** Leaves the servers of `dataDir`, and stops them when nobody who lives uses them. */
export const closeUnused = (dataDir: string, log: Log): Promise<void> =>
  withLock(dataDir, log, () => leave(dataDir));

async function leave(dataDir: string): Promise<void> {
  if (!(await stateFile(dataDir).leave())) return;
  await Promise.all([stopReplicaSet(dataDir), stopPostgres(dataDir)]);
}
