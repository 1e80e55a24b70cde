import { expect } from 'chai';
import { poll } from '../../../src/databases/embedded/processes.js';
import { startApi, type TestApi } from '../../support/api.js';

const morning = new Date('2026-03-03T07:59:00Z');

describe('what one user may have of deliveries', function () {
  this.timeout(120_000);
  let api: TestApi;

  before(async () => {
    api = await startApi({ DELIVERY_MEGABYTES: '1' });
  });
  after(() => api?.stop());

  it('REP-10: of one user ten wait at a time, and the newest megabyte of files is kept', async () => {
    const { token, user_id } = await api.make.account('manager');
    api.clock.set(morning);
    const collection = (name: string) => api.system.around.stores.connection.collection(name);
    const saved = await api.post('/saved-reports', {
      token,
      body: { name: 'Mine', report: 'top-doctors', period: 'last_month' },
    });
    const { saved_report_id } = saved.body;
    const deliveries = async () => (await api.get('/deliveries', { token })).body.items;
    const deliver = () => api.post(`/saved-reports/${saved_report_id}/deliver`, { token });
    // Claimed by nobody who is there: the sweeps of this process do not make them meanwhile.
    const claimUntil = (claimed_until: Date) =>
      collection('deliveries').updateMany({ user_id, status: 'waiting' }, { $set: { claimed_until } });
    for (let n = 0; n < 10; n += 1) {
      expect((await deliver()).status).to.equal(202);
      await claimUntil(new Date('2100-01-01'));
    }
    const refused = await Promise.all([deliver(), deliver()]);
    expect(refused.map(({ status, body }) => [status, body.code])).to.deep.equal(
      refused.map(() => [409, 'too_many_deliveries']),
    );
    const allMade = async (): Promise<boolean> => {
      await api.system.parts.deliveries.sweep();
      return (await deliveries()).every(({ status }: { status: string }) => status === 'done');
    };
    await claimUntil(new Date(0));
    expect(await poll(allMade, 60_000)).to.equal(true);
    const made = await deliveries();
    expect(made).to.have.length(10);

    // As if they were as large as files may be.
    const [oldest, second] = made.slice(-2).reverse();
    const ids = [oldest.delivery_id, second.delivery_id];
    await collection('deliveries').updateMany({ _id: { $in: ids } }, { $set: { bytes: 600_000 } });
    api.clock.set(new Date(morning.getTime() + 1000));
    expect((await deliver()).status).to.equal(202);
    expect(await poll(allMade, 60_000)).to.equal(true);
    const file = (id: string) => api.get(`/deliveries/${id}?format=csv`, { token });
    expect((await file(oldest.delivery_id)).status).to.equal(404);
    expect((await file(second.delivery_id)).status).to.equal(200);
    expect(await collection('report_files').countDocuments({ _id: oldest.delivery_id })).to.equal(0);
    const [newest] = await deliveries();
    expect((await file(newest.delivery_id)).status).to.equal(200);
  });
});
