import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { System } from '../../../src/system.js';
import { openTestSystem } from '../../support/api.js';
import { clear, demoDir } from './files.js';

describe('the demo data', function () {
  this.timeout(120_000);
  let system: System;
  let close: () => Promise<void>;

  before(async () => {
    ({ system, close } = await openTestSystem());
  });
  after(() => close());
  afterEach(() => clear(system));

  const count = (collection: string) =>
    system.around.stores.connection.collection(collection).countDocuments();

  it('DBA-7: is at most 4 MB, with its provenance', () => {
    const files = readdirSync(demoDir, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const bytes = files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
    expect(bytes).to.be.below(4_000_000);
    expect(files.map(({ name }) => name)).to.include('PROVENANCE.md');
  });

  it('DBA-7: loads into an empty system once: a start that was killed is finished, then nothing is loaded', async () => {
    const { connection } = system.around.stores;
    const said: string[] = [];
    const load = () => system.parts.imports.loadDemo((line) => said.push(line));
    await load();
    expect(said).to.have.length(3);
    const appointments = await count('appointments');
    expect(appointments).to.be.greaterThan(10_000);

    // As if it had been killed before its end.
    await connection.collection('loadings').updateOne({}, { $set: { finished_at: null } });
    await connection.collection('appointments').deleteMany({ status: 'no_show' });
    await load();
    expect(said).to.have.length(6);
    expect(await count('appointments')).to.equal(appointments);

    await connection.collection('prescriptions').deleteMany({});
    await load();
    expect(said).to.have.length(6);
    expect(await count('prescriptions')).to.equal(0);
  });

  it('DBA-7: stays out of a system that has hospitals of its own', async () => {
    await system.around.stores.connection
      .collection('hospitals')
      .insertOne({ _id: 'own' as never, name: 'Own' });
    await system.parts.imports.loadDemo();
    expect(await count('appointments')).to.equal(0);
  });
});
