import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { poll, startOf } from '../../src/databases/embedded/processes.js';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('scripts/bootstrap.mjs', function () {
  this.timeout(120_000);
  let folder: string;

  const lock = (version: string) =>
    JSON.stringify({
      name: 'tiny',
      version,
      lockfileVersion: 3,
      packages: { '': { name: 'tiny', version } },
    });
  const bootstrap = (args: string[], env = process.env): Promise<Ended> =>
    new Promise((resolve) => {
      const words = [join(folder, 'scripts', 'bootstrap.mjs'), ...args];
      execFile(process.execPath, words, { cwd: folder, env }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });

  // A project without dependencies, so that npm ci takes a second and no network.
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bootstrap-'));
    await mkdir(join(folder, 'scripts'));
    for (const name of ['bootstrap.mjs', 'ends-with-parent.mjs'])
      await cp(join('scripts', name), join(folder, 'scripts', name));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'tiny', version: '1.0.0' }));
    await writeFile(join(folder, 'package-lock.json'), lock('1.0.0'));
    await writeFile(
      join(folder, 'say.mjs'),
      'console.log(process.argv.slice(2).join()); process.exitCode = 3;',
    );
    await writeFile(
      join(folder, 'wait.mjs'),
      `let signals = 0;
       process.on('SIGINT', () => { signals += 1; setTimeout(() => process.exit(10 + signals), 300); });
       process.on('SIGTERM', () => process.exit(20));
       console.log(process.pid);
       setInterval(() => {}, 1000);`,
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const stamp = (): Promise<string> => readFile(join(folder, 'node_modules', '.package-lock.sha256'), 'utf8');

  it('QUAL-1: installs when node_modules is missing, and passes on arguments, stdout and exit code', async () => {
    const { code, stdout, stderr } = await bootstrap(['say.mjs', 'a', '--json']);
    expect(stderr).to.include('npm ci');
    expect(stdout).to.equal('a,--json\n');
    expect(code).to.equal(3);
    expect(await stamp()).to.match(/^[0-9a-f]{64}$/);
  });

  it('QUAL-1: does not install again while the lock file is the same', async () => {
    expect((await bootstrap(['say.mjs'])).stderr).to.equal('');
  });

  it('QUAL-1: installs again after the lock file has changed, once even for two commands at a time', async () => {
    const before = await stamp();
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'tiny', version: '1.0.1' }));
    await writeFile(join(folder, 'package-lock.json'), lock('1.0.1'));
    const both = await Promise.all([bootstrap(['say.mjs']), bootstrap(['say.mjs'])]);
    expect(both.filter(({ stderr }) => stderr.includes('Installing'))).to.have.length(1);
    expect(both.map(({ code }) => code)).to.deep.equal([3, 3]);
    expect(await stamp()).to.not.equal(before);
  });

  it('QUAL-1: takes an npm ci made by hand for what it is', async () => {
    await writeFile(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: {} }));
    await rm(join(folder, 'node_modules', '.package-lock.sha256'));
    expect((await bootstrap(['say.mjs'])).stderr).to.equal('');
    expect(await stamp()).to.match(/^[0-9a-f]{64}$/);
  });

  it('QUAL-1: asks npm for what development needs, in production too', async () => {
    await writeFile(join(folder, 'package-lock.json'), lock('1.0.2'));
    await writeFile(join(folder, 'npm.js'), 'console.error(process.argv.slice(2).join(" "));');
    const env = { ...process.env, NODE_ENV: 'production', npm_execpath: join(folder, 'npm.js') };
    expect((await bootstrap(['say.mjs'], env)).stderr).to.match(/^ci --include=dev /m);
  });

  for (const [signal, version] of [
    ['SIGTERM', '2.0.0'],
    ['SIGKILL', '2.0.1'],
  ] as const)
    it(`QUAL-5: ${signal} in the middle of an install ends npm too, and the next start installs`, async () => {
      await writeFile(join(folder, 'package-lock.json'), lock(version));
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'tiny', version }));
      await writeFile(join(folder, 'npm.js'), 'console.error(process.pid); setInterval(() => {}, 1000);');
      const child = spawn(process.execPath, [join(folder, 'scripts', 'bootstrap.mjs'), 'say.mjs'], {
        env: { ...process.env, npm_execpath: join(folder, 'npm.js') },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let npm = 0;
      for await (const line of createInterface(child.stderr)) if ((npm = Number(line)) > 0) break;
      child.kill(signal);
      expect(await poll(async () => (await startOf(npm)) === undefined, 30_000)).to.equal(true);
      const { code, stderr } = await bootstrap(['say.mjs']);
      expect([code, /npm ci/.test(stderr)]).to.deep.equal([3, true]);
    });

  async function startWaiting() {
    const words = [join(folder, 'scripts', 'bootstrap.mjs'), 'wait.mjs'];
    const child = spawn(process.execPath, words, {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = (await once(createInterface(child.stdout), 'line')) as [string];
    const group = (signal: NodeJS.Signals): boolean => process.kill(-child.pid!, signal);
    return { child, group, scriptPid: Number(pid) };
  }

  it('DBA-8: a Ctrl-C, which npm sends a second time, reaches the script once', async () => {
    const { child, group } = await startWaiting();
    const ended = once(child, 'exit') as Promise<[number]>;
    group('SIGINT');
    child.kill('SIGINT');
    expect((await ended)[0]).to.equal(11);
  });

  it('DBA-8: a script does not outlive a bootstrap that was killed', async () => {
    const { group, scriptPid } = await startWaiting();
    group('SIGKILL');
    // Not by its pipe: a process that ends closes its files first, and is still there for a moment.
    expect(await poll(async () => (await startOf(scriptPid)) === undefined, 30_000)).to.equal(true);
  });

  it('DOCS-4: says what is wrong with a command line without a script', async () => {
    const { code, stderr } = await bootstrap([]);
    expect(code).to.equal(2);
    expect(stderr).to.match(/^Usage: /);
  });
});
