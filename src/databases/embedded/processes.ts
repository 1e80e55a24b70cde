import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the embedded servers tell about themselves goes here, one sentence at a time; no secrets, no data. */
export type Log = (message: string) => void;

/** A start that cannot succeed: `message` is one line that says what, why and the fix, fit to be printed as it is. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
}

/** The command line of a running process, its arguments joined by spaces, or undefined when there is none. */
async function commandLine(pid: number): Promise<string | undefined> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
  } catch {
    // No /proc on macOS; on Linux the process is gone and ps says so too.
    const answer = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined);
    return answer?.stdout.trim();
  }
}

/**
 * Whether `pid` runs and was started with these `words` (`--dbpath /…/n0`). A pid alone proves nothing: after a crash or
 * a reboot the number may belong to anybody. A zombie has no command line and counts as gone.
 */
export async function isOurs(pid: number | undefined, words: string): Promise<boolean> {
  if (pid === undefined) return false;
  return `${(await commandLine(pid)) ?? ''} `.includes(`${words} `);
}

/** All processes of this machine. */
async function allPids(): Promise<number[]> {
  const all = await readdir('/proc').catch(async () => {
    const answer = await run('ps', ['-A', '-o', 'pid=']).catch(() => undefined);
    return answer?.stdout.split('\n') ?? [];
  });
  return all.map(Number).filter((pid) => Number.isInteger(pid) && pid > 0);
}

/** The processes that were started with these words, by anybody. */
export async function pidsWith(words: string): Promise<number[]> {
  const pids = await allPids();
  const ours = await Promise.all(pids.map((pid) => isOurs(pid, words)));
  return pids.filter((_, index) => ours[index]);
}

/** The processes whose working directory is this folder; none where there is no /proc. */
export async function processesIn(folder: string): Promise<number[]> {
  const wanted = await realpath(folder).catch(() => folder);
  const pids = await allPids();
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => undefined)));
  return pids.filter((_, index) => folders[index] === wanted);
}

/** When the process started, as an opaque text that tells it from a later one with the same pid; undefined when it is gone. */
export async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the name in parentheses may hold spaces, so fields are counted from its end; field 3 is the state, 22 the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] !== 'Z') return fields[19];
    // The first thread of a dying process is a zombie while the others still hold its files and ports.
    return (await readdir(`/proc/${pid}/task`)).length > 1 ? fields[19] : undefined;
  } catch {
    const answer = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
    return answer?.stdout.trim() || undefined;
  }
}

/** The user a server runs as; without it, our own. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Starts a server that outlives us when we crash, its output in `logFile` (emptied first). It gets a session of its own:
 * a Ctrl-C in the terminal reaches the whole foreground process group, and would stop the databases before the API has
 * answered the requests under way. After a SIGKILL of ours a keeper stops it, or the next start adopts it.
 */
export async function launch(
  program: string,
  args: readonly string[],
  options: { logFile: string; runAs?: RunAs },
): Promise<number> {
  const log = await open(options.logFile, 'w', 0o600);
  try {
    const child = spawn(program, args, {
      ...options.runAs,
      detached: true,
      cwd: '/',
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    child.unref();
    if (child.pid === undefined) throw new EmbeddedError(`${program} did not start.`);
    return child.pid;
  } finally {
    await log.close();
  }
}

/** Sends a signal; a process that is already gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks `check` until it answers something; undefined when `timeoutMs` have passed. */
export async function poll<T>(
  check: () => Promise<T | undefined | false>,
  timeoutMs: number,
  everyMs = 25,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await check();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) return undefined;
    await sleep(everyMs);
  }
}

/** Signals of growing severity, each with its patience in milliseconds. */
export type Steps = readonly (readonly [NodeJS.Signals, number])[];

/** Stops a process, by one step after the other. */
export async function terminate(pid: number, words: string, steps: Steps): Promise<void> {
  const start = await startOf(pid);
  if (!(await isOurs(pid, words))) return;
  for (const [name, patienceMs] of steps) {
    signal(pid, name);
    // Not by its command line, which a dying process loses before it lets go of its port.
    if (await poll(async () => (await startOf(pid)) !== start, patienceMs)) return;
  }
}

/** Whether nobody listens on 127.0.0.1:`port`, nor uses it for a connection. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/**
 * A free port on 127.0.0.1 that is not in `taken`. Chosen below the ephemeral range (32768 and up on Linux), so that an
 * outgoing connection does not sit on it at the next start, and away from MongoDB's and Postgres's own.
 */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 7_000);
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new EmbeddedError(
    'No free port between 20000 and 26999 on 127.0.0.1: stop what listens there, and start again.',
  );
}

/** The last lines that a server wrote before it died, for an error message. */
export async function lastLines(file: string, count = 3): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-count).join(' | ').slice(-900);
}
