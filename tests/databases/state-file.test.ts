import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const door = new URL('../../src/databases/embedded/state-file.ts', import.meta.url).href;

/** Takes the lock of its folder some times, each time leaves that of a dead process, and says how often it was not alone. */
const contender = `
  import { link, rm, writeFile } from 'node:fs/promises';
  import { withLock } from ${JSON.stringify(door)};
  const [dir, rounds] = [process.argv[1], Number(process.argv[2])];
  let crowds = 0;
  for (let round = 0; round < rounds; round += 1) {
    await withLock(dir, () => {}, async () => {
      const isAlone = await writeFile(dir + '/in', '', { flag: 'wx' }).then(() => true, () => false);
      if (isAlone) await rm(dir + '/in');
      else crowds += 1;
    });
    await link(dir + '/dead', dir + '/embedded.lock').catch(() => {});
  }
  console.log(crowds);`;

describe('withLock', function () {
  this.timeout(60_000);

  it('QUAL-5: of those who find a dead holder’s lock, one takes it over at a time', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lock-'));
    try {
      // A pid that no system gives.
      await writeFile(join(dir, 'dead'), JSON.stringify({ pid: 2 ** 30, start: '1' }));
      const args = ['--import', 'tsx', '--input-type=module', '-e', contender, dir, '5'];
      const all = await Promise.all([1, 2, 3].map(() => run(process.execPath, args, { timeout: 50_000 })));
      expect(all.map(({ stdout }) => stdout.trim())).to.deep.equal(['0', '0', '0']);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
