import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const installMs = 300_000;

/** Installs a package of Debian's, as root. A package list from the image's birth may be too old, or missing: it is refreshed only when it has to be. */
export async function installPackage(name: string): Promise<void> {
  const apt = (...args: string[]) =>
    run('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args], { timeout: installMs });
  const install = () => apt('install', '-y', '--no-install-recommends', name);
  await install().catch(async () => {
    await apt('update');
    await install();
  });
}
