import { expect } from 'chai';
import { MongoClient, type CommandStartedEvent, type Document } from 'mongodb';
import { createNativeEngine } from '../../src/domains/reports/engine/reports.repository.js';
import { isTimeLimit } from '../../src/databases/failures.js';
import { createTransact, sessionOf } from '../../src/databases/mongo/mongo.js';
import type { WriteTime } from '../../src/lib/write-time.js';
import { openTestSystem, testConfig } from '../support/api.js';
import { startThreeMembers } from '../support/servers.js';

describe('reports from secondaries', () => {
  let set: Awaited<ReturnType<typeof startThreeMembers>>;
  let opened: Awaited<ReturnType<typeof openTestSystem>>;
  before(async () => {
    set = await startThreeMembers();
    opened = await openTestSystem({ MONGODB_URI: `${set.mongodbUri}&monitorCommands=true` });
  });
  after(async () => {
    await opened?.close();
    await set?.stop();
  });

  const fromSecondaries = (tags: Record<string, string> = {}, seconds = 20) => {
    const { connection, knex } = opened.system.around.stores;
    return createNativeEngine(connection, knex, { seconds, from: { mode: 'secondary', tags } });
  };
  const mongodb = { collection: 'seen', pipeline: [{ $count: 'n' }] };

  async function addressOf(work: () => Promise<unknown>): Promise<string> {
    const client = opened.system.around.stores.connection.getClient();
    let address = '';
    const listen = ({ commandName, address: at }: CommandStartedEvent): void => {
      if (commandName === 'aggregate') address = at;
    };
    client.on('commandStarted', listen);
    await work();
    client.off('commandStarted', listen);
    return address;
  }

  const hello = (): Promise<Document> =>
    opened.system.around.stores.connection.getClient().db('admin').command({ hello: 1 });

  it('REP-9: hold what the caller has just written', async () => {
    const { connection } = opened.system.around.stores;
    let after: WriteTime | undefined;
    const transact = createTransact(connection, undefined, (at) => (after = at));
    const { primary } = (await hello()) as { primary: string };
    for (let n = 1; n <= 25; n += 1) {
      await transact(async (tx) => {
        await connection.collection('seen').insertOne({ n }, sessionOf(tx));
      });
      const address = await addressOf(async () => {
        const { mongodb: read } = await fromSecondaries().read({ mongodb }, { explain: false, after });
        expect(read!.rows).to.deep.equal([{ n }]);
      });
      expect(address).not.to.equal(primary);
    }
  });

  it('REP-8: a secondary that does not keep up answers when it has, or is told in time', async () => {
    const { connection } = opened.system.around.stores;
    const client = connection.getClient();
    const { hosts, primary } = (await hello()) as { hosts: string[]; primary: string };
    const behind = hosts.filter((host) => host !== primary);
    const members = behind.map((host) => new MongoClient(`mongodb://${host}/?directConnection=true`));
    const all = { collection: 'kept', pipeline: [{ $count: 'n' }] };
    const read = (seconds: number) => fromSecondaries({}, seconds).read({ mongodb: all }, { explain: false });
    const kept = client.db(connection.name).collection('kept', { writeConcern: { w: 1 } });
    await kept.insertOne({}, { writeConcern: { w: 3 } });
    try {
      for (const member of members) await member.db('admin').command({ fsync: 1, lock: true });
      await kept.insertOne({});
      const late = await read(1).catch((error: Error) => error);
      expect(isTimeLimit(late)).to.equal(true);
    } finally {
      for (const member of members) {
        await member.db('admin').command({ fsyncUnlock: 1 });
        await member.close();
      }
    }
    expect((await read(20)).mongodb!.rows).to.deep.equal([{ n: 2 }]);
  });

  it('REP-9: with a tag, the member that has it; when none has, it is told within the time limit', async () => {
    const admin = opened.system.around.stores.connection.getClient().db('admin');
    const configOf = async (): Promise<Document> => (await admin.command({ replSetGetConfig: 1 }))['config'];
    const before = await configOf();
    const { primary } = (await hello()) as { primary: string };
    const tagged = (before['members'] as Document[]).find(({ host }) => host !== primary)!['host'] as string;
    const tag = async (tags: (host: string) => Document): Promise<void> => {
      const config = await configOf();
      const members = (config['members'] as Document[]).map((one) => ({ ...one, tags: tags(one['host']) }));
      await admin.command({ replSetReconfig: { ...config, version: config['version'] + 1, members } });
    };
    await tag((host) => (host === tagged ? { workload: 'reports' } : {}));
    try {
      const read = (value: string, seconds?: number) =>
        fromSecondaries({ workload: value }, seconds).read({ mongodb }, { explain: false });
      // The driver hears of a tag with the next heartbeat.
      const address = await addressOf(() => read('reports'));
      expect(address).to.equal(tagged);
      const error = (await read('none', 1).catch((refused: Error) => refused)) as Error;
      expect(error.name).to.equal('TimeLimit');
    } finally {
      await tag(() => ({}));
    }
  });

  it('REP-9: the settings say so, and tags without a preference are a mistake', () => {
    const { reports } = testConfig({
      REPORT_READ_PREFERENCE: 'secondary',
      REPORT_READ_TAGS: 'workload:reports,dc:east',
    });
    expect(reports.from).to.deep.equal({ mode: 'secondary', tags: { workload: 'reports', dc: 'east' } });
    expect(() => testConfig({ REPORT_READ_TAGS: 'workload:reports' })).to.throw(/REPORT_READ_TAGS need/);
    expect(() => testConfig({ REPORT_READ_TAGS: 'workload' })).to.throw(/REPORT_READ_TAGS/);
    expect(() => testConfig({ REPORT_READ_PREFERENCE: 'any' })).to.throw(/REPORT_READ_PREFERENCE/);
  });
});
