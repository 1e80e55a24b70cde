import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installPackage } from '../../src/databases/embedded/apt.js';
import { hold } from './turns.js';

const run = promisify(execFile);

/** A program that a test runs as a user would: when it is missing, root installs it, and anybody else is told what to do. */
export async function needCommand(name: string, packageName = name): Promise<void> {
  const isThere = () =>
    run('bash', ['-c', `command -v ${name}`]).then(
      () => true,
      () => false,
    );
  if (await isThere()) return;
  if (process.getuid?.() === 0) {
    // apt-get refuses to run beside another one.
    const release = await hold('apt', { alone: true });
    if (!(await isThere())) await installPackage(packageName).catch(() => undefined);
    await release();
  }
  if (await isThere()) return;
  throw new Error(`This test needs ${name}, which is missing here: apt-get install -y ${packageName}`);
}
