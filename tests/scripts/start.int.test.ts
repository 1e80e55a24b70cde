import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { poll, startOf } from '../../src/databases/embedded/processes.js';
import { needCommand } from '../support/commands.js';

const run = promisify(execFile);

interface Started {
  readonly child: ChildProcess;
  /** What it printed up to "Ctrl-C". */
  readonly printed: string;
  readonly url: string;
}

/** A command without npm: the same command line. Its stdout and stderr are text. */
function launch(script: string, env: Record<string, string>) {
  const child = spawn(process.execPath, ['scripts/bootstrap.mjs', script], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      BCRYPT_COST: '4',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  return child;
}

/** `npm start`, embedded servers in a folder of its own. */
async function start(env: Record<string, string>): Promise<Started> {
  const child = launch('src/main.ts', env);
  let printed = '';
  let said = '';
  child.stderr.on('data', (text: string) => (said += text));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: string) => {
      printed += text;
      if (printed.includes('Ctrl-C')) resolve();
    });
    child.once('close', (code) => reject(new Error(`npm start ended with ${code}: ${said}`)));
  });
  return { child, printed, url: /API\s+(http:\S+)\/api/.exec(printed)![1]! };
}

async function stop({ child }: Pick<Started, 'child'>, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit') as Promise<[number | null]>;
  child.kill(signal);
  return (await ended)[0];
}

/** A process that has ended but was not waited for yet counts as gone. */
async function alive(pids: readonly number[]): Promise<number[]> {
  const starts = await Promise.all(pids.map(startOf));
  return pids.filter((_, index) => starts[index] !== undefined);
}

/** Every pid that the state file of the embedded servers names. */
async function serverPids(dataDir: string): Promise<number[]> {
  const state = await readFile(join(dataDir, 'embedded.json'), 'utf8');
  return [...state.matchAll(/"pid":\s*(\d+)/g)].map(([, pid]) => Number(pid));
}

async function bash(script: string): Promise<string> {
  return (await run('bash', ['-euo', 'pipefail', '-c', script])).stdout;
}

describe('npm start', function () {
  this.timeout(180_000);
  let dataDir: string;
  let running: Started | undefined;

  before(async () => {
    await needCommand('curl');
    await needCommand('pgrep', 'procps');
    dataDir = await mkdtemp(join(tmpdir(), 'start-'));
  });
  after(async () => {
    if (running && running.child.exitCode === null) await stop(running, 'SIGTERM');
    await rm(dataDir, { recursive: true, force: true });
  });

  it('DBA-8: SIGINT while the demo data is loaded stops the start at once, and its servers', async () => {
    const child = launch('src/main.ts', { DATA_DIR: dataDir });
    await once(child.stderr, 'data');
    const pids = await serverPids(dataDir);
    expect(pids.length).to.be.at.least(4);
    let printed = '';
    child.stdout.on('data', (text: string) => (printed += text));
    expect(await stop({ child }, 'SIGINT')).to.equal(0);
    expect(printed).to.equal('');
    expect(await alive(pids)).to.deep.equal([]);
  });

  it('QUAL-1: starts both stores and the demo data, prints the accounts, and the curl lines work as printed', async () => {
    running = await start({ DATA_DIR: dataDir });
    const lines = running.printed.split('\n').filter((line) => /^ {2}(TOKEN|curl)/.test(line));
    expect(lines).to.have.length(3);
    for (const role of ['patient', 'doctor', 'manager', 'admin', 'vendor', 'customer', 'pharmacist']) {
      expect(running.printed).to.match(new RegExp(`^ {2}${role} +\\S+@\\S+ +\\S+$`, 'm'));
    }
    const report = JSON.parse(await bash(`${lines[0]}\n${lines[1]}`)) as { rows: unknown[] };
    expect(report.rows).to.have.length(5);
    const csv = await bash(`${lines[0]}\n${lines[2]}`);
    expect(csv.split(/\r?\n/)[0]).to.include('average_billed');
    expect(csv.split(/\r?\n/).length).to.be.greaterThan(5);
  });

  it('DBA-8: SIGINT stops the API and the embedded servers', async () => {
    const pids = await serverPids(dataDir);
    expect(pids.length).to.be.at.least(4);
    expect(await stop(running!, 'SIGINT')).to.equal(0);
    expect(await alive(pids)).to.deep.equal([]);
  });

  it('QUAL-1: a second start finds the data; a SIGKILL leaves nothing that stops the next start', async () => {
    running = await start({ DATA_DIR: dataDir });
    const count = async (): Promise<string> =>
      bash(`curl -s '${running!.url}/api/doctors?limit=100' | wc -c`);
    const before = await count();
    expect(Number(before)).to.be.greaterThan(1000);
    await stop(running, 'SIGKILL');
    running = await start({ DATA_DIR: dataDir });
    expect(await count()).to.equal(before);
    const pids = await serverPids(dataDir);
    expect(await stop(running, 'SIGTERM')).to.equal(0);
    // The API of the killed start may still be stopping, and is the last one out then.
    await poll(async () => (await alive(pids)).length === 0, 60_000);
    expect(await alive(pids)).to.deep.equal([]);
  });

  it('SEC-10: the data of a demo is not served to other machines, nor in production', async () => {
    const reachable = { HOST: '0.0.0.0', SEED_DEMO: 'false' };
    const production = {
      ...{ NODE_ENV: 'production', EMBEDDED_IN_PRODUCTION: 'true', BCRYPT_COST: '10' },
      JWT_SECRET: 'a real secret of more than 32 characters',
      AUDIT_KEY: 'a real key of more than 32 characters',
    };
    for (const env of [reachable, production]) {
      const failed = await start({ DATA_DIR: dataDir, ...env }).catch((error: Error) => error);
      expect((failed as Error).message).to.match(/ended with 2: [^]*demo account manager@demo\.example/);
    }
    const nowhere = await start({ DATA_DIR: dataDir, HOST: '0.0.0.0' }).catch((error: Error) => error);
    expect((nowhere as Error).message).to.match(
      /ended with 2: [^]*HOST 0\.0\.0\.0 is reached from other machines/,
    );
  });

  it('DOCS-4: lists all mistakes of the configuration at once and starts nothing', async () => {
    const failed = await start({ DATA_DIR: dataDir, PORT: 'x', ADMIN_EMAIL: 'q' }).catch(
      (error: Error) => error,
    );
    expect(failed).to.be.instanceOf(Error);
    expect((failed as Error).message)
      .to.match(/ended with 2/)
      .and.match(/PORT/)
      .and.match(/ADMIN_EMAIL/);
  });

  it('DOCS-4: a mongod that is not there ends it with 3 and one line, and nothing is left running', async () => {
    const own = join(dataDir, 'without-mongod');
    const failed = await start({ DATA_DIR: own, MONGOD_BINARY: '/no/such' }).catch((error: Error) => error);
    expect((failed as Error).message).to.match(/^npm start ended with 3: .*\/no\/such.*\n$/);
    // It ends with 1 when it finds nobody.
    expect(await run('pgrep', ['-f', own]).catch(({ code }: { code: number }) => code)).to.equal(1);
  });

  it('DBA-8: SIGINT ends a command and the servers that it has started', async () => {
    const child = launch('scripts/check-indexes.ts', { DATA_DIR: dataDir });
    let said = '';
    child.stderr.on('data', (text: string) => (said += text));
    const pids = (await poll(async () => {
      const found = await serverPids(dataDir).catch(() => []);
      return found.length >= 5 && found;
    }, 150_000))!;
    expect(await stop({ child }, 'SIGINT')).to.equal(1);
    expect(said).to.match(/^Stopped by SIGINT\. .*\n$/);
    expect(await alive(pids)).to.deep.equal([]);
  });
});
