import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { findMongod } from '../../src/databases/embedded/find-mongod.js';
import { openEmbedded } from '../../src/databases/embedded/index.js';
import { launch, poll } from '../../src/databases/embedded/processes.js';

const log = (): void => undefined;
const needs = { mongodb: true, postgres: true };
const soon = { serverSelectionTimeoutMS: 10_000 };

/** What a client of this address is refused with. */
async function refusalOf(uri: string): Promise<unknown> {
  const client = new MongoClient(uri, soon);
  try {
    await client.db('smart_healthcare').collection('patients').findOne({});
    return 'nothing';
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  } finally {
    await client.close();
  }
}

async function sqlRefusalOf(uri: string): Promise<unknown> {
  const client = new pg.Client(uri);
  try {
    await client.connect();
    return 'nothing';
  } catch (error) {
    return (error as { code?: unknown }).code ?? (error as Error).message;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Starts the members as the version before did: without a key, so that everybody is let in. */
async function startOpen(dataDir: string, ports: readonly number[]): Promise<void> {
  const { path } = await findMongod({ mongodBinary: process.env['MONGOD_BINARY'], log });
  for (const [index, port] of ports.entries()) {
    const folder = join(dataDir, 'mongo', `n${index}`);
    const args = ['--dbpath', folder, '--port', `${port}`, '--bind_ip', '127.0.0.1'];
    const quickly = ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=500'];
    await launch(path, [...args, '--replSet', 'smart-healthcare', ...quickly], {
      logFile: join(folder, 'mongod.log'),
    });
  }
}

describe('the embedded servers let nobody in without a password', function () {
  this.timeout(120_000);
  let dataDir: string;

  before(async () => (dataDir = await mkdtemp(join(tmpdir(), 'embedded-'))));
  after(async () => {
    await (await openEmbedded({ dataDir, needs, log })).stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('SEC-10: each member and Postgres refuse no password, a wrong one and a strange user; the secrets are their owner’s', async () => {
    const opened = await openEmbedded({ dataDir, needs, log });
    try {
      const { username, password } = new URL(opened.mongodbUri!.replace(/,[^/?]*/, ''));
      expect(await refusalOf(opened.mongodbUri!)).to.equal('nothing');
      for (const { port } of opened.nodes!) {
        const member = (who: string): string =>
          `mongodb://${who}127.0.0.1:${port}/?directConnection=true&authSource=admin`;
        expect(await refusalOf(member(''))).to.equal(13);
        expect(await refusalOf(member(`${username}:wrong@`))).to.equal(18);
        expect(await refusalOf(member(`root:${password}@`))).to.equal(18);
      }
      const { host, pathname } = new URL(opened.postgresUri!);
      const at = (who: string): string => `postgres://${who}@${host}${pathname}`;
      expect(await sqlRefusalOf(opened.postgresUri!)).to.equal('nothing');
      for (const who of ['smart_healthcare:wrong', 'postgres:wrong', `nobody:${password}`])
        expect(await sqlRefusalOf(at(who)), who).to.equal('28P01');
      expect(await sqlRefusalOf(at('postgres'))).to.match(/password/);
      const rules = await readFile(join(dataDir, 'postgres', 'data', 'pg_hba.conf'), 'utf8');
      const methods = rules.split('\n').filter((line) => /^(local|host)/.test(line));
      expect(methods.filter((line) => !line.endsWith('scram-sha-256'))).to.deep.equal([]);
      expect(methods).to.have.length.above(0);
      for (const file of ['mongo/key', 'mongo/password', 'postgres/password'])
        expect((await stat(join(dataDir, file))).mode & 0o777, file).to.equal(0o600);
    } finally {
      await opened.stop();
    }
  });

  it('SEC-10: takes over what the version before has left, running or not, and loses nothing', async () => {
    const ports = JSON.parse(await readFile(join(dataDir, 'mongo', 'ports.json'), 'utf8')) as number[];
    await startOpen(dataDir, ports);
    const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
    const before = new MongoClient(`mongodb://${hosts}/?replicaSet=smart-healthcare`);
    const writeConcern = { w: 'majority' } as const;
    const written = await poll(
      () =>
        before
          .db('smart_healthcare')
          .collection('patients')
          .insertOne({ name: 'Ada' }, { writeConcern })
          .then(() => true),
      30_000,
    );
    expect(written).to.equal(true);
    await before.db('admin').command({ dropAllUsersFromDatabase: 1, writeConcern });
    await before.close();
    for (const file of ['mongo/key', 'mongo/password']) await rm(join(dataDir, file));

    // Its members still run, as after a crash.
    const opened = await openEmbedded({ dataDir, needs, log });
    try {
      const client = new MongoClient(opened.mongodbUri!, soon);
      expect(await client.db('smart_healthcare').collection('patients').countDocuments()).to.equal(1);
      await client.close();
      for (const { port } of opened.nodes!)
        expect(await refusalOf(`mongodb://127.0.0.1:${port}/?directConnection=true`)).to.equal(13);
    } finally {
      await opened.stop();
    }
  });
});
