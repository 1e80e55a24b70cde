import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import type { BulkPath } from '../../../src/domains/exchange/imports/index.js';
import type { SeedOptions, SeedReport } from '../../../src/domains/exchange/seeding/index.js';
import { createSeedingService } from '../../../src/domains/exchange/seeding/seeding.service.js';
import type { System } from '../../../src/system.js';
import { nodeWords } from '../../../scripts/compile.mjs';
import { clear, dump } from '../imports/files.js';
import { openTestSystem } from '../../support/api.js';

describe('npm run seed', function () {
  this.timeout(60_000);
  let system: System;
  let close: () => Promise<void>;
  const options: SeedOptions = { patients: 300, years: 1, seed: 5, until: new Date('2026-11-01T00:00:00Z') };
  const seed = () => system.parts.seeding.seed(options);

  before(async () => {
    ({ system, close } = await openTestSystem());
  });
  after(() => close());
  afterEach(() => clear(system));

  it('DBA-7: stores all it makes; the same again changes nothing', async () => {
    const first = await seed();
    expect(first.rejected).to.equal(0);
    expect(first.records.patients.stored).to.equal(300);
    const before = await dump(system);
    expect(before['appointments']).to.have.length(first.records.appointments.stored);
    expect(before['billing']).to.have.length(first.records.billing.stored);
    expect(before['booking_accounts']).to.have.length(first.records.payments.stored);
    expect(await system.parts.payments.faults()).to.deep.equal([]);
    const second = await seed();
    expect(second).to.include({ changes: 0, rejected: 0 });
    expect(await dump(system)).to.deep.equal(before);
  });

  it('DBA-7: broken off in between, it goes on where it was and ends the same', async () => {
    await seed();
    const whole = await dump(system);
    await clear(system);
    const { prescriptions, payments } = system.parts;
    const half = <R>(path: BulkPath<R>): BulkPath<R> => ({
      async importMany(records) {
        await path.importMany(records.slice(0, records.length / 2));
        throw new Error('the power is gone');
      },
    });
    for (const broken of [{ prescriptions: half(prescriptions) }, { payments: half(payments) }])
      expect(
        await createSeedingService({ targets: { ...system.parts, ...broken } })
          .seed(options)
          .catch((error: Error) => error.message),
      ).to.equal('the power is gone');
    const { records } = await seed();
    expect(records.appointments.unchanged).to.be.greaterThan(0);
    expect(records.payments.unchanged).to.be.greaterThan(0);
    expect(await dump(system)).to.deep.equal(whole);
    expect(await system.parts.payments.faults()).to.deep.equal([]);
  });

  it('BILL-2: without payments all that was billed is owed; they can come later', async () => {
    const unpaid = await system.parts.seeding.seed(options, { payments: false });
    const balanceOf = async (account: string) =>
      (await system.parts.payments.trialBalance()).accounts.find((one) => one.account === account)!.balance;
    expect(unpaid.records.payments.stored).to.equal(0);
    expect([await balanceOf('cash'), `-${await balanceOf('receivable')}`]).to.deep.equal([
      '0.00',
      await balanceOf('revenue'),
    ]);
    const later = await seed();
    expect(later.changes).to.equal(later.records.payments.stored);
    expect(Number(await balanceOf('cash'))).to.be.greaterThan(Number(await balanceOf('receivable')));
  });

  it('PAT-1: the patients carry their newest appointments', async () => {
    await seed();
    const { patients, appointments } = await dump(system);
    for (const { _id, appointments: recent } of patients!) {
      const own = appointments!.filter(({ patient_id }) => patient_id === _id);
      expect(recent).to.have.length(Math.min(20, own.length));
    }
  });

  it('DBA-7: as a command: a report as JSON, and exit code 2 for what it does not understand', async () => {
    const { connection, mongodbUri, postgresUri } = system.around.stores;
    const env = {
      ...process.env,
      MONGODB_URI: mongodbUri.replace('/?', `/${connection.name}?`),
      POSTGRES_URI: postgresUri,
    };
    const run = async (...args: string[]) => {
      const child = spawn(process.execPath, [...nodeWords('scripts/seed-records.ts'), ...args], {
        cwd: join(import.meta.dirname, '../../..'),
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let stdout = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      const [code] = (await once(child, 'close')) as [number];
      return { code, stdout };
    };
    const [made, none, noDay] = await Promise.all([
      run('--patients', '20', '--years', '1', '--seed', '9', '--until', '2026-11-01', '--json'),
      run('--patients', '0'),
      run('--until', '2026-02-30'),
    ]);
    expect([made.code, none.code, noDay.code]).to.deep.equal([0, 2, 2]);
    const report = JSON.parse(made.stdout) as SeedReport;
    expect(report).to.deep.include({
      rejected: 0,
      options: { patients: 20, years: 1, seed: 9, until: '2026-11-01T00:00:00.000Z' },
    });
    expect(await connection.collection('patients').countDocuments()).to.equal(20);
  });
});
