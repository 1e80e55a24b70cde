import { expect } from 'chai';
import { down, up } from '../../src/databases/migrations/0005-written-by.js';
import { startApi, type TestApi } from '../support/api.js';
import { openDesk, type Desk } from '../money/payments/desk.js';

describe('migration 0005, which transaction has added a row', () => {
  let api: TestApi;
  let desk: Desk;
  before(async () => {
    api = await startApi();
    desk = await openDesk(api);
  });
  after(() => api.stop());

  it('REP-8: keeps what the version before has written; what comes says by itself who has added it', async () => {
    const { knex } = api.system.around.stores;
    await desk.paid();
    const places = () => knex('ledger_places').orderBy('entry_number');
    const withoutWriter = async () =>
      (await places()).map(({ written_by: _, ...entry }: Record<string, unknown>) => entry);
    const before = await withoutWriter();
    expect(before).not.to.be.empty;

    // As the version before had it.
    await knex.transaction(down);
    expect(await places()).to.deep.equal(before);
    await knex.transaction(up);
    expect(await withoutWriter()).to.deep.equal(before);

    await desk.paid();
    await desk.expectRight();
    const writers = new Set((await places()).map(({ written_by }: { written_by: string }) => written_by));
    expect(writers.size, 'the migration, and the payment').to.equal(2);
  });
});
