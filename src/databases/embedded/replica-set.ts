import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'mongodb';
import {
  askNode,
  mongodNode,
  runningPid,
  stopNode,
  type MongodNode,
  type NodeOptions,
} from './mongod-node.js';
import { EmbeddedError, freePort, isPortFree, poll, type Log } from './processes.js';

/** Milliseconds; see docs on `replSetConfig.settings`. */
export interface ElectionSettings {
  readonly electionTimeoutMillis: number;
  readonly heartbeatIntervalMillis: number;
}

export interface ReplicaSetOptions {
  /** Path of the binary. */
  readonly mongod: string;
  /** The set lives in `<dataDir>/mongo/n0`, `n1`, …. */
  readonly dataDir: string;
  /** How many members, 3 by default; fixed when the data is made. */
  readonly nodes?: number;
  /** Ports to prefer over the stored ones. */
  readonly ports?: readonly number[];
  readonly settings?: ElectionSettings;
  /** WiredTiger's cache of one node in GB, 0.25 by default. */
  readonly cacheGb?: number;
  readonly log: Log;
}

export interface ReplicaSet {
  readonly uri: string;
  readonly nodes: readonly MongodNode[];
  /** Stops all members; the data stays. */
  stop(): Promise<void>;
}

const setName = 'smart-healthcare';
const writableMs = 60_000;

// All members share one machine: a second of silence is a death here, not a slow network.
const oneMachine: ElectionSettings = { electionTimeoutMillis: 1_000, heartbeatIntervalMillis: 250 };

const folderOf = (dataDir: string, index: number): string => join(resolve(dataDir), 'mongo', `n${index}`);

/**
 * Starts the replica set of `dataDir`, or what is missing of it: members that already run are adopted, those that hang are
 * started anew. Returns when there is a writable primary and the others are secondaries. Throws EmbeddedError.
 */
export async function startReplicaSet(options: ReplicaSetOptions): Promise<ReplicaSet> {
  const { mongod, dataDir, nodes: count = 3, settings = oneMachine, cacheGb = 0.25, log } = options;
  await mkdir(join(dataDir, 'mongo'), { recursive: true, mode: 0o700 });
  const stored = await storedPorts(dataDir);
  if (stored.length > 0 && stored.length !== count) {
    throw new EmbeddedError(
      `${join(dataDir, 'mongo')} holds a set of ${stored.length} members: ask for that many, not ${count}.`,
    );
  }
  const ports = await choosePorts(dataDir, count, options.ports ?? stored, log);
  const optionsOf = (index: number): NodeOptions => ({
    mongod,
    folder: folderOf(dataDir, index),
    port: portAt(ports, index),
    cacheGb,
  });
  if (!isDeepStrictEqual(ports, stored)) {
    if (stored.length > 0) await moveToPorts(dataDir, ports, optionsOf);
    await writeFile(portsFile(dataDir), JSON.stringify(ports), { mode: 0o600 });
  }
  const nodes = ports.map((_, index) => mongodNode({ ...optionsOf(index), setName }));
  await Promise.all(nodes.map((node) => node.restart()));
  await initiateOnce(ports, settings);
  const primary = await waitUntilWritable(ports);
  await applySettings(primary, settings);
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return {
    uri: `mongodb://${hosts}/smart_healthcare?replicaSet=${setName}`,
    nodes,
    stop: () => stopReplicaSet(dataDir),
  };
}

/** Stops whatever members of `dataDir`'s set run, by whomever they were started. */
export async function stopReplicaSet(dataDir: string): Promise<void> {
  const count = (await storedPorts(dataDir)).length;
  await Promise.all(Array.from({ length: count }, (_, index) => stopNode(folderOf(dataDir, index))));
}

const portsFile = (dataDir: string): string => join(dataDir, 'mongo', 'ports.json');

async function storedPorts(dataDir: string): Promise<readonly number[]> {
  const text = await readFile(portsFile(dataDir), 'utf8').catch(() => '[]');
  return JSON.parse(text) as number[];
}

/** The wanted ports, but for those that somebody else has taken meanwhile. */
async function choosePorts(
  dataDir: string,
  count: number,
  wanted: readonly number[],
  log: Log,
): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const port = wanted[index];
    const running = (await runningPid(folderOf(dataDir, index))) !== undefined;
    if (port !== undefined && (running || (await isPortFree(port)))) {
      ports.push(port);
      continue;
    }
    const other = await freePort(new Set([...ports, ...wanted]));
    if (port !== undefined) log.warn(`port ${port} of the replica set is taken; using ${other} instead`);
    ports.push(other);
  }
  return ports;
}

/**
 * Writes new addresses into every member's stored configuration, each started alone for it (MongoDB manual, "Change
 * Hostnames in a Self-Managed Replica Set"). A forced reconfiguration of the running set would do too, but a member looks
 * for itself at all old addresses first, and waits 30 s for a stranger who took one of them and is silent.
 */
async function moveToPorts(
  dataDir: string,
  ports: readonly number[],
  optionsOf: (index: number) => NodeOptions,
): Promise<void> {
  await stopReplicaSet(dataDir);
  const hosts = Object.fromEntries(
    ports.map((port, index) => [`members.${index}.host`, `127.0.0.1:${port}`]),
  );
  await Promise.all(
    ports.map(async (port, index) => {
      await mongodNode(optionsOf(index)).restart();
      const change = { q: {}, u: { $set: hosts, $inc: { version: 1 } } };
      await askNode(port, { update: 'system.replset', updates: [change] }, { database: 'local' });
      await stopNode(folderOf(dataDir, index));
    }),
  );
}

/** Makes the set when no member has heard of one. */
async function initiateOnce(ports: readonly number[], settings: ElectionSettings): Promise<void> {
  const configs = await Promise.all(ports.map((port) => configOf(port)));
  if (configs.some((config) => config !== undefined)) return;
  const members = ports.map((port, index) => ({ _id: index, host: `127.0.0.1:${port}` }));
  const command = { replSetInitiate: { _id: setName, members, settings } };
  await askNode(portAt(ports, 0), command, { timeoutMs: 20_000 });
}

async function applySettings(primary: number, settings: ElectionSettings): Promise<void> {
  const config = await configOf(primary);
  const current = config?.['settings'] as Document;
  if (!config || Object.entries(settings).every(([key, value]) => current[key] === value)) return;
  const next = { ...config, version: Number(config['version']) + 1, settings: { ...current, ...settings } };
  await askNode(primary, { replSetReconfig: next }, { timeoutMs: 20_000 });
}

function portAt(ports: readonly number[], index: number): number {
  const port = ports[index];
  if (port === undefined) throw new RangeError(`no member ${index}`);
  return port;
}

const notYetInitialized = 94;

async function configOf(port: number): Promise<Document | undefined> {
  try {
    return (await askNode(port, { replSetGetConfig: 1 }))['config'] as Document;
  } catch (error) {
    if ((error as { code?: unknown }).code === notYetInitialized) return undefined;
    throw error;
  }
}

/** Waits for one primary that takes writes, everybody else a secondary; its port. */
async function waitUntilWritable(ports: readonly number[]): Promise<number> {
  let seen: Document[] = [];
  const primary = await poll(
    async () => {
      seen = await Promise.all(ports.map((port) => askNode(port, { hello: 1 }).catch(() => ({}))));
      const secondaries = seen.filter((hello) => hello['secondary'] === true).length;
      return (
        secondaries === ports.length - 1 &&
        ports.find((_, index) => seen[index]?.['isWritablePrimary'] === true)
      );
    },
    writableMs,
    50,
  );
  if (primary !== undefined) return primary;
  const states = seen.map((hello, index) => {
    const state = hello['isWritablePrimary'] ? 'primary' : hello['secondary'] ? 'secondary' : 'neither';
    return `${ports[index] ?? '?'} ${state}`;
  });
  throw new EmbeddedError(
    `The replica set has no primary after ${writableMs / 1000} s (${states.join(', ')}): see mongod.log in each node's folder.`,
  );
}
