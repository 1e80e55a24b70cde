import { expect } from 'chai';
import { advisoryLocks } from '../../src/databases/postgres/postgres.js';
import { startFixture, type Fixture } from '../money/reconciliation/fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { runScriptOn } from '../support/run-script.js';

describe('npm run reconcile', function () {
  this.timeout(120_000);
  let api: TestApi;
  let on: Fixture;

  before(async () => {
    api = await startApi();
    on = await startFixture(api);
  });
  after(() => api.stop());

  /** While the API runs, on the same databases. */
  const reconcile = (...args: string[]) => runScriptOn(api, 'reconcile', args);

  it('BILL-5: tells what differs with 4, repairs what it can with --apply, and ends with 0 when nothing is left', async () => {
    const [unbilled, gone] = [await on.book(), await on.book()];
    await on.force(unbilled, 'completed', { ended_at: new Date() });
    await on.forget(gone);
    const seen = await reconcile('--grace', '0');
    expect(seen.code, seen.stderr).equal(4);
    expect(seen.stdout)
      .match(/^\| completed_without_bill +\| +1 \| +1 \| +0 \| +1 \|/m)
      .match(/^\| number_gap +\| +0 \| +0 \| +0 \| +0 \|/m)
      .include(`  ${gone}: the slot of `)
      .include('2 found, 0 repaired, 2 left');
    expect(seen.stderr).include('npm run reconcile -- --apply');
    expect(await on.bills(unbilled)).deep.equal([]);

    const one = await reconcile('--grace', '0', '--apply', '--kind', 'claim_without_appointment');
    expect(one.code, one.stderr).equal(0);
    expect(one.stdout).include(`${gone}: the slot of `).and.include(' (repaired)');
    expect(await on.countClaims(gone)).equal(0);

    const applied = await reconcile('--grace', '0', '--apply', '--json');
    expect(applied.code, applied.stderr).equal(0);
    const report = JSON.parse(applied.stdout);
    expect(report).deep.include({ applied: true, found: 1, repaired: 1, left: 0 });
    expect(report.kinds[1].examples[0]).deep.include({ id: unbilled, repaired: true });
    expect(await on.bills(unbilled)).have.length(1);
  });

  it('BILL-5: does not run beside another one, and refuses a kind that there is not with 2', async () => {
    const { knex } = api.system.around.stores;
    const beside = await knex.transaction(async (trx) => {
      await trx.raw('select pg_advisory_xact_lock(?)', [advisoryLocks.reconcile]);
      return reconcile();
    });
    expect(beside).deep.include({ code: 1, stdout: '' });
    expect(beside.stderr).equal('Another reconcile is at it: try again when it is through.\n');
    const odd = await reconcile('--kind', 'lost_umbrella');
    expect(odd).deep.include({ code: 2, stdout: '' });
    expect(odd.stderr).include('completed_without_bill');
  });
});
