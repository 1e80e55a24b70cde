import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { reportTable } from '../../scripts/report-table.js';
import type { ReportAnswer } from '../../src/domains/reports/engine/index.js';
import { appointment, at } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { testPassword } from '../support/make.js';
import { runScript } from '../support/run-script.js';
import { fillStores } from './reports-fixture.js';

describe('npm run report', () => {
  let api: TestApi;
  let env: Record<string, string>;
  before(async () => {
    api = await startApi();
    const { connection, mongodbUri, postgresUri } = api.system.around.stores;
    // The test's database has a name of its own, which the shared address does not say.
    const MONGODB_URI = mongodbUri.replace(/\/[^/?]*(\?|$)/, `/${connection.db!.databaseName}$1`);
    env = {
      MONGODB_URI,
      POSTGRES_URI: postgresUri,
      NODE_ENV: 'test',
      DATA_DIR: tmpdir(),
      LOG_LEVEL: 'error',
    };
    const visits = [
      appointment({ date: at('2025-01-10T10:00:00Z') }),
      appointment({ date: at('2025-02-10T10:00:00Z'), status: 'cancelled' }),
    ];
    await fillStores(api, { appointments: visits });
  });
  after(() => api.stop());

  it('REP-7: prints a table, and below it where the figures come from', async () => {
    const { stdout, code } = await runScript(
      'run-report',
      ['monthly-appointments-trend', '--year', '2025'],
      env,
    );
    expect(code).to.equal(0);
    const lines = stdout.split('\n');
    expect(lines[0]).to.match(/^month +completed +cancelled/);
    expect(lines[2]).to.match(/^2025-01 +1 +0 +0 +0 +1 +0\.0000 +0\.0000$/);
    expect(lines[4]).to.match(/^2025-03 +0 +0 +0 +0 +0 +- +-$/);
    expect(stdout).to.include(
      'aggregations/monthly-appointments-trend.ts version 1, engine native, from every single record: mongodb 2 rows',
    );
  });

  it('REP-6: prints the JSON and the CSV that the API answers', async () => {
    const asked = ['average-prescription-cost', '--from', '2025-01-01'];
    const token = await api.as('manager');
    const path = '/reports/average-prescription-cost?from=2025-01-01';
    const [json, csv, overHttp, csvOverHttp] = await Promise.all([
      runScript('run-report', [...asked, '--json'], env),
      runScript('run-report', [...asked, '--csv'], env),
      api.get(path, { token }),
      api.get(`${path}&format=csv`, { token }),
    ]);
    const { provenance: own, ...answer } = JSON.parse(json.stdout);
    const { provenance, ...expected } = overHttp.body;
    expect(answer).to.deep.equal(expected);
    expect(own.parameters).to.deep.equal(provenance.parameters);
    expect(csv.stdout).to.equal(csvOverHttp.body);
  });

  it('REP-6: refuses what the API refuses, by its option', async () => {
    const { code, stderr } = await runScript('run-report', ['top-doctors', '--hospital-id', 'H-none'], env);
    expect([code, stderr]).to.deep.equal([2, 'error: --hospital-id names no hospital\n']);
  });

  it('REP-7: compare:reports finds no difference, finds one, and says where', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reports-'));
    const { email } = await api.make.account('manager');
    const month = {
      month: '2025-01',
      completed: 1,
      cancelled: 0,
      noShow: 0,
      scheduled: 0,
      unknown: 2,
      total: 3,
    };
    const february = { ...month, month: '2025-02', completed: 0, cancelled: 1, unknown: 0, total: 1 };
    const compare = async (...months: object[]) => {
      const file = join(folder, 'expected.json');
      await writeFile(file, JSON.stringify({ report2_monthly: months }));
      const account = ['--email', email, '--password', testPassword];
      return runScript('compare-reports', [file, '--part', 'medscheduler', '--url', api.url, ...account]);
    };
    const same = await compare(
      { ...month, cancellationRate: '0.0000' },
      { ...february, cancellationRate: '1.0000' },
    );
    expect(same.stdout).to.include('2 rows compared, 0 differences');
    expect(same.code).to.equal(0);
    const other = await compare({ ...month, cancellationRate: '0.0001' });
    expect(other.stdout).to.include('1 rows compared, 1 differences');
    expect(other.stderr).to.include('row 1: 2025-01 | 1 | 0 | 0 | 0 | 1 | 0.0000, expected');
    expect(other.code).to.equal(4);
    await rm(folder, { recursive: true });
  });
}).timeout(60_000);

describe('reportTable', () => {
  const provenance: ReportAnswer['provenance'] = {
    ...{
      definition: 'aggregations/x.ts',
      version: 1,
      parameters: {},
      engine: 'native',
      path: 'definition' as const,
    },
    as_of: { mongodb: at('2025-01-01'), postgres: null },
    behind_seconds: 0,
    rows_read: { mongodb: 3, postgres: 0 },
    engine_ms: { mongodb: 1.4, postgres: null, merge: 0 },
  };
  const column = (name: string, type: 'text' | 'days' | 'money') => ({
    name,
    type,
    title: name,
    description: name,
  });

  it('REP-7: figures stand below one another by their point, text to the left', () => {
    const columns = [column('name', 'text'), column('average', 'days'), column('cost', 'money')];
    const rows = [
      { name: 'Ada\nLovelace', average: 10, cost: '9.50' },
      { name: null, average: 1.5, cost: '100.00' },
    ];
    expect(reportTable({ report: 'x', parameters: {}, columns, rows, provenance }).split('\n')).to.deep.equal(
      [
        'name          average    cost',
        '────────────  ───────  ──────',
        'Ada Lovelace    10.00    9.50',
        '-                1.50  100.00',
        '',
        'aggregations/x.ts version 1, engine native, from every single record: mongodb 3 rows in 1 ms as of 2025-01-01T00:00:00.000Z',
      ],
    );
  });
});
