import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Prescription } from '../../../src/domains/clinical/prescriptions/prescriptions.types.js';
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
    const second = await seed();
    expect(second).to.include({ changes: 0, rejected: 0 });
    expect(await dump(system)).to.deep.equal(before);
  });

  it('DBA-7: broken off in between, it goes on where it was and ends the same', async () => {
    await seed();
    const whole = await dump(system);
    await clear(system);
    const { prescriptions } = system.parts;
    const targets = {
      ...system.parts,
      prescriptions: {
        async importMany(records: readonly Prescription[]) {
          await prescriptions.importMany(records.slice(0, records.length / 2));
          throw new Error('the power is gone');
        },
      },
    };
    const broken = await createSeedingService({ targets })
      .seed(options)
      .catch((error: Error) => error.message);
    expect(broken).to.equal('the power is gone');
    expect((await seed()).records.appointments.unchanged).to.be.greaterThan(0);
    expect(await dump(system)).to.deep.equal(whole);
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
