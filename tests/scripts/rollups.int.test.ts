import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { poll } from '../../src/databases/embedded/processes.js';
import { clusterTime } from '../../src/databases/mongo/write-times.js';
import { startApi, type TestApi } from '../support/api.js';
import { runScript } from '../support/run-script.js';

describe('npm run rollups', function () {
  this.timeout(300_000);
  let api: TestApi;

  before(async () => (api = await startApi()));
  after(() => api.stop());

  function rollups(...args: string[]) {
    const { stores, config } = api.system.around;
    return runScript('rollups', args, {
      MONGODB_URI: config.mongodbUri!.replace(/\/[^/?]*(\?|$)/, `/${stores.connection.name}$1`),
      POSTGRES_URI: config.postgresUri!,
      DATA_DIR: config.dataDir,
      LOG_LEVEL: 'error',
    });
  }

  /** A scrape waits 1 s for the figures, no longer: on a busy machine it may have those of the one before. */
  async function metricsWith(line: RegExp): Promise<string> {
    let metrics = '';
    await poll(async () => line.test((metrics = (await api.get('//metrics')).body as string)), 60_000, 200);
    return metrics;
  }

  it('REP-8: builds the sums where nobody does, has the one that keeps them build them anew, and tells how they are doing', async () => {
    const none = await rollups('status');
    expect(none.code, none.stderr).equal(4);
    expect(none.stdout)
      .match(/^\| mongodb +\| not built +\|/m)
      .include('nobody');

    const built = await rollups('rebuild', '--json');
    expect(built.code, built.stderr).equal(0);
    const all = JSON.parse(built.stdout);
    expect(all.map(({ status }: { status: string }) => status)).deep.equal(all.map(() => 'live'));
    expect(built.stderr).match(/^mongodb: built in [\d.]+ s, about \d+ documents$/m);

    const { documents } = api.system.parts.projectors;
    documents.start();
    const again = await rollups('rebuild', '--only', 'mongodb', '--json');
    expect(again.code, again.stderr).equal(0);
    const [one, ...others] = JSON.parse(again.stdout);
    expect(others).deep.equal([]);
    expect(one).deep.include({ name: 'mongodb', status: 'live', live: true });
    expect(one.version).above(all.find(({ name }: { name: string }) => name === 'mongodb').version);
    expect(one.kept_by).equal((await documents.report()).lease!.holder);
    expect(await metricsWith(/^rollup_live\{sink="mongodb"\} 1$/m))
      .match(/^rollup_live\{sink="mongodb"\} 1$/m)
      .match(/^rollup_lag_seconds\{sink="mongodb"\} [\d.]+$/m)
      .match(/^rollup_version\{sink="mongodb"\} \d+$/m);
  });

  it('REP-8, REP-9: says which document cannot be counted, and goes on by itself when it is removed', async () => {
    const { connection } = api.system.around.stores;
    const { prescribed, documents } = api.system.parts.projectors;
    const one = { collection: 'prescriptions', _id: 'RX1' };
    const prescriptions = connection.collection<{ _id: string }>(one.collection);
    await prescriptions.insertOne({ _id: one._id, disease: 'flu', patient_id: 'P1', cost: 'much' } as never);
    // It says so at its end, where it would else wait for them to be live.
    const built = await rollups('rebuild', '--json');
    expect(built.code, built.stderr).equal(4);
    for (const { status, failed } of JSON.parse(built.stdout)) {
      expect(status).equal('failed');
      expect(failed).deep.equal([
        { ...one, reason: 'RangeError: not an amount of money with two decimals at the most: much' },
      ]);
    }
    expect((await rollups('status')).stdout)
      .match(/^\| mongodb +\| failed +\|/m)
      .match(/^prescribed cannot count prescriptions RX1: RangeError: /m);
    expect(await metricsWith(/^rollup_failed_documents\{sink="prescribed"\} 1$/m))
      .match(/^rollup_live\{sink="prescribed"\} 0$/m)
      .match(/^rollup_failed_documents\{sink="prescribed"\} 1$/m);

    for (const projector of [prescribed, documents]) projector.start();
    await prescriptions.deleteOne({ _id: one._id });
    const at = await clusterTime(connection);
    for (const projector of [prescribed, documents])
      while (!(await projector.caughtUp(at, 1_000))) await sleep(50);
    expect((await rollups('status')).code).equal(0);
  });

  it('REP-8: refuses with 2 what there is not', async () => {
    const [action, name] = await Promise.all([rollups('polish'), rollups('status', '--only', 'oracle')]);
    expect([action.code, name.code]).deep.equal([2, 2]);
    expect(action.stderr).include('status, rebuild');
    expect(name.stderr).include('there are no sums named oracle: there are mongodb');
  });
});
