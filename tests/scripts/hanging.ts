import { startApi, type TestApi } from '../support/api.js';

/* Tests that never end, for test.int.test.ts; not run by themselves. */

describe('what hangs', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });

  it('waits for Postgres', async function () {
    this.timeout(3_000);
    await api.system.around.stores.knex.raw('select pg_sleep(600)');
  });

  it('waits for MongoDB', async function () {
    this.timeout(3_000);
    const { connection } = api.system.around.stores;
    const ticks = connection.collection('ticks');
    await ticks.insertOne({});
    // A change stream waits until something changes.
    await ticks.watch([], { maxAwaitTimeMS: 600_000 }).next();
  });

  it('waits for nobody knows what', function (done) {
    this.timeout(0);
    process.env['TEST_DEADLINE'] = String(Date.now());
    void done;
  });
});
