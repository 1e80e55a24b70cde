import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { ImportReport } from '../../../src/domains/exchange/imports/index.js';
import type { System } from '../../../src/system.js';
import { nodeWords } from '../../../scripts/compile.mjs';
import { openTestSystem } from '../../support/api.js';
import { clear, sliceDir, dump, makeDirectory, makeTables, removeDirectories, smallTables } from './files.js';

const root = join(import.meta.dirname, '../../..');

describe('npm run import', function () {
  this.timeout(120_000);
  let system: System;
  let close: () => Promise<void>;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    ({ system, close } = await openTestSystem());
    const { connection, mongodbUri, postgresUri } = system.around.stores;
    env = {
      ...process.env,
      DATA_DIR: makeDirectory({}),
      MONGODB_URI: mongodbUri.replace('/?', `/${connection.name}?`),
      POSTGRES_URI: postgresUri,
    };
  });
  after(async () => {
    removeDirectories();
    await close();
  });
  afterEach(() => clear(system));

  function start(...args: string[]) {
    const child = spawn(process.execPath, [...nodeWords('scripts/import-records.ts'), ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
    return { child, ended };
  }
  const run = (...args: string[]) => start(...args).ended;
  const count = (collection: string) =>
    system.around.stores.connection.collection(collection).countDocuments();

  it('DBA-7: prints a report, as JSON when asked, and names the rows that it could not store: exit code 4', async () => {
    const tables = smallTables();
    tables['encounters']![0]!['START'] = 'yesterday';
    const directory = makeTables(tables);
    const errorsFile = join(directory, 'errors.ndjson');
    const { code, stdout, stderr } = await run(
      '--source',
      'synthea',
      directory,
      '--json',
      '--errors',
      errorsFile,
    );
    expect(code).to.equal(4);
    const report = JSON.parse(stdout) as ImportReport;
    const errors = readFileSync(errorsFile, 'utf8').trim().split('\n');
    expect(errors).to.have.length(report.rows_rejected);
    expect(JSON.parse(errors[0]!)).to.deep.equal({
      file: 'encounters.csv',
      line: 2,
      id: tables['encounters']![0]!['Id'],
      reason: 'START is not a UTC time',
    });
    expect(stderr).to.include(errorsFile);
  });

  it('DBA-7: one clear line and no stack for a wrong directory, a missing file, a missing column, a wrong source', async () => {
    const empty = makeDirectory({});
    const other = makeDirectory({ 'patients.csv': 'id,name\n1,x\n', 'appointments.csv': 'id\n1\n' });
    const [nowhere, missing, column, source, nothing] = await Promise.all([
      run('--source', 'synthea', '/nowhere'),
      run('--source', 'medscheduler', empty),
      run('--source', 'medscheduler', other),
      run('--source', 'epic', empty),
      run('--source', 'synthea'),
    ]);
    expect(nowhere).to.include({ code: 2, stdout: '' });
    expect(nowhere.stderr).to.match(
      /'\/nowhere' is invalid for argument 'dir'. There is no such file or folder./,
    );
    expect(missing.stderr).to.equal(`error: There is no patients.csv or patients.csv.gz in ${empty}.\n`);
    expect(column.stderr).to.equal(`${other}/patients.csv has no column patient_id, sex, dob.\n`);
    expect([missing.code, column.code, source.code, nothing.code]).to.deep.equal([2, 1, 2, 2]);
  });

  it('DBA-7: killed in the middle and run again, it ends as a run that was left alone', async () => {
    const directory = join(sliceDir, 'synthea');
    const { child, ended } = start('--source', 'synthea', directory);
    while ((await count('appointments')) === 0 && child.exitCode === null) await sleep(5);
    child.kill('SIGKILL');
    expect((await ended).code).to.equal(null);
    const stored = await count('appointments');
    expect(stored).to.be.greaterThan(0);
    expect(await count('prescriptions')).to.be.lessThan(5000);

    const again = await run('--source', 'synthea', directory, '--json');
    expect(again.code, again.stderr).to.equal(0);
    const report = JSON.parse(again.stdout) as ImportReport;
    const encounters = report.files.find(({ file }) => file === 'encounters.csv.gz')!;
    expect(encounters.unchanged).to.be.at.least(stored);
    const resumed = await dump(system);
    await clear(system);
    await system.parts.imports.importFrom({ source: 'synthea', directory });
    const whole = await dump(system);
    // Records that the files do not date carry the time of their import.
    const timeless = (state: typeof whole) =>
      JSON.stringify(state, (key, value: unknown) =>
        ['created_at', 'updated_at', 'created_date', 'last_update'].includes(key) ? undefined : value,
      );
    expect(timeless(resumed)).to.equal(timeless(whole));
  });
});
