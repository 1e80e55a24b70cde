import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of the day when the goals were set. */
export const versions = { parse: '9.10.0', eve: '2.3.1', gunicorn: '23.0.0' } as const;
export type Peer = 'parse' | 'eve';

const installMs = 900_000;

const home = join(tmpdir(), `smart-healthcare-peers-${process.getuid?.() ?? 0}`);

/** Where a peer stays for the next run: another version has another folder. */
export const folderOf = (peer: Peer): string => join(home, `${peer}-${versions[peer]}`);

/** What is in it is run: nobody else may have put it there. Throws when somebody else has made the folder. */
async function openHome(): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const { uid } = await stat(home);
  if (process.getuid && uid !== process.getuid()) throw new Error(`${home} belongs to somebody else.`);
}

/** What installs a peer into a folder; npm's and pip's own configuration says from where. */
export function installerOf(peer: Peer, folder: string): readonly string[] {
  const npm = ['npm', 'install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'];
  const pip = ['python3', '-m', 'pip', 'install', '--quiet', '--target', folder];
  return peer === 'parse'
    ? [...npm, '--loglevel', 'error', `parse-server@${versions.parse}`]
    : [...pip, `eve==${versions.eve}`, `gunicorn==${versions.gunicorn}`];
}

/**
 * Installs a peer unless it is there, and gives its folder. A stop or a failure leaves no half of one: what is being installed
 * has another name. Throws an Error with the last words of npm or pip.
 */
export async function installPeer(
  peer: Peer,
  { fresh, log, signal }: { fresh: boolean; log: (line: string) => void; signal: AbortSignal },
): Promise<string> {
  await openHome();
  const folder = folderOf(peer);
  if (fresh) await rm(folder, { recursive: true, force: true });
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  const part = `${folder}.${process.pid}`;
  try {
    await mkdir(part, { recursive: true });
    await writeFile(join(part, 'package.json'), '{ "private": true }');
    const [program, ...args] = installerOf(peer, part);
    log(`installing ${args.filter((word) => /[@=]\d/.test(word)).join(' and ')} into ${folder}`);
    await run(program!, args, { timeout: installMs, signal, cwd: part });
    await rename(part, folder);
  } catch (error) {
    signal.throwIfAborted();
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`${peer} could not be installed: ${(stderr?.trim() || message).slice(-1000)}`, {
      cause: error,
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return folder;
}
