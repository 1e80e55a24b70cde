import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient, type Document } from 'mongodb';
import {
  EmbeddedError,
  isOurs,
  isPortFree,
  lastLines,
  launch,
  pidsWith,
  poll,
  signal,
  terminate,
} from './processes.js';

/** One member of the embedded set, whether started by this process or by an earlier one. */
export interface MongodNode {
  readonly port: number;
  /** The pid now, or undefined while it is down. */
  pid(): Promise<number | undefined>;
  /** Sends a signal, `SIGKILL` by default; without a process it does nothing. For drills. */
  kill(name?: NodeJS.Signals): Promise<void>;
  /** Starts it when it is down (after a kill: waits for the death first) and returns when it answers. */
  restart(): Promise<void>;
  /**
   * Runs one command on its `admin` database, past the set's own routing, as a member of the set: that is possible before there
   * are users, and where there is no primary. Rejects with the driver's errors.
   */
  ask(command: Document, timeoutMs?: number): Promise<Document>;
}

interface NodeOptions {
  readonly mongod: string;
  readonly folder: string;
  readonly port: number;
  readonly setName: string;
  /** By which the members know one another, and whoever manages them. */
  readonly keyFile: string;
  /** WiredTiger's cache in GB; mongod takes 0.25 at least. */
  readonly cacheGb: number;
}

const answerMs = 30_000;
const portMs = 5_000;

/** The words of the command line that only the mongod of this folder has. */
const marker = (folder: string): string => `--dbpath ${folder}`;

/**
 * The pid of the mongod that runs on `folder`, or undefined: by mongod's own lock file, or for one that was started a moment
 * ago, and has not written it, by its command line.
 */
export async function runningPid(folder: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(join(folder, 'mongod.lock'), 'utf8').catch(() => ''), 10);
  return (await isOurs(pid, marker(folder))) ? pid : (await pidsWith(marker(folder)))[0];
}

/** Ends the mongod of `folder`: politely, then not. */
export async function stopNode(folder: string): Promise<void> {
  const pid = await runningPid(folder);
  if (pid === undefined) return;
  signal(pid, 'SIGCONT'); // a node that a drill has paused would not hear the rest
  await terminate(pid, marker(folder), [
    ['SIGTERM', 20_000],
    ['SIGKILL', 5_000],
  ]);
}

/** What a member answers to everybody: these need no key, and cost no proof of one. */
const open = new Set(['hello', 'ping']);

async function ask({ port, keyFile }: NodeOptions, command: Document, timeoutMs = 5_000): Promise<Document> {
  const isOpen = open.has(Object.keys(command)[0] ?? '');
  // The members' own user; its password is the key without its blanks.
  const password = isOpen ? '' : (await readFile(keyFile, 'utf8')).replaceAll(/\s/g, '');
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/`, {
    ...(isOpen ? {} : { auth: { username: '__system', password }, authSource: 'local' }),
    directConnection: true,
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
  });
  try {
    return await client.db('admin').command(command);
  } finally {
    await client.close();
  }
}

const succeeds = (asking: Promise<Document>): Promise<boolean> =>
  asking.then(
    () => true,
    () => false,
  );

async function start(options: NodeOptions): Promise<void> {
  const { mongod, folder, port, setName, keyFile, cacheGb } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const logFile = join(folder, 'mongod.log');
  const args = [
    ...marker(folder).split(/ (.*)/s, 2),
    ...['--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'],
    // A key file turns access control on: who has no user, or a wrong password, is let nowhere.
    ...['--keyFile', keyFile],
    ...['--replSet', setName, '--oplogSize', '256', '--wiredTigerCacheSizeGB', String(cacheGb)],
    // $where, $function and mapReduce run JavaScript inside the server; nothing of ours needs that.
    ...['--noscripting', '--networkMessageCompressors', 'snappy,zstd', '--quiet'],
    // A slow query would be logged with its filter, and the ids of patients in it.
    ...['--slowms', '2147483647'],
    // After a primary hangs, a secondary that still reads its oplog holds up every majority write for 5 s by default.
    ...['--setParameter', 'oplogNetworkTimeoutBufferSeconds=1'],
    // And it asks the hung one again before it looks for another source, which costs seconds more.
    ...['--setParameter', 'oplogFetcherSteadyStateMaxFetcherRestarts=0'],
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    // On SIGTERM a member waits this long (15 s by default) for others to catch up, which are just being stopped too.
    ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=500'],
  ];
  // Whatever had the port a moment ago may still be letting go of it; mongod itself does not wait.
  await poll(() => isPortFree(port), portMs);
  const pid = await launch(mongod, args, { logFile });
  const ready = await poll(async () => {
    if (!(await isOurs(pid, marker(folder)))) {
      throw new EmbeddedError(
        `mongod on ${folder} ended at once: ${await lastLines(logFile)}. Its log is ${logFile}; with the cause away, start ` +
          `again (as a last resort move ${folder} aside: the other members fill it anew).`,
      );
    }
    return succeeds(ask(options, { ping: 1 }, 500));
  }, answerMs);
  if (!ready)
    throw new EmbeddedError(
      `mongod on port ${port} has not answered for ${answerMs / 1000} s; see ${logFile}.`,
    );
}

/** A handle on the node of `options.folder`; nothing is started before `restart()`. */
export function mongodNode(options: NodeOptions): MongodNode {
  const { folder, port } = options;
  const pid = (): Promise<number | undefined> => runningPid(folder);
  return {
    port,
    pid,
    async kill(name = 'SIGKILL') {
      const running = await pid();
      if (running !== undefined) signal(running, name);
    },
    async restart() {
      const running = await pid();
      if (running !== undefined) {
        // Alive and well, such as an orphan of a crashed start: adopted as it is. 3 s is a hang, not a load.
        const isAnswering = await succeeds(ask(options, { ping: 1 }, 3_000));
        if (isAnswering && (await succeeds(ask(options, { connectionStatus: 1 })))) return;
        // One that does not know our key was started by an earlier version, which let everybody in.
        if (isAnswering) await stopNode(folder);
        else await terminate(running, marker(folder), [['SIGKILL', 5_000]]);
      }
      await start(options);
    },
    ask: (command, timeoutMs) => ask(options, command, timeoutMs),
  };
}
