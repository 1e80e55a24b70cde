import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { startOf } from '../../src/databases/embedded/processes.js';
import { sweepServers } from '../support/servers.js';

describe('the servers of a test run', function () {
  this.timeout(120_000);
  let parent: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'sweep-'));
  });
  after(() => rm(parent, { recursive: true, force: true }));

  const alive = async (pids: readonly number[]): Promise<number[]> => {
    const starts = await Promise.all(pids.map(startOf));
    return pids.filter((_, index) => starts[index] !== undefined);
  };

  it('QUAL-6: another run leaves them alone while theirs lives, frozen too, and removes them when it was killed', async () => {
    const script = `import { startServers } from './tests/support/servers.ts';
      console.log((await startServers(process.argv[1])).folder);
      setInterval(() => {}, 1000);`;
    const words = ['--import', 'tsx', '--input-type=module', '--eval', script, parent];
    const holder = spawn(process.execPath, words, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TEST_MEMBERS: '3' },
    });
    const [folder] = (await once(createInterface(holder.stdout), 'line')) as [string];
    const locks = [
      'postgres/data/postmaster.pid',
      ...[0, 1, 2].map((member) => `mongo-${member}/mongod.lock`),
    ];
    const texts = await Promise.all(locks.map((lock) => readFile(join(folder, lock), 'utf8')));
    const pids = texts.map((lock) => Number.parseInt(lock, 10));

    expect(await sweepServers([parent])).deep.equal([]);
    holder.kill('SIGSTOP');
    expect(await sweepServers([parent])).deep.equal([]);
    expect(await alive(pids)).deep.equal(pids);

    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
    expect(await sweepServers([parent])).deep.equal([folder]);
    expect(await alive(pids)).deep.equal([]);
    expect(await readdir(parent)).deep.equal([]);
  });
});
