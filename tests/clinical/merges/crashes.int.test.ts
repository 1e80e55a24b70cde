import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { nodeWords } from '../../../scripts/compile.mjs';
import { startApi, type TestApi } from '../../support/api.js';
import { attached, openClinic, state, type Clinic } from './attached.js';

/* A merge crosses from MongoDB to Postgres once, wherever the process that makes it dies. */

describe('a merge whose process is killed', function () {
  this.timeout(120_000);
  let api: TestApi;
  let clinic: Clinic;
  before(async () => {
    api = await startApi();
    clinic = await openClinic(api);
  });
  after(() => api.stop());

  /** What a process of its own does, while nothing here relays; the signal that ended it. */
  async function child(crashAt: string, ...act: string[]): Promise<string | null> {
    const { config, stores } = api.system.around;
    const file = new URL('child.ts', import.meta.url).pathname;
    const args = [stores.connection.name, config.postgresUri!, crashAt, ...act];
    await api.system.parts.outboxes.stop();
    const running = spawn(process.execPath, [...nodeWords(file), ...args], { stdio: 'inherit' });
    const [code, signal] = (await once(running, 'exit')) as [number | null, string | null];
    expect(code === 0 || signal !== null, `it ended with ${code}`).to.equal(true);
    return signal;
  }

  /** Another process goes on: what the dead one had claimed too. */
  async function recover(): Promise<void> {
    const { outboxes, startRelays } = api.system.parts;
    startRelays();
    for (const { entry_id } of await outboxes.mongodb.listWaiting('', 100))
      await outboxes.mongodb.applyNow(entry_id);
    expect(await outboxes.mongodb.listWaiting('', 1)).to.deep.equal([]);
  }

  async function merges(): Promise<{ merge_id: string; status: string }[]> {
    return (await api.get('/patient-merges', { token: await api.as('admin') })).body.items;
  }

  // The transaction of one that dies before its commit keeps the two locked for a minute: it comes last.
  for (const moment of ['decided', 'taken', 'applying', 'applied', 'deciding']) {
    const point = `patient.merged:${moment}`;
    it(`PAT-7: at ${point}, it is made whole or not at all, and so is its undo`, async () => {
      const [into, from] = [await attached(api, clinic), await attached(api, clinic)];
      const before = await state(api);
      const known = (await merges()).length;
      expect(await child(point, 'merge', into.patient_id, from.patient_id)).to.equal('SIGKILL');
      await recover();
      const [merge, ...others] = await merges();
      if (moment === 'deciding') {
        expect(others.length + 1).to.equal(known);
        expect(await state(api)).to.deep.equal(before);
        return;
      }
      expect({ status: merge!.status, others: others.length }).to.deep.equal({
        status: 'merged',
        others: known,
      });
      const { knex } = api.system.around.stores;
      for (const table of ['billing', 'booking_accounts', 'transactions', 'ledger_entries'])
        expect(await knex(table).where({ patient_id: from.patient_id }), table).to.deep.equal([]);
      expect(await api.system.parts.payments.faults()).to.deep.equal([]);

      expect(await child(point, 'undo', merge!.merge_id)).to.equal('SIGKILL');
      await recover();
      expect((await merges())[0]).to.include({ merge_id: merge!.merge_id, status: 'undone' });
      expect(await state(api)).to.deep.equal(before);
    });
  }
});
