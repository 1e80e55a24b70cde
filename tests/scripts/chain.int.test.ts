import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { poll } from '../../src/databases/embedded/processes.js';
import { startChain, type Chain, type Role } from '../support/chain.js';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const;
/** These take everything with them. */
const links = ['npm', 'sh', 'bootstrap', 'script'] as const;
/** These are started again, and nobody who asks notices more than a pause. */
const mended = ['mongod', 'postgres', 'helper', 'keeper'] as const;

const goneMs = 40_000;
const password = 'Kept-Through-A-Kill-9';

describe('any process of the chain that ends', function () {
  this.timeout(240_000);
  let dataDir: string;
  const open: Chain[] = [];
  /** The accounts whose making was answered with 201. */
  const acknowledged: string[] = [];

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    dataDir = await mkdtemp(join(tmpdir(), 'chain-'));
  });
  afterEach(async () => {
    for (const chain of open.splice(0)) await chain.end();
  });
  after(async () => {
    if (dataDir) await rm(dataDir, { recursive: true, force: true });
  });

  const launch = (...args: string[]): Chain => {
    const chain = startChain(args, { DATA_DIR: dataDir, SEED_DEMO: 'false', LOG_LEVEL: 'warn' });
    open.push(chain);
    return chain;
  };
  const post = (url: string, path: string, body: object): Promise<number> =>
    fetch(`${url}/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ ...body, password }),
    }).then(({ status }) => status);

  const urlOf = (chain: Chain): string => /API\s+(http:\S+)\/api/.exec(chain.said())![1]!;

  /** Makes an account. */
  async function write(chain: Chain): Promise<void> {
    const email = `kept-${acknowledged.length}-${process.pid}@example.org`;
    expect(
      await post(urlOf(chain), 'register', { role: 'patient', name: 'Kept One', age: 40, email }),
    ).to.equal(201);
    acknowledged.push(email);
  }

  /** Starts on what the case before has left, without any step in between. */
  async function serve(): Promise<Chain> {
    const chain = launch('start');
    await chain.until(/readyz/);
    const last = acknowledged.at(-1);
    if (last) expect(await post(urlOf(chain), 'login', { email: last })).to.equal(200);
    await write(chain);
    return chain;
  }

  const isReady = (chain: Chain): Promise<boolean | undefined> =>
    poll(() => fetch(`${urlOf(chain)}/readyz`).then(({ ok }) => ok), 60_000, 100);

  /** What stops a command does not stop the keeper, which is there for when all else is gone. A hang-up stops no server. */
  const isDeafTo = (role: Role, signal: NodeJS.Signals): boolean =>
    signal === 'SIGHUP' || (role === 'keeper' && signal !== 'SIGKILL');

  async function isMended(chain: Chain, role: Role, signal: NodeJS.Signals): Promise<void> {
    const wanted = await chain.count(role);
    const pid = await chain.kill(role, signal);
    await write(chain);
    const back = await poll(
      async () =>
        (!(await chain.members()).has(pid) || isDeafTo(role, signal)) && (await chain.count(role)) >= wanted,
      60_000,
      200,
    );
    expect([back, await isReady(chain)], `${role} after ${signal}`).to.deep.equal([true, true]);
    await write(chain);
  }

  for (const [role, signal] of [
    ['npm', 'SIGTERM'],
    ['bootstrap', 'SIGKILL'],
  ] as const)
    it(`QUAL-5: ${role} by ${signal} takes all others with it, and what was acknowledged is kept`, async () => {
      const chain = await serve();
      await chain.kill(role, signal);
      expect(await chain.left(goneMs)).to.deep.equal([]);
    });

  it('QUAL-5: a database or the keeper is started again; the API by SIGKILL takes all others with it', async () => {
    const chain = await serve();
    await isMended(chain, 'mongod', 'SIGKILL');
    // Told to end when its last client goes, Postgres would wait for ever and let nobody in.
    await isMended(chain, 'postgres', 'SIGTERM');
    await isMended(chain, 'keeper', 'SIGKILL');
    await chain.kill('script', 'SIGKILL');
    expect(await chain.left(goneMs)).to.deep.equal([]);
    const next = await serve();
    await next.kill('npm', 'SIGKILL');
    expect(await next.left(goneMs)).to.deep.equal([]);
  });

  if (process.env['TEST_LONG']) {
    const busy: Socket[] = [];
    const areUp = (chain: Chain): Promise<unknown> =>
      poll(async () => (await chain.count('mongod')) === 3 && (await chain.count('helper')) > 0, 120_000);
    const moments: Readonly<Record<string, () => Promise<Chain>>> = {
      async start() {
        const chain = launch('start');
        await poll(
          async () => (await chain.count('mongod')) > 0 && (await chain.count('postgres')) > 0,
          60_000,
        );
        return chain;
      },
      serving: serve,
      async import() {
        const chain = launch('run', 'seed', '--', '--patients', '300', '--years', '1', '--seed', '7');
        await areUp(chain);
        return chain;
      },
      async drill() {
        const chain = launch('run', 'drill:failover', '--', '--fault', 'kill', '--seconds', '5');
        await areUp(chain);
        return chain;
      },
      /** While it waits for the rest of a request. */
      async drain() {
        const chain = await serve();
        const { hostname, port } = new URL(urlOf(chain));
        const socket = connect(Number(port), hostname).on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(
          'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
        );
        busy.push(socket);
        await post(urlOf(chain), 'login', { email: acknowledged.at(-1)! });
        await chain.kill('bootstrap', 'SIGTERM');
        const isClosed = () =>
          fetch(`${urlOf(chain)}/healthz`).then(
            () => false,
            () => true,
          );
        expect(await poll(isClosed, 10_000)).to.equal(true);
        return chain;
      },
    };
    async function hit(chain: Chain, role: Role, signal: NodeJS.Signals): Promise<void> {
      const pid = await chain.kill(role, signal);
      for (const socket of busy.splice(0)) socket.destroy();
      expect(pid, `a ${role} to signal`).to.be.above(0);
    }
    /** A server stays until it is stopped; all else comes to an end by itself. */
    async function comeToEnd(chain: Chain, moment: string): Promise<void> {
      if (moment !== 'start' && moment !== 'serving') return;
      await poll(() => Promise.resolve(chain.hasEnded() || chain.said().includes('readyz')), 120_000);
      if (!chain.hasEnded()) await chain.kill('bootstrap', 'SIGTERM');
    }
    for (const [moment, arrive] of Object.entries(moments))
      for (const signal of signals) {
        for (const role of links)
          it(`QUAL-5: ${moment}: ${role} by ${signal}: nothing is left`, async () => {
            const chain = await arrive();
            await hit(chain, role, signal);
            // Both leave an interrupt to whom they wait for: in a terminal all of the group get it.
            if (signal === 'SIGINT' && (role === 'npm' || role === 'sh')) await comeToEnd(chain, moment);
            expect(await chain.left(goneMs)).to.deep.equal([]);
          });
        for (const role of mended)
          it(`QUAL-5: ${moment}: ${role} by ${signal}: it goes on or ends, and nothing is left`, async () => {
            const chain = await arrive();
            if (moment === 'serving' && role !== 'helper') await isMended(chain, role, signal);
            else await hit(chain, role, signal);
            await comeToEnd(chain, moment);
            expect(await chain.left(120_000)).to.deep.equal([]);
          });
      }
  }
});
