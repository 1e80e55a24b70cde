import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { poll, signal as send, startOf } from '../../src/databases/embedded/processes.js';

/* A command as people type it, and the processes that it consists of, from npm to the helpers of Postgres. Needs /proc. */

export type Role = 'npm' | 'sh' | 'bootstrap' | 'script' | 'keeper' | 'mongod' | 'postgres' | 'helper';

export interface Chain {
  /** What it has written so far, to stdout and stderr. */
  said(): string;
  /** Waits until it has written `words`. */
  until(words: string | RegExp): Promise<void>;
  /** Its processes that run now. */
  members(): Promise<ReadonlyMap<number, Role>>;
  /** The processes that are left when all have ended or `withinMs` have passed. */
  left(withinMs: number): Promise<readonly string[]>;
  count(role: Role): Promise<number>;
  /** Sends the signal to one process of this role, and answers its pid; 0 when there was none any more. */
  kill(role: Role, signal: NodeJS.Signals): Promise<number>;
  /** Whether npm has. */
  hasEnded(): boolean;
  /** Kills whatever is left, for a test that has failed. */
  end(): Promise<void>;
}

const waitMs = 120_000;

const textOf = (pid: number, file: string): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');

function roleOf(words: string): Role | undefined {
  if (/^npm /.test(words)) return 'npm';
  if (/^\S*sh -c (exec )?node scripts\/bootstrap/.test(words)) return 'sh';
  if (/bootstrap\.mjs/.test(words)) return 'bootstrap';
  if (/^sh -c trap|close-unused/.test(words)) return 'keeper';
  if (/--dbpath/.test(words)) return 'mongod';
  if (/bin\/postgres -D/.test(words)) return 'postgres';
  if (/\.ts( |$)|\.build\/\S+\.js( |$)/.test(words)) return 'script';
  return undefined;
}

/** Every process that inherited `mark` in its environment; Postgres's helpers overwrite theirs, and go by their parent. */
async function membersOf(mark: string): Promise<Map<number, Role>> {
  const found = new Map<number, Role>();
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || (await startOf(pid)) === undefined) continue;
    const stat = await textOf(pid, 'stat');
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    if (!(await textOf(pid, 'environ')).includes(mark)) continue;
    const words = (await textOf(pid, 'cmdline')).replaceAll('\0', ' ').trim();
    const role = roleOf(words);
    if (role) found.set(pid, role);
  }
  for (const [pid, parent] of parents) if (found.get(parent) === 'postgres') found.set(pid, 'helper');
  return found;
}

/** Runs `npm <args>` in `cwd`. `DATA_DIR` in `env` tells its processes from those of others. */
export function startChain(args: readonly string[], env: Record<string, string>, cwd = process.cwd()): Chain {
  const child = spawn('npm', args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', BCRYPT_COST: '4', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => (text += more));
  const mark = `DATA_DIR=${env['DATA_DIR']!}\0`;
  const members = (): Promise<Map<number, Role>> => membersOf(mark);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const left: Chain['left'] = async (withinMs) => {
    let last: readonly string[] = [];
    await poll(
      async () => {
        last = [...(await members())].map(([pid, role]) => `${role} ${pid}`);
        return last.length === 0;
      },
      withinMs,
      100,
    );
    return last;
  };
  return {
    said: () => text,
    hasEnded,
    members,
    left,
    count: async (role) => [...(await members()).values()].filter((its) => its === role).length,
    async until(words) {
      const seen = await poll(() => Promise.resolve(hasEnded() || text.search(words) >= 0), waitMs);
      if (!seen || text.search(words) < 0)
        throw new Error(`npm ${args.join(' ')} has not said ${String(words)}, but: ${text.slice(-2_000)}`);
    },
    async kill(role, signal) {
      const [pid = 0] = [...(await members())].find(([, its]) => its === role) ?? [];
      if (pid !== 0) send(pid, signal);
      return pid;
    },
    async end() {
      // Again until none is left: a keeper that is killed is replaced.
      while ((await left(0)).length > 0) for (const pid of (await members()).keys()) send(pid, 'SIGKILL');
    },
  };
}
