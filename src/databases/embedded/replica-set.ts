import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'mongodb';
import { isPassingMongoFailure } from '../failures.js';
import { retry } from '../retry.js';
import { keptSecret } from '../secrets.js';
import { mongodNode, runningPid, stopNode, type MongodNode } from './mongod-node.js';
import { EmbeddedError, freePort, isPortFree, poll, type Log } from './processes.js';

/** Milliseconds; see docs on `replSetConfig.settings`. */
interface ElectionSettings {
  readonly electionTimeoutMillis: number;
  readonly heartbeatIntervalMillis: number;
}

interface ReplicaSetOptions {
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
const user = 'smart_healthcare';
/** Every database, and the set for drills and DBAs; not its users. */
const roles = ['readWriteAnyDatabase', 'dbAdminAnyDatabase', 'clusterAdmin'];
const writableMs = 60_000;
// A member whose port has changed looks for itself at the old addresses first, and gives a silent stranger there 30 s.
const configMs = 60_000;

// All members share one machine: a second of silence is a death here, not a slow network.
const oneMachine: ElectionSettings = { electionTimeoutMillis: 1_000, heartbeatIntervalMillis: 250 };

const secretFile = (dataDir: string, name: string): string => join(resolve(dataDir), 'mongo', name);
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
  if (!isDeepStrictEqual(ports, stored)) await storePorts(dataDir, ports);
  const keyFile = secretFile(dataDir, 'key');
  await keptSecret(keyFile, 'remove it and start again (the members get another one).');
  const password = await keptSecret(
    secretFile(dataDir, 'password'),
    'remove it and start again (the user gets another one).',
  );
  const nodes = ports.map((port, index) =>
    mongodNode({ mongod, folder: folderOf(dataDir, index), port, setName, keyFile, cacheGb }),
  );
  await Promise.all(nodes.map((node) => node.restart()));
  await throughElections(() => agreeOnConfig(nodes, settings, log));
  await throughElections(async () => agreeOnUser(await waitUntilWritable(nodes), password));
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return {
    uri: `mongodb://${user}:${password}@${hosts}/?replicaSet=${setName}&authSource=admin`,
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

async function storePorts(dataDir: string, ports: readonly number[]): Promise<void> {
  const fresh = `${portsFile(dataDir)}.new`;
  await writeFile(fresh, JSON.stringify(ports), { mode: 0o600 });
  await rename(fresh, portsFile(dataDir));
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
    if (port !== undefined) log(`port ${port} of the replica set is taken; using ${other} instead`);
    ports.push(other);
  }
  return ports;
}

/**
 * A member that becomes primary, or is it no more, breaks off what it was asked; then it is asked again. `agree` looks first at what
 * there is already, so that twice is as once.
 */
const throughElections = (agree: () => Promise<void>): Promise<void> =>
  retry(agree, isPassingMongoFailure, configMs);

/** Initiates a new set; gives an old one whose ports or settings have changed its new configuration. */
async function agreeOnConfig(
  nodes: readonly MongodNode[],
  settings: ElectionSettings,
  log: Log,
): Promise<void> {
  const configs = await Promise.all(nodes.map(configOf));
  const members = nodes.map(({ port }, index) => ({ _id: index, host: `127.0.0.1:${port}` }));
  const newest = configs.reduce(
    (best, config) => (versionOf(config) > versionOf(best) ? config : best),
    undefined,
  );
  if (!newest) {
    const command = { replSetInitiate: { _id: setName, members, settings } };
    await memberAt(nodes, 0).ask(command, configMs);
    return;
  }
  const old = newest['members'] as Document[];
  const moved = members.some((member, index) => old[index]?.['host'] !== member.host);
  const changed = Object.entries(settings).some(
    ([key, value]) => (newest['settings'] as Document)[key] !== value,
  );
  if (!moved && !changed) return;
  if (moved) log('the replica set takes its new ports');
  const next = {
    ...newest,
    version: versionOf(newest) + 1,
    members: old.map((member, index) => ({ ...member, ...members[index] })),
    settings: { ...(newest['settings'] as Document), ...settings },
  };
  // Members that cannot find their own address in the configuration elect nobody, so there is no primary to ask: only a
  // forced change works. No acknowledged write is at risk: all members are up, and a majority still has to elect.
  const holder = memberAt(nodes, configs.indexOf(newest));
  await holder.ask({ replSetReconfig: next, force: true }, configMs);
}

const versionOf = (config: Document | undefined): number => Number(config?.['version'] ?? 0);

function memberAt(nodes: readonly MongodNode[], index: number): MongodNode {
  const node = nodes[index];
  if (node === undefined) throw new RangeError(`no member ${index}`);
  return node;
}

const notYetInitialized = 94;

async function configOf(node: MongodNode): Promise<Document | undefined> {
  try {
    return (await node.ask({ replSetGetConfig: 1 }, configMs))['config'] as Document;
  } catch (error) {
    if ((error as { code?: unknown }).code === notYetInitialized) return undefined;
    throw error;
  }
}

const hasUser = 51003;

/**
 * The user of the API, with the password of our file: a set of an earlier version has none, and the file may have been made
 * anew. Users are the primary's to write.
 */
async function agreeOnUser(primary: MongodNode, pwd: string): Promise<void> {
  const writeConcern = { w: 'majority', wtimeout: configMs };
  const mechanisms = ['SCRAM-SHA-256'];
  try {
    await primary.ask({ createUser: user, pwd, roles, mechanisms, writeConcern }, configMs);
  } catch (error) {
    if ((error as { code?: unknown }).code !== hasUser) throw error;
    await primary.ask({ updateUser: user, pwd, roles, mechanisms, writeConcern }, configMs);
  }
}

/** Waits for one primary that takes writes, everybody else a secondary; answers the primary. */
async function waitUntilWritable(nodes: readonly MongodNode[]): Promise<MongodNode> {
  let seen: Document[] = [];
  const ready = await poll(
    async () => {
      seen = await Promise.all(nodes.map((node) => node.ask({ hello: 1 }).catch(() => ({}))));
      const secondaries = seen.filter((hello) => hello['secondary'] === true).length;
      const primary = nodes.find((_, index) => seen[index]?.['isWritablePrimary'] === true);
      // After a restart everybody waits an election timeout for a primary that nobody is. If the first is behind the
      // others, they refuse it and elect by themselves.
      if (secondaries === nodes.length)
        await memberAt(nodes, 0)
          .ask({ replSetStepUp: 1 })
          .catch(() => undefined);
      return secondaries === nodes.length - 1 && primary;
    },
    writableMs,
    50,
  );
  if (ready) return ready;
  const states = seen.map((hello, index) => {
    const state = hello['isWritablePrimary'] ? 'primary' : hello['secondary'] ? 'secondary' : 'neither';
    return `${nodes[index]?.port ?? '?'} ${state}`;
  });
  throw new EmbeddedError(
    `The replica set has no primary after ${writableMs / 1000} s (${states.join(', ')}): see mongod.log in each node's folder.`,
  );
}
