import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { abandonedFolders, claimFolder } from '../../src/databases/embedded/claimed-folder.js';

describe('a claimed folder', () => {
  let parent: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'claims-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await rm(parent, { recursive: true, force: true });
  });

  const abandoned = async (): Promise<string[]> =>
    (await abandonedFolders(parent, 'servers-')).map((folder) => basename(folder));

  /** Another process that claims a folder and then waits for ever. */
  async function claimElsewhere(): Promise<string> {
    const script = `import { claimFolder } from './src/databases/embedded/claimed-folder.ts';
      console.log((await claimFolder(process.argv[1], 'servers-')).path);
      setInterval(() => {}, 1000);`;
    const words = ['--import', 'tsx', '--input-type=module', '--eval', script, parent];
    child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [path] = (await once(createInterface(child.stdout!), 'line')) as [string];
    return basename(path);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ended = once(child!, 'exit');
    child!.kill(signal);
    await ended;
  }

  it('QUAL-6: is in use while its process lives, is frozen, or is looked at many times', async () => {
    const name = await claimElsewhere();
    expect(await abandoned()).deep.equal([]);
    child!.kill('SIGSTOP');
    for (let look = 0; look < 600; look += 1) expect(await abandoned()).deep.equal([]);
    child!.kill('SIGCONT');
    expect(await abandoned()).deep.equal([]);
    await end('SIGKILL');
    expect(await abandoned()).deep.equal([name]);
  });

  it('QUAL-6: is left behind when its process has ended, though the pid in its name is that of one that lives', async () => {
    await mkdir(join(parent, `servers-${process.pid}-abc`));
    expect(await abandoned()).deep.equal([`servers-${process.pid}-abc`]);
  });

  it('QUAL-6: is in use until it is released, and folders of other names are nobody’s business', async () => {
    await mkdir(join(parent, 'others-1'));
    const { path, release } = await claimFolder(parent, 'servers-');
    expect(await abandoned()).deep.equal([]);
    await rm(path, { recursive: true });
    release();
    expect(await readdir(parent)).deep.equal(['others-1']);
  });

  it('QUAL-6: without a name yet, is not taken for one that was left behind', async () => {
    await mkdir(join(parent, '.new-servers-abc'));
    expect(await abandoned()).deep.equal([]);
  });

  it('QUAL-6: a path that a socket cannot have is refused', async () => {
    const deep = join(parent, 'x'.repeat(100));
    await mkdir(deep);
    const refusal = await claimFolder(deep, 'servers-').catch((error: Error) => error.message);
    expect(refusal).match(/too long a path: set TMPDIR/);
  });
});
