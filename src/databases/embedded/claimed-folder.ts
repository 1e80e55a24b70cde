import { once } from 'node:events';
import { mkdtemp, readdir, rename, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';

/*
 * Folders of servers that end with the process that made them. Whether it still lives is not guessed from a pid, which
 * another container numbers anew and a later process inherits: the folder holds a Unix socket on which its maker
 * listens. The kernel closes that when the process ends, however it ends, and keeps it open while the process is frozen.
 */

const door = 'alive';
const unfinished = '.new-';
const hourMs = 3_600_000;

interface ClaimedFolder {
  readonly path: string;
  /** Called when what was in it has been removed. */
  release(): void;
}

async function listenIn(folder: string): Promise<Server> {
  const path = join(folder, door);
  // Longer ones are cut off without a word, and the socket would be somewhere else.
  if (Buffer.byteLength(path) > 103)
    throw new Error(`${dirname(folder)} is too long a path: set TMPDIR to a shorter one.`);
  const server = createServer((socket) => socket.destroy());
  server.listen(path);
  await once(server, 'listening');
  server.unref();
  return server;
}

/** Makes a folder `<prefix>…` of `parent` that counts as in use until it is released or this process has ended. */
export async function claimFolder(parent: string, prefix: string): Promise<ClaimedFolder> {
  // It gets its name when we listen already: anyone who looks sees none, or one that answers.
  const fresh = await mkdtemp(join(parent, `${unfinished}${prefix}`));
  const server = await listenIn(fresh);
  const path = join(parent, basename(fresh).slice(unfinished.length));
  await rename(fresh, path);
  return { path, release: () => void server.close() };
}

/** Nobody listens: refused, or no socket. Anything else (no permission, a full queue) is said of a process that lives. */
async function isAbandoned(folder: string): Promise<boolean> {
  const socket = connect(join(folder, door));
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    return ['ECONNREFUSED', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    socket.destroy();
  }
}

/** An empty folder whose maker was killed before it had its name; there is nothing in it that could be in use for long. */
const isOld = (folder: string): Promise<boolean> =>
  stat(folder).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > hourMs,
    () => false,
  );

/** The folders of `parent` with this prefix whose makers have ended without removing them. */
export async function abandonedFolders(parent: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    const isLeft =
      (name.startsWith(prefix) && (await isAbandoned(folder))) ||
      (name.startsWith(unfinished + prefix) && (await isAbandoned(folder)) && (await isOld(folder)));
    if (isLeft) found.push(folder);
  }
  return found;
}
