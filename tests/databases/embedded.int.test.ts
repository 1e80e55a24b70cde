import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { openEmbedded, type Embedded } from '../../src/databases/embedded/index.js';
import { mongodNode } from '../../src/databases/embedded/mongod-node.js';
import { pidsWith, poll, processesIn, startOf } from '../../src/databases/embedded/processes.js';

const log = (): void => undefined;
const needs = { mongodb: true, postgres: true };

/** Writes `n` into both stores and answers what both hold then. */
async function write(
  { mongodbUri = '', postgresUri = '' }: Pick<Embedded, 'mongodbUri' | 'postgresUri'>,
  n: number,
): Promise<{ documents: number[]; rows: number[] }> {
  const mongo = new MongoClient(mongodbUri);
  const sql = new pg.Client(postgresUri);
  try {
    await sql.connect();
    const collection = mongo.db('embedded_test').collection<{ n: number }>('numbers');
    await collection.insertOne({ n }, { writeConcern: { w: 'majority' } });
    await sql.query('CREATE TABLE IF NOT EXISTS numbers (n integer)');
    await sql.query('INSERT INTO numbers VALUES ($1)', [n]);
    const documents = await collection.find().sort({ n: 1 }).toArray();
    const { rows } = await sql.query<{ n: number }>('SELECT n FROM numbers ORDER BY n');
    return { documents: documents.map((document) => document.n), rows: rows.map((row) => row.n) };
  } finally {
    await mongo.close();
    await sql.end();
  }
}

interface State {
  readonly servers: { readonly name: string; readonly pid: number; readonly port: number }[];
}

const stateOf = async (dataDir: string): Promise<State> =>
  JSON.parse(await readFile(join(dataDir, 'embedded.json'), 'utf8')) as State;

async function alive(pids: readonly number[]): Promise<number[]> {
  const starts = await Promise.all(pids.map(startOf));
  return pids.filter((_, index) => starts[index] !== undefined);
}

/** Another process that opens the databases of `dataDir`, says so, and holds them until it is killed. */
async function openElsewhere(dataDir: string) {
  const door = new URL('../../src/databases/embedded/index.ts', import.meta.url).href;
  const script = `
    import { openEmbedded } from ${JSON.stringify(door)};
    const it = await openEmbedded({ dataDir: process.argv[1], needs: ${JSON.stringify(needs)}, log() {} });
    process.on('SIGTERM', () => it.stop().then(() => process.exit(0)));
    console.log(JSON.stringify({ owned: it.owned, mongodbUri: it.mongodbUri, postgresUri: it.postgresUri }));
    setInterval(() => {}, 1000);`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script, dataDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return { ...(JSON.parse(line) as Pick<Embedded, 'owned' | 'mongodbUri' | 'postgresUri'>), end };
}

describe('openEmbedded', function () {
  this.timeout(60_000);
  let dataDir: string;

  // mkdtemp makes it with mode 700, like a clone in /root: as root, the user that Postgres runs as may not enter it.
  before(async () => (dataDir = await mkdtemp(join(tmpdir(), 'embedded-'))));
  after(async () => {
    // Whatever a failed test has left running is adopted and stopped.
    await (await openEmbedded({ dataDir, needs, log })).stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('QUAL-1: a second start finds the data again, and a stop leaves nothing running', async () => {
    const first = await openEmbedded({ dataDir, needs, log });
    expect(first.owned).to.equal(true);
    expect(await write(first, 1)).to.deep.equal({ documents: [1], rows: [1] });
    const { servers } = await stateOf(dataDir);
    expect(servers.map(({ name }) => name).sort()).to.deep.equal(['mongod', 'mongod', 'mongod', 'postgres']);
    await first.stop();
    expect(await alive(servers.map(({ pid }) => pid))).to.deep.equal([]);

    const second = await openEmbedded({ dataDir, needs, log });
    expect(await write(second, 2)).to.deep.equal({ documents: [1, 2], rows: [1, 2] });
    await second.stop();
  });

  it('QUAL-1: commands join the servers that run, and the last one out stops them', async () => {
    // Both at the same moment: one of them starts everything, the other one waits and joins.
    const [other, mine] = await Promise.all([openElsewhere(dataDir), openEmbedded({ dataDir, needs, log })]);
    expect([other.owned, mine.owned].sort()).to.deep.equal([false, true]);
    expect(other.mongodbUri).to.equal(mine.mongodbUri);
    const pids = (await stateOf(dataDir)).servers.map(({ pid }) => pid);
    await mine.stop();
    await mine.stop(); // a second call is nothing
    expect(await alive(pids)).to.deep.equal(pids);
    expect((await write(other, 3)).rows).to.deep.equal([1, 2, 3]);
    await other.end('SIGTERM');
    expect(await alive(pids)).to.deep.equal([]);
  });

  it('QUAL-5: a process that is killed takes the servers with it that nobody else uses', async () => {
    const killed = await openElsewhere(dataDir);
    const pids = (await stateOf(dataDir)).servers.map(({ pid }) => pid);
    expect(await alive(pids)).to.have.length(4);
    await killed.end('SIGKILL');
    expect(await poll(async () => (await alive(pids)).length === 0, 30_000)).to.equal(true);
  });

  it('QUAL-1: a start after a crash adopts what still runs and restarts what does not', async () => {
    const crashed = await openElsewhere(dataDir);
    // Its keeper dies with it, as when a machine runs out of memory.
    const [keeper] = await pidsWith(`close-unused.ts ${dataDir}`);
    process.kill(keeper!, 'SIGSTOP');
    await crashed.end('SIGKILL');
    process.kill(keeper!, 'SIGKILL');
    const { servers } = await stateOf(dataDir);
    const [killed, ...others] = servers.filter(({ name }) => name === 'mongod');
    const postgres = servers.find(({ name }) => name === 'postgres');
    process.kill(killed!.pid, 'SIGKILL');
    process.kill(postgres!.pid, 'SIGKILL');

    const next = await openEmbedded({ dataDir, needs, log });
    expect(next.owned).to.equal(true);
    expect(await alive(others.map(({ pid }) => pid))).to.have.length(2);
    expect((await write(next, 4)).documents).to.deep.equal([1, 2, 3, 4]);
    await next.stop();
    expect(await alive(others.map(({ pid }) => pid))).to.deep.equal([]);
  });

  it('QUAL-5: a paused Postgres is stopped whole, and what a dead one has left paused keeps no start out', async () => {
    const cluster = join(dataDir, 'postgres', 'data');
    const pause = async (): Promise<readonly number[]> => {
      const pids = await processesIn(cluster);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      return pids;
    };
    const first = await openEmbedded({ dataDir, needs, log });
    const paused = await pause();
    expect(paused).to.have.length.above(3);
    await first.stop();
    expect(await alive(paused)).to.deep.equal([]);

    const second = await openEmbedded({ dataDir, needs, log });
    const postmaster = (await stateOf(dataDir)).servers.find(({ name }) => name === 'postgres')!.pid;
    const left = (await pause()).filter((pid) => pid !== postmaster);
    process.kill(postmaster, 'SIGKILL');
    const third = await openEmbedded({ dataDir, needs, log });
    expect((await write(third, 5)).rows).to.deep.equal([1, 2, 3, 4, 5]);
    expect(await alive(left)).to.deep.equal([]);
    await third.stop();
    await second.stop();
  });

  it('QUAL-1: a port that somebody else has taken is replaced', async () => {
    const ports = JSON.parse(await readFile(join(dataDir, 'mongo', 'ports.json'), 'utf8')) as number[];
    const stranger = createServer((socket) => socket.destroy());
    // On a shared machine somebody may have taken it already: as good a stranger as ours.
    stranger.on('error', (error: NodeJS.ErrnoException) => expect(error.code).to.equal('EADDRINUSE'));
    await new Promise<void>((resolve) => {
      stranger.once('error', () => resolve());
      stranger.listen(ports[1], '127.0.0.1', resolve);
    });
    const said: string[] = [];
    const opened = await openEmbedded({ dataDir, needs, log: (message) => said.push(message) });
    try {
      expect(said.join()).to.include(`port ${ports[1]} of the replica set is taken`);
      expect(opened.nodes?.map(({ port }) => port)).to.not.include(ports[1]);
      expect(await write(opened, 6)).to.deep.equal({
        documents: [1, 2, 3, 4, 5, 6],
        rows: [1, 2, 3, 4, 5, 6],
      });
    } finally {
      await opened.stop();
      stranger.close();
    }
  });

  it('QUAL-5: a start goes through elections that break off what it asks', async () => {
    const ports = JSON.parse(await readFile(join(dataDir, 'mongo', 'ports.json'), 'utf8')) as number[];
    const keyFile = join(dataDir, 'mongo', 'key');
    const members = ports.map((port) =>
      mongodNode({ port, keyFile, mongod: '', folder: '', setName: '', cacheGb: 1 }),
    );
    let isOpen = false;
    let steppedDown = 0;
    // Each primary a little later than the last: one of them in the middle of what it is asked.
    const stepDown = async (): Promise<void> => {
      const command = { replSetStepDown: 1, secondaryCatchUpPeriodSecs: 0, force: true };
      for (let delayMs = 8; !isOpen && steppedDown < 5;) {
        const hellos = await Promise.all(members.map((member) => member.ask({ hello: 1 }).catch(() => ({}))));
        const primary = hellos.findIndex((hello: { isWritablePrimary?: boolean }) => hello.isWritablePrimary);
        if (primary === -1) continue;
        await sleep((delayMs += 8));
        await members[primary]!.ask(command).then(
          () => (steppedDown += 1),
          () => undefined,
        );
      }
    };
    const disturbing = stepDown();
    const opened = await openEmbedded({ dataDir, needs: { mongodb: true, postgres: false }, log }).finally(
      () => (isOpen = true),
    );
    try {
      await disturbing;
      expect(steppedDown).to.be.greaterThan(0);
      expect(opened.nodes).to.have.length(3);
    } finally {
      await opened.stop();
    }
  });

  it('DBA-4: a killed member comes back by restart()', async () => {
    const opened = await openEmbedded({ dataDir, needs: { mongodb: true, postgres: false }, log });
    try {
      expect(opened.postgresUri).to.equal(undefined);
      const node = opened.nodes![0]!;
      const pid = await node.pid();
      await node.kill();
      await node.restart();
      expect(await node.pid())
        .to.be.a('number')
        .and.not.equal(pid);
    } finally {
      await opened.stop();
    }
  });

  it('QUAL-1: a MONGOD_BINARY that does not work is reported in one line, and nothing is left running', async () => {
    const opening = openEmbedded({ dataDir, needs, log, mongodBinary: '/no/such/mongod' });
    const error = await opening.then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error?.name).to.equal('EmbeddedError');
    expect(error?.message).to.match(
      /^\/no\/such\/mongod \(MONGOD_BINARY\).*there is no such file\. Set MONGOD_BINARY/,
    );
    expect(error?.message).to.not.include('\n');
    expect((await stateOf(dataDir)).servers).to.deep.equal([]);
  });
});
