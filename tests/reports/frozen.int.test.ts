import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { MongoClient, type Document } from 'mongodb';
import { admin, startApiProcess, type ApiProcess } from '../../scripts/api-process.js';
import { poll } from '../../src/databases/embedded/processes.js';
import { appointment, at } from '../aggregations/records.js';
import { createTestDatabase } from '../support/api.js';

type Doc = Document & { _id: string };

/** More than an answer may be behind. */
const frozenMs = 3_000;

describe('a process that stood still', function () {
  this.timeout(180_000);
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let client: MongoClient;
  let dataDir: string;
  let api: ApiProcess;
  let token: string;

  before(async () => {
    database = await createTestDatabase(process.env['TEST_POSTGRES_TEMPLATE']);
    dataDir = await mkdtemp(join(tmpdir(), 'frozen-'));
    const mongodbUri = process.env['TEST_MONGODB_URI']!.replace(/\/(?=\?|$)/, `/${database.name}`);
    client = await MongoClient.connect(mongodbUri);
    api = await startApiProcess(
      { mongodbUri, postgresUri: database.uri, dataDir },
      { signal: AbortSignal.timeout(180_000), settings: { MIRROR_MEGABYTES: '128' } },
    );
    const response = await fetch(`${api.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(admin),
    });
    ({ access_token: token } = (await response.json()) as { access_token: string });
  });
  after(async () => {
    await api?.stop();
    await client?.db().dropDatabase();
    await client?.close();
    await database?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  interface Told {
    readonly rows: readonly { readonly appointments: number }[];
    readonly provenance: { readonly path: string; readonly behind_seconds: number };
  }
  let asked = 0;
  /** Another question each time, so that nothing that is kept answers it. */
  async function visits(): Promise<{ seen: number } & Told['provenance']> {
    const from = new Date(Date.UTC(2024, 0, 1, 0, 0, asked++)).toISOString().replace('.000', '');
    const response = await fetch(`${api.url}/api/reports/top-doctors?by=appointments&from=${from}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const body = (await response.json()) as Told;
    expect(response.status, JSON.stringify(body)).to.equal(200);
    return { seen: body.rows[0]?.appointments ?? 0, ...body.provenance };
  }

  it('REP-8: answers with what was written meanwhile, from the mirror or from the records', async () => {
    const appointments = client.db().collection<Doc>('appointments');
    const write = (n: number) =>
      appointments.insertOne(
        { ...appointment({ doctor_id: 'D1', date: at('2025-01-10T10:00:00Z') }), _id: `A${n}` },
        { writeConcern: { w: 'majority' } },
      );
    await write(0);
    expect(await poll(async () => (await visits()).path === 'mirror', 30_000)).to.equal(true);
    for (let n = 1; n <= 3; n += 1) {
      process.kill(api.pid, 'SIGSTOP');
      try {
        await write(n);
        await sleep(frozenMs);
      } finally {
        // It finds the question beside the news, and may come to it first.
        setTimeout(() => process.kill(api.pid, 'SIGCONT'), 100);
      }
      const { seen, behind_seconds } = await visits();
      expect(seen, `after ${n}`).to.equal(n + 1);
      expect(behind_seconds).to.be.within(0, 2);
    }
    expect(api.faults).to.deep.equal({});
  });
});
