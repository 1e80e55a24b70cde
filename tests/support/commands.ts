import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { installPackage } from '../../src/databases/embedded/apt.js';

const run = promisify(execFile);

/** apt-get refuses to run beside another one. Postgres keeps the turn: it ends with the one who has it, however that ends. */
async function turnOfApt(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: process.env['TEST_POSTGRES_URI'] });
  await client.connect();
  await client.query('select pg_advisory_lock(2)');
  return () => client.end();
}

/** A program that a test runs as a user would: when it is missing, root installs it, and anybody else is told what to do. */
export async function needCommand(name: string, packageName = name): Promise<void> {
  const isThere = () =>
    run('bash', ['-c', `command -v ${name}`]).then(
      () => true,
      () => false,
    );
  if (await isThere()) return;
  if (process.getuid?.() === 0) {
    const release = await turnOfApt();
    if (!(await isThere())) await installPackage(packageName).catch(() => undefined);
    await release();
  }
  if (await isThere()) return;
  throw new Error(`This test needs ${name}, which is missing here: apt-get install -y ${packageName}`);
}
