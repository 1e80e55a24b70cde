import { setTimeout as sleep } from 'node:timers/promises';

/** A server that can end by itself, or be killed, under those who use it. */
export interface Mendable {
  readonly name: string;
  isUp(): Promise<boolean>;
  /** Starts it again where its clients look for it. */
  restart(): Promise<void>;
}

const everyMs = 1_000;

interface Mending {
  /** Ends it; waits for a restart that is under way. */
  stop(): Promise<void>;
}

/**
 * Starts again what has ended. Two members of three go on meanwhile, and writes to a Postgres that is away are tried again
 * until it is back; a server that cannot be started ends the process, so that nothing half alive is left.
 *
 * @param alone runs a restart while nobody else starts or stops servers of the folder
 */
export function mendServers(
  servers: readonly Mendable[],
  { alone, log }: { alone: (act: () => Promise<void>) => Promise<void>; log: (line: string) => void },
): Mending {
  const stopping = new AbortController();
  const { signal } = stopping;
  async function mend(): Promise<void> {
    const up = await Promise.all(servers.map((server) => server.isUp()));
    if (up.every(Boolean)) return;
    await alone(async () => {
      for (const server of servers) {
        if (signal.aborted || (await server.isUp())) continue;
        log(`${server.name} has ended; starting it again`);
        await server.restart();
      }
    });
  }
  async function loop(): Promise<void> {
    while (!signal.aborted) {
      await mend();
      await sleep(everyMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }
  const looped = loop().catch((error: unknown) => {
    log(`${(error as Error).message} Stopping.`);
    process.kill(process.pid, 'SIGTERM');
  });
  return {
    async stop() {
      stopping.abort();
      await looped;
    },
  };
}
