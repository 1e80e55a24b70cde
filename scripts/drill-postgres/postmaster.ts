import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres } from '../../src/databases/embedded/postgres.js';
import { poll, processesIn, signal, type Log } from '../../src/databases/embedded/processes.js';

/** The Postgres of a drill: it dies as in a loss of power, and comes back on the same data and port. */
export interface Victim {
  kill(): Promise<void>;
  /** Returns when it answers; `launched_at` is from `performance.now()`, `up_ms` is from there to the answer. */
  restart(): Promise<{ launched_at: number; up_ms: number }>;
}

const goneMs = 5_000;

export function victimOf({
  dataDir,
  postgresUri,
  log,
}: {
  dataDir: string;
  postgresUri: string;
  log: Log;
}): Victim {
  const cluster = join(dataDir, 'postgres', 'data');
  const port = Number(new URL(postgresUri).port);

  return {
    async kill() {
      const postmaster = Number.parseInt(await readFile(join(cluster, 'postmaster.pid'), 'utf8'), 10);
      const mine = await processesIn(cluster);
      if (!mine.includes(postmaster)) throw new Error('The Postgres of the drill does not run.');
      // Stopped first: it must not see a child die, tell the others to go, and so end in good order.
      signal(postmaster, 'SIGSTOP');
      for (const pid of await processesIn(cluster)) signal(pid, 'SIGKILL');
      const gone = await poll(async () => (await processesIn(cluster)).length === 0, goneMs);
      if (!gone) throw new Error(`Postgres lives ${goneMs / 1000} s after SIGKILL.`);
    },
    async restart() {
      const launched_at = performance.now();
      await startPostgres({ dataDir, log, port });
      return { launched_at, up_ms: performance.now() - launched_at };
    },
  };
}
