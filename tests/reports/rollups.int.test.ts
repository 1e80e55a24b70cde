import { expect } from 'chai';
import fc from 'fast-check';
import type { Document } from 'mongodb';
import { histories as playable } from '../../scripts/histories/steps.js';
import { openWorld, worldEnv } from '../../scripts/histories/world.js';
import { playHistory } from '../../scripts/histories/run.js';
import { openKeptReports, type KeptReports } from './kept-reports.js';
import { places, prescribed, step, visit, type Step } from './random-records.js';
import { size } from '../support/size.js';

type Doc = { _id: string } & Document;

const histories = size({ usual: 150, long: 1_000 });
const between = size({ usual: 75, long: 250 });

/** Which no history touches: D1 has more patients than anybody, a month has visits, and a treatment has ended. */
const lasting = {
  appointments: fc.sample(visit, 40).map((one, n) => ({
    ...{ ...one, _id: `Q${n}`, patient_id: `Q${n}`, doctor_id: 'D1', ...places[1] },
    ...{ status: 'completed', date: new Date('2024-05-15T12:00:00Z'), ended_at: null, slot_end: null },
  })),
  prescriptions: fc.sample(prescribed, 1).map((one) => ({
    ...{ ...one, _id: 'Q', patient_id: 'Q', disease: 'Asthma', disease_code: 'J45' },
    ...{ start_date: new Date('2024-05-01T00:00:00Z'), end_date: new Date('2024-05-08T00:00:00Z') },
  })),
};

describe('verify-reports', function () {
  this.timeout(240_000);
  let kept: KeptReports;

  before(async () => {
    kept = await openKeptReports({ REPORT_TIME_ZONE: 'America/New_York', ...worldEnv });
    const region = (n: number): string => (n < 2 ? 'North' : 'South');
    await kept.insert({
      hospitals: [1, 2, 3].map((n) => ({ _id: `H${n}`, name: `Hospital ${n}`, region: region(n) })),
      departments: places.map(({ department_id, hospital_id }) => ({
        ...{ _id: department_id, hospital_id, department_name: department_id },
      })),
      doctors: [0, 1, 2, 3].map((n) => ({
        ...{ _id: `D${n}`, name: `Dr ${n}`, specialty: 'S', registration_number: `R${n}` },
        ...{ department_id: 'DEP1', availability: [], leave_days: [], slot_minutes: 15, slot_capacity: 1 },
      })),
      ...lasting,
    });
  });
  after(() => kept.close());

  const verify = (sample: number, seed: number, reports?: readonly string[]) =>
    kept.system.parts.verification.verifyReports({ sample, seed, reports });

  async function differences(sample: number, seed: number, reports?: readonly string[]) {
    return (await verify(sample, seed, reports)).flatMap((one) => one.differences);
  }

  /** Straight into the store, where records of years ago can change too; what a service writes is followed alike. */
  async function take(one: Step): Promise<void> {
    const documents = kept.system.around.stores.connection.collection<Doc>(one.of);
    if (one.do === 'remove') await documents.deleteOne({ _id: one.id });
    else if (one.do === 'put') await documents.replaceOne({ _id: one.id }, one.document, { upsert: true });
    else await documents.updateOne({ _id: one.id }, { $set: one.fields });
  }

  it(`REP-8: finds nothing after ${histories} random histories of records`, async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const played = fc.sample(fc.array(step, { minLength: 5, maxLength: 10 }), { numRuns: histories, seed });
    for (let n = 0; n < histories; n += between) {
      // Some at once, as in life: what each of them does stays in its order.
      const waiting = played.slice(n, n + between);
      const players = Array.from({ length: 16 }, async () => {
        for (let one = waiting.pop(); one; one = waiting.pop()) for (const each of one) await take(each);
      });
      await Promise.all(players);
      await kept
        .collection('doctors')
        .updateOne({ _id: `D${n % 4}` } as never, { $set: { department_id: places[n % 3]!.department_id } });
      expect(await differences(8, seed + n), `seed ${seed}, after ${n + between}`).deep.equal([]);
    }
  });

  it('REP-8: finds nothing after random histories of booking and money, nor while they are played', async () => {
    const world = await openWorld(kept.system);
    const seed = Math.floor(Math.random() * 2 ** 31);
    const waiting = [...fc.sample(playable, { numRuns: size({ usual: 6, long: 16 }), seed })];
    const players = Array.from({ length: 4 }, async () => {
      for (let one = waiting.pop(); one; one = waiting.pop()) await playHistory(world, one);
    });
    expect(await differences(2, seed), `seed ${seed}, meanwhile`).deep.equal([]);
    await Promise.all(players);
    const verified = await verify(size({ usual: 8, long: 25 }), seed);
    expect(
      verified.flatMap((one) => one.differences),
      `seed ${seed}`,
    ).deep.equal([]);
    for (const { report, questions, by_rollups, by_mirror, rows } of verified) {
      expect(by_rollups * rows, report).above(0);
      expect(by_mirror, report).equal(questions);
    }
  });

  const tampered: Readonly<
    Record<string, { readonly in: string; readonly which: Document; readonly with: Document }>
  > = {
    'top-doctors': {
      in: 'rollup_doctor_ranking',
      which: { period: 'all', status: 'completed', doctor_id: 'D1' },
      with: { $inc: { patients: 1 } },
    },
    'monthly-appointments-trend': {
      in: 'rollup_appointments',
      which: { level: 'network', span: 'month', period: '2024-05' },
      with: { $inc: { 'completed.appointments': 1 } },
    },
    'disease-trends': {
      in: 'rollup_prescription_episodes',
      which: { disease_code: 'J45', disease: null, block: null },
      with: { $inc: { patients: -1 } },
    },
  };
  for (const [report, { in: collection, which, with: update }] of Object.entries(tampered))
    it(`REP-8: finds a figure of ${report} that somebody has changed`, async () => {
      const documents = kept.collection(collection);
      expect(await differences(1, 1, [report])).deep.equal([]);
      const before = await documents.findOne(which);
      expect((await documents.updateOne(which, update)).modifiedCount).equal(1);
      const found = await differences(20, 1, [report]);
      expect(found.length).above(0);
      expect(new Set(found.map((one) => one.report))).deep.equal(new Set([report]));
      await documents.replaceOne(which, before!);
      expect(await differences(20, 1, [report])).deep.equal([]);
    });
});
