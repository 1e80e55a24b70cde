import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { chooseRunner, findPostgres, type Runner } from './postgres-binaries.js';
import {
  EmbeddedError,
  freePort,
  isOurs,
  lastLines,
  launch,
  pidsWith,
  poll,
  processesIn,
  signal,
  startOf,
  terminate,
  type Log,
  type Steps,
} from './processes.js';

const run = promisify(execFile);

interface PostgresOptions {
  /** The cluster lives in `<dataDir>/postgres`. */
  readonly dataDir: string;
  readonly log: Log;
  /** For one that is to come back where its clients look for it; without it, a free one. */
  readonly port?: number;
  /** The folder with `bin/initdb` and `bin/postgres`; npm's when missing. */
  readonly root?: string | undefined;
}

export interface Postgres {
  /** Of the database `smart_healthcare`, as the role of that name, which owns it and may create others. */
  readonly uri: string;
  readonly port: number;
  /** The pid now, or undefined while it is down. */
  pid(): Promise<number | undefined>;
  /** Whether it runs and takes connections, or will: one that was told to stop may wait for its last one for ever. */
  isUp(): Promise<boolean>;
  /** Starts it on the same port when it is not up. */
  restart(): Promise<void>;
  /** Stops it; transactions under way are rolled back, the data stays. */
  stop(): Promise<void>;
}

const role = 'smart_healthcare';
const answerMs = 30_000;

/** A small machine beside three mongods. What decides durability (fsync, synchronous_commit) keeps its safe default. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '128MB',
  work_mem: '16MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '512MB',
  max_connections: '100',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A failed statement is reported to its client; in a log its text and values would be patients' data.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

const paths = (dataDir: string) => {
  const folder = join(resolve(dataDir), 'postgres');
  return {
    folder,
    cluster: join(folder, 'data'),
    password: join(folder, 'password'),
    log: join(folder, 'postgres.log'),
    lock: join(folder, 'data', 'postmaster.pid'),
  };
};

const marker = (cluster: string): string => `-D ${cluster}`;

interface Running {
  readonly pid: number;
  readonly port: number;
}

interface Holder extends Running {
  /** Whether that process is the Postgres of this cluster. */
  readonly ours: boolean;
  readonly stopping: boolean;
}

/** Who holds the cluster's lock file. */
async function lockHolder(dataDir: string): Promise<Holder | undefined> {
  const { lock, cluster } = paths(dataDir);
  const lines = (await readFile(lock, 'utf8').catch(() => '')).split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  if (Number.isNaN(pid)) return undefined;
  const ours = await isOurs(pid, marker(cluster));
  return { pid, port: Number(lines[3]), ours, stopping: lines[7]?.trim() === 'stopping' };
}

/**
 * Starts the Postgres of `dataDir`, making the cluster and the database when they are missing; one that already runs there
 * is adopted, one that hangs is started anew. The port is another one at each start, unless it is given. Throws EmbeddedError.
 */
export async function startPostgres({ dataDir, log, port, root: given }: PostgresOptions): Promise<Postgres> {
  const { folder, password } = paths(dataDir);
  const root = given ?? (await findPostgres());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const runner = await chooseRunner(root, folder);
  await makeCluster(root, dataDir, runner, log);
  const secret = (await readFile(password, 'utf8')).trim();
  const running =
    (await adopt(dataDir, secret)) ??
    (await launchPostgres(root, dataDir, runner, secret, port ?? (await freePort())));
  await makeDatabase(running.port, secret);
  return {
    uri: `postgres://${role}:${secret}@127.0.0.1:${running.port}/${role}`,
    port: running.port,
    async pid() {
      const holder = await lockHolder(dataDir);
      return holder?.ours ? holder.pid : undefined;
    },
    async isUp() {
      const holder = await lockHolder(dataDir);
      return holder !== undefined && holder.ours && !holder.stopping;
    },
    async restart() {
      await stopPostgres(dataDir);
      await startPostgres({ dataDir, log, port: running.port, root });
    },
    stop: () => stopPostgres(dataDir),
  };
}

/** Stops the Postgres of `dataDir` if it runs, by whomever it was started. */
export async function stopPostgres(dataDir: string): Promise<void> {
  const words = marker(paths(dataDir).cluster);
  const holder = await lockHolder(dataDir);
  // One that was started a moment ago, by a process that was killed, has not written its lock yet.
  const pid = holder?.ours ? holder.pid : (await pidsWith(words))[0];
  if (pid === undefined) return endOrphans(dataDir);
  await end(pid, dataDir, [
    ['SIGINT', 20_000], // fast shutdown: no new work, roll back, checkpoint
    ...atOnce,
  ]);
}

/** Immediate: the next start recovers from the log. */
const atOnce: Steps = [
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

/** Ends a postmaster and its helpers, which work in the folder of the cluster as nobody else does. */
async function end(postmaster: number, dataDir: string, steps: Steps): Promise<void> {
  const { cluster } = paths(dataDir);
  // A process that is paused hears nothing else.
  for (const pid of await processesIn(cluster)) signal(pid, 'SIGCONT');
  await terminate(postmaster, marker(cluster), steps);
  await endOrphans(dataDir);
}

/**
 * Helpers end when their postmaster does, but not while they are paused, and as long as one is there no Postgres starts on
 * the cluster. Without a postmaster nothing of theirs is kept, however they end.
 */
async function endOrphans(dataDir: string): Promise<void> {
  const { cluster } = paths(dataDir);
  if ((await pidsWith(marker(cluster))).length > 0) return;
  for (const pid of await processesIn(cluster)) signal(pid, 'SIGKILL');
}

/** Postgres's own collation, by code point, equal on every machine and after every upgrade of its C library; before 17, C's. */
async function localeWords(root: string): Promise<string[]> {
  const { stdout } = await run(join(root, 'bin', 'postgres'), ['--version']);
  const major = Number.parseInt(/\d+/.exec(stdout)?.[0] ?? '', 10);
  return major >= 17
    ? ['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8']
    : ['--locale', 'C.UTF-8'];
}

async function makeCluster(root: string, dataDir: string, runner: Runner, log: Log): Promise<void> {
  const { folder, cluster, password } = paths(dataDir);
  if (
    await access(cluster).then(
      () => true,
      () => false,
    )
  )
    return;
  log(`making a Postgres cluster in ${cluster}`);
  // An initdb whose starter was killed may still be at work in a folder of its own.
  for (const name of await readdir(folder))
    if (name.startsWith('data.new')) await rm(join(folder, name), { recursive: true, force: true });
  await writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  await chmod(password, 0o600);
  await runner.own(password);
  // Made beside and renamed, so that a crash half-way leaves no cluster rather than half of one.
  const fresh = join(folder, `data.new-${process.pid}`);
  const words = [
    ...[...runner.prefix, join(root, 'bin', 'initdb'), '-D', fresh, '-U', 'postgres'],
    ...[
      '-A',
      'scram-sha-256',
      '--pwfile',
      password,
      '--encoding',
      'UTF8',
      '--data-checksums',
      '--no-instructions',
    ],
    ...(await localeWords(root)),
  ];
  await run(words[0] ?? '', words.slice(1), { ...runner.runAs, cwd: '/' }).catch(
    (error: { stderr?: string; message: string }) => {
      const why = (error.stderr?.trim() || error.message).split('\n').slice(-2).join(' ');
      throw new EmbeddedError(`initdb could not make ${cluster}: ${why}`);
    },
  );
  await rename(fresh, cluster);
}

/** Runs `use` with a connection of the superuser to the database `postgres`. */
async function asSuperuser<T>(
  port: number,
  password: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' },
    connectionTimeoutMillis: 3_000,
    query_timeout: 10_000,
  });
  // A server that dies under the connection is told by the query that fails; unheard, the event would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const answers = (port: number, password: string): Promise<boolean> =>
  asSuperuser(port, password, (client) => client.query('SELECT 1')).then(
    () => true,
    () => false,
  );

/** What an earlier process has left running, if it answers; if not, it is put out of the way. */
async function adopt(dataDir: string, password: string): Promise<Running | undefined> {
  const { lock } = paths(dataDir);
  const holder = await lockHolder(dataDir);
  if (holder?.ours) {
    if (await poll(() => answers(holder.port, password), 5_000, 200)) return holder;
    await end(holder.pid, dataDir, atOnce);
  } else if (holder && (await startOf(holder.pid)) !== undefined) {
    // After a crash or a reboot the pid may belong to somebody else, and Postgres would take that one for its postmaster.
    // Only then: for a dead pid Postgres itself checks that no child of the old postmaster is left, before it goes on.
    await rm(lock, { force: true });
  }
  return undefined;
}

async function launchPostgres(
  root: string,
  dataDir: string,
  runner: Runner,
  password: string,
  port: number,
): Promise<Running> {
  const { cluster, log: logFile } = paths(dataDir);
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const words = [
    ...[...runner.prefix, join(root, 'bin', 'postgres')],
    ...[...marker(cluster).split(/ (.*)/s, 2), '-p', String(port), ...options],
  ];
  const deadline = performance.now() + answerMs;
  while (performance.now() < deadline) {
    const pid = await launch(words[0] ?? '', words.slice(1), { logFile, runAs: runner.runAs });
    const outcome = await poll<'up' | 'gone'>(async () => {
      if (await answers(port, password)) return 'up';
      // Not by its command line, which is empty for a moment while setpriv gives way to postgres.
      return (await startOf(pid)) === undefined ? 'gone' : undefined;
    }, deadline - performance.now());
    if (outcome === 'up') return { pid, port };
    // A postmaster that was killed is a moment in dying, and its children in noticing; until then they hold lock and memory.
    const held = /lock file "postmaster.pid" already exists|shared memory block/;
    if (outcome !== 'gone' || !held.test(await lastLines(logFile, 10))) break;
    await sleep(200);
    const other = await adopt(dataDir, password);
    if (other) return other;
    await endOrphans(dataDir);
  }
  throw new EmbeddedError(
    `Postgres on ${cluster} did not start: ${await lastLines(logFile)}. Its log is ${logFile}.`,
  );
}

/** The role that the API uses (no superuser) and its database. */
async function makeDatabase(port: number, password: string): Promise<void> {
  await asSuperuser(port, password, async (client) => {
    const there = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [role]);
    if (there.rowCount) return;
    const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    if (!known.rowCount) {
      await client.query(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD ${client.escapeLiteral(password)}`);
      await client.query(`GRANT pg_monitor TO ${role}`);
    }
    await client.query(`CREATE DATABASE ${role} OWNER ${role}`);
  });
}
