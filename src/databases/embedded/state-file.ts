import { copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError, poll, startOf, type Log } from './processes.js';

/** A process, told from a later one with the same pid by when it started. */
interface Holder {
  readonly pid: number;
  readonly start: string;
}

const waitMs = 120_000;

const lives = async (holder: Holder): Promise<boolean> => (await startOf(holder.pid)) === holder.start;

const myself = async (): Promise<Holder> => ({ pid: process.pid, start: (await startOf(process.pid)) ?? '' });

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

/**
 * Runs `act` while no other process of this machine runs one for the same `dataDir`; waits for the other, 120 s at most.
 * A lock whose holder has died is taken over.
 */
export async function withLock<T>(dataDir: string, log: Log, act: () => Promise<T>): Promise<T> {
  const lock = join(dataDir, 'embedded.lock');
  const mine = `${lock}.${process.pid}`;
  await writeFile(mine, JSON.stringify(await myself()), { mode: 0o600 });
  try {
    await take(lock, mine, log);
  } finally {
    await rm(mine, { force: true });
  }
  try {
    return await act();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string, mine: string, log: Log): Promise<void> {
  let told = false;
  let holder: Holder | undefined;
  const taken = await poll(
    async () => {
      try {
        // A link appears with its content, so nobody reads a lock that does not yet say whose it is.
        await link(mine, lock);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      holder = await readJson<Holder>(lock);
      if (holder && !(await lives(holder))) return takeOver(lock, mine);
      if (holder && !told) {
        told = true;
        log(`waiting for process ${holder.pid}, which starts or stops the embedded databases`);
      }
      return false;
    },
    waitMs,
    50,
  );
  if (taken) return;
  throw new EmbeddedError(
    `Process ${holder?.pid ?? '?'} has held ${lock} for ${waitMs / 1000} s: wait for it or stop it, and start again.`,
  );
}

/** Longer than anybody takes from having seen that a holder is dead to putting its own name in the place. */
const settleMs = 500;

/**
 * Takes a dead holder's lock: several may have seen that it is dead, and each puts its own name there, so the last one has it
 * (Fischer's mutual exclusion). Removed first, it could be the lock of one who has just taken it over.
 */
async function takeOver(lock: string, mine: string): Promise<boolean> {
  const copy = `${mine}.over`;
  await copyFile(mine, copy);
  await rename(copy, lock);
  await sleep(settleMs);
  return (await readFile(lock, 'utf8').catch(() => '')) === (await readFile(mine, 'utf8'));
}

/** A database server, for people and tests that want to look at it; whether it runs, its own lock file tells. */
export interface Server {
  readonly name: 'mongod' | 'postgres';
  readonly pid: number;
  readonly port: number;
}

interface State {
  readonly users: readonly Holder[];
  readonly servers: readonly Server[];
}

/** `<dataDir>/embedded.json`: who uses the databases of the folder. Read and written under the lock. */
interface StateFile {
  /** Adds this process; answers whether it is alone. Processes that died without leaving are forgotten. */
  join(): Promise<boolean>;
  /** Notes what runs; servers of another kind than those given stay as they are. */
  note(servers: readonly Server[]): Promise<void>;
  /** Removes this process; answers whether nobody is left. */
  leave(): Promise<boolean>;
}

/** The state of a data folder. A process that opens twice counts twice. */
export function stateFile(dataDir: string): StateFile {
  const file = join(dataDir, 'embedded.json');
  const read = async (): Promise<State> => {
    const { users = [], servers = [] } = (await readJson<Partial<State>>(file)) ?? {};
    const alive = await Promise.all(users.map(lives));
    return { users: users.filter((_, index) => alive[index]), servers };
  };
  const write = async (state: State): Promise<void> => {
    const fresh = `${file}.new`;
    await writeFile(fresh, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
    await rename(fresh, file);
  };
  return {
    async join() {
      const { users, servers } = await read();
      await write({ users: [...users, await myself()], servers });
      return users.length === 0;
    },
    async note(servers) {
      const state = await read();
      const kept = state.servers.filter(({ name }) => servers.every((server) => server.name !== name));
      await write({ ...state, servers: [...kept, ...servers] });
    },
    async leave() {
      const { users, servers } = await read();
      const mine = users.findIndex((user) => user.pid === process.pid);
      const left = users.filter((_, index) => index !== mine);
      await write({ users: left, servers: left.length > 0 ? servers : [] });
      return left.length === 0;
    },
  };
}
