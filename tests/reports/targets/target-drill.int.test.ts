import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MongoClient, type Document } from 'mongodb';
import { admin, startApiProcess, type ApiProcess } from '../../../scripts/api-process.js';
import { poll } from '../../../src/databases/embedded/processes.js';
import { appointment, at } from '../../aggregations/records.js';
import { createTestDatabase } from '../../support/api.js';
import { size } from '../../support/size.js';

type Doc = Document & { _id: string };

/** How many targets there are, and how often the process is killed while two visits of each take place. */
const targets = size({ usual: 20, long: 500 });
const kills = size({ usual: 2, long: 10 });

describe('targets that are watched by a process that is killed', function () {
  this.timeout(size({ usual: 180_000, long: 1_800_000 }));
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let client: MongoClient;
  let dataDir: string;
  let api: ApiProcess;
  let token: string;

  async function start(): Promise<void> {
    const mongodbUri = process.env['TEST_MONGODB_URI']!.replace(/\/(?=\?|$)/, `/${database.name}`);
    api = await startApiProcess(
      { mongodbUri, postgresUri: database.uri, dataDir },
      { signal: AbortSignal.timeout(180_000), settings: { MIRROR_MEGABYTES: '128' } },
    );
  }

  before(async () => {
    database = await createTestDatabase(process.env['TEST_POSTGRES_TEMPLATE']);
    dataDir = await mkdtemp(join(tmpdir(), 'targets-'));
    client = await MongoClient.connect(
      process.env['TEST_MONGODB_URI']!.replace(/\/(?=\?|$)/, `/${database.name}`),
    );
    await start();
    const response = await ask('POST', '/auth/login', admin);
    ({ access_token: token } = response as { access_token: string });
  });
  after(async () => {
    await api?.stop();
    await client?.db().dropDatabase();
    await client?.close();
    await database?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const collection = (name: string) => client.db().collection<Doc>(name);
  async function ask(method: string, path: string, body: object): Promise<unknown> {
    const response = await fetch(`${api.url}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    expect(response.status, JSON.stringify(answer)).to.be.within(200, 201);
    return answer;
  }
  const told = () => collection('notifications').countDocuments({ kind: 'target.met' });
  const standing = (is_met: boolean) =>
    collection('report_targets').countDocuments({ 'standing.is_met': is_met });
  const until = async (isSo: () => Promise<boolean>): Promise<Chai.Assertion> =>
    expect(await poll(isSo, 120_000, 100)).to.equal(true);
  const dayOf = (n: number): string => new Date(Date.UTC(2025, 0, 1 + n)).toISOString().slice(0, 10);

  it(`REP-14: of ${targets} targets and ${2 * targets} changes, each crossing is told once, killed ${kills} times`, async () => {
    const question = {
      ...{ report: 'monthly-appointments-trend', figure: 'completed', direction: 'at_least', goal: 2 },
      recipients: [admin.email],
    };
    // Each of a day, on which two visits take place.
    for (let n = 0; n < targets; n += 1)
      await ask('POST', '/report-targets', { ...question, from: dayOf(n), to: dayOf(n + 1) });
    await until(async () => (await standing(false)) === targets);

    const visits = Array.from({ length: 2 * targets }, (_, n) => ({
      ...appointment({ doctor_id: 'D1', date: at(`${dayOf(n % targets)}T10:00:00Z`) }),
      _id: `AT${n}`,
    }));
    const each = Math.ceil(visits.length / (kills + 1));
    for (let n = 0; n < visits.length; n += each) {
      for (const visit of visits.slice(n, n + each))
        await collection('appointments').insertOne(visit, { writeConcern: { w: 'majority' } });
      if (n + each >= visits.length) break;
      process.kill(api.pid, 'SIGKILL');
      await api.ended;
      await start();
    }
    await until(async () => (await standing(true)) === targets);
    expect(await told()).to.equal(targets);
    expect(await collection('notifications').countDocuments({ kind: 'target.missed' })).to.equal(0);
    expect(api.faults).to.deep.equal({});
  });
});
