import { expect } from 'chai';
import { createSeeding, type SeedOptions } from '../../src/domains/seeding/index.js';
import type { System } from '../../src/system.js';
import { clear, dump } from '../imports/files.js';
import { openTestSystem } from '../support/api.js';

describe('npm run seed', function () {
  this.timeout(60_000);
  let system: System;
  let close: () => Promise<void>;
  const options: SeedOptions = { patients: 300, years: 1, seed: 5, until: new Date('2026-11-01T00:00:00Z') };
  const seed = (signal?: AbortSignal, onProgress?: () => void) =>
    createSeeding({ targets: system.parts }).service.seed(options, {
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });

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

  it('DBA-7: stopped in between, it goes on where it was and ends the same', async () => {
    await seed();
    const whole = await dump(system);
    await clear(system);
    const stopping = new AbortController();
    const stopped = await seed(stopping.signal, () => stopping.abort(new Error('stopped'))).catch(
      (error: Error) => error.message,
    );
    if (typeof stopped === 'string') expect(stopped).to.equal('stopped');
    await seed();
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
});
