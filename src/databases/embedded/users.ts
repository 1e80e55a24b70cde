import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
      if (holder && !(await lives(holder))) await rm(lock, { force: true });
      else if (holder && !told) {
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

/** Who uses the embedded databases of a data folder; read and written under the lock. */
export interface Users {
  /** Adds this process; answers whether it is alone. Processes that died without leaving are forgotten. */
  join(): Promise<boolean>;
  /** Removes this process; answers whether nobody is left. */
  leave(): Promise<boolean>;
}

/** The list is kept in `<dataDir>/embedded.json`. A process that opens twice counts twice. */
export function users(dataDir: string): Users {
  const file = join(dataDir, 'embedded.json');
  const others = async (): Promise<Holder[]> => {
    const known = (await readJson<{ users: Holder[] }>(file))?.users ?? [];
    const alive = await Promise.all(known.map(lives));
    return known.filter((_, index) => alive[index]);
  };
  const write = async (list: readonly Holder[]): Promise<void> => {
    const fresh = `${file}.new`;
    await writeFile(fresh, JSON.stringify({ users: list }), { mode: 0o600 });
    await rename(fresh, file);
  };
  return {
    async join() {
      const list = await others();
      await write([...list, await myself()]);
      return list.length === 0;
    },
    async leave() {
      const list = await others();
      const mine = list.findIndex((user) => user.pid === process.pid);
      const left = list.filter((_, index) => index !== mine);
      await write(left);
      return left.length === 0;
    },
  };
}
