import { expect } from 'chai';
import { expectEqual, openHospital, settled, type Hospital } from './hospital.js';
import { patients, readCounts, visits } from './counting-sink.js';

describe('createProjector', () => {
  let hospital: Hospital;

  beforeEach(async () => (hospital = await openHospital()));
  afterEach(() => hospital.close());

  it('REP-8: builds what is there, and follows what is written, changed, replaced and removed', async () => {
    const { connection } = hospital;
    const visit = connection.collection<{ _id: string; status: string; owed?: number }>(visits);
    await visit.insertMany([
      { _id: 'A1', status: 'open', owed: 5 },
      { _id: 'A2', status: 'open' },
    ]);
    const projector = hospital.process();
    projector.start();
    const first = await expectEqual(hospital, projector);
    expect(await readCounts(connection)).deep.equal({ 'visit open': { n: 2, owed: 5 } });

    await visit.updateOne({ _id: 'A1' }, { $set: { status: 'done' } });
    await visit.insertOne({ _id: 'A3', status: 'open', owed: 1 });
    await visit.replaceOne({ _id: 'A2' }, { status: 'lost', owed: 2 });
    await visit.deleteOne({ _id: 'A3' });
    await connection.collection<{ _id: string }>(patients).insertOne({ _id: 'P1', ward: 'east' } as never);
    const second = await expectEqual(hospital, projector);
    expect(second.version).above(first.version);
    await visit.updateOne({ _id: 'A1' }, { $set: { note: 'of no interest' } });
    const third = await settled(hospital, projector);
    expect(third.version).equal(second.version);
    expect(third.position > second.position).equal(true);
  });
});
