import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Stops the servers of a data folder after this process, should it end without doing so itself. */
interface Keeper {
  /** All is stopped, or others use it: nothing is left to be done. */
  release(): Promise<void>;
}

/** Before a keeper that ended is started again. */
const pauseMs = 500;

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const closing = fileURLToPath(new URL('close-unused.ts', import.meta.url));

/**
 * The servers have sessions of their own (see `launch`), so nothing takes them along when we are killed. A keeper holds a
 * pipe of ours: a line on it is a release, its end without a line is our death. A shell does, which weighs a megabyte; Node
 * is only started when there is something to do. A keeper that is killed is replaced.
 *
 * @param remove the folder too, for one that nobody comes back to
 */
export function startKeeper(dataDir: string, { remove = false } = {}): Keeper {
  const script = `trap '' INT TERM HUP; read -r released || exec "$@"`;
  const command = [process.execPath, '--import', tsx, closing, dataDir];
  const words = ['-c', script, 'keeper', ...command, ...(remove ? ['--remove'] : [])];
  let kept = true;
  const start = (): ChildProcess => {
    const child = spawn('sh', words, { detached: true, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
    const again = (): void => {
      if (kept) setTimeout(() => kept && (current = start()), pauseMs).unref();
    };
    child.once('exit', again);
    // No process could be made: the server goes on without one until there is room.
    child.once('error', again);
    child.unref();
    const pipe = child.stdin as unknown as Socket;
    pipe.on('error', () => undefined); // it was killed; its `exit` follows
    pipe.unref();
    return child;
  };
  let current = start();
  return {
    async release() {
      if (!kept) return;
      kept = false;
      // It ended, and the next one is not there yet.
      if (current.pid === undefined || current.exitCode !== null || current.signalCode !== null) return;
      const ended = once(current, 'exit');
      current.ref();
      current.stdin!.end('released\n');
      await ended;
    },
  };
}
