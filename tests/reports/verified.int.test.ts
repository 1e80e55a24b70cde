import { expect } from 'chai';
import fc from 'fast-check';
import type { Document } from 'mongodb';
import { histories as playable } from '../../scripts/histories/steps.js';
import { openWorld, worldEnv } from '../../scripts/histories/world.js';
import { playHistory } from '../../scripts/histories/run.js';
import type { Difference, VerifiedReport } from '../../src/domains/reports/engine/index.js';
import { at } from '../aggregations/records.js';
import { openTestSystem } from '../support/api.js';
import { size } from '../support/size.js';
import { pastTriggers } from '../support/stored.js';
import { places, prescribed, step, visit, type Step } from './random-records.js';
import { addBills, inStep } from './reports-fixture.js';
import type { Figures } from './revenue-figures.js';

type Doc = { _id: string } & Document;

const histories = size({ usual: 60, long: 10_000 });
const between = size({ usual: 30, long: 50 });

const windows = [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, start: '08:00', end: '16:00' }));

/** What no history makes: who works where and when. D4 of the records is nobody. */
const network = {
  hospitals: [1, 2, 3].map((n) => ({
    ...{ _id: `H${n}`, name: `Hospital ${n}`, region: n < 2 ? 'North' : 'South' },
    time_zone: n < 2 ? 'America/New_York' : 'Asia/Kolkata',
  })),
  departments: places.map(({ department_id, hospital_id }) => ({
    ...{ _id: department_id, hospital_id, department_name: department_id },
    ...{ operating_start_hour: '07:00', operating_end_hour: '15:00' },
  })),
  doctors: [0, 1, 2, 3].map((n) => ({
    ...{ _id: `D${n}`, name: `Dr ${n}`, specialty: 'S', registration_number: `R${n}` },
    ...{ ...places[n % places.length], availability: windows, leave_days: [at('2024-05-06')] },
    ...{ registration_expiry: at('2030-01-01'), slot_minutes: 15 + 5 * n, slot_capacity: 1 + (n % 2) },
  })),
};

/** Which no history touches: D1 has more patients than anybody, a month has visits, and a treatment has ended. */
const lasting = {
  appointments: fc.sample(visit, 40).map((one, n) => ({
    ...{ ...one, _id: `Q${n}`, patient_id: `Q${n}`, doctor_id: 'D1', ...places[1] },
    ...{ status: 'completed', date: at('2024-05-15T12:00:00Z'), ended_at: null, slot_end: null },
  })),
  prescriptions: fc.sample(prescribed, 1).map((one) => ({
    ...{ ...one, _id: 'Q', patient_id: 'Q', disease: 'Asthma', disease_code: 'J45' },
    ...{ start_date: at('2024-05-01'), end_date: at('2024-05-08') },
  })),
};

describe('verify-reports', function () {
  this.timeout(size({ usual: 240_000, long: 3_600_000 }));
  let opened: Awaited<ReturnType<typeof openTestSystem>>;

  before(async () => {
    opened = await openTestSystem({
      ...{ MIRROR_MEGABYTES: '256', REPORT_TIME_ZONE: 'America/New_York', ...worldEnv },
    });
    opened.system.parts.start();
    for (const [name, documents] of Object.entries({ ...network, ...lasting }))
      await collection(name).insertMany(documents);
  });
  after(() => opened.close());

  const collection = (name: string) => opened.system.around.stores.connection.collection<Doc>(name);

  const verify = (sample: number, seed: number, reports?: readonly string[]): Promise<VerifiedReport[]> =>
    opened.system.parts.verification.verifyReports({ sample, seed, reports });

  async function differences(
    sample: number,
    seed: number,
    reports?: readonly string[],
  ): Promise<Difference[]> {
    return (await verify(sample, seed, reports)).flatMap((one) => one.differences);
  }

  /** Straight into the store, where records of years ago can change too; what a service writes is followed alike. */
  async function take(one: Step): Promise<void> {
    const documents = collection(one.of);
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
      const { department_id } = places[n % 3]!;
      await collection('doctors').updateOne({ _id: `D${n % 4}` }, { $set: { department_id } });
      expect(await differences(8, seed + n), `seed ${seed}, after ${n + between}`).deep.equal([]);
    }
  });

  it('REP-8: finds nothing after random histories of booking and money, nor while they are played', async () => {
    const world = await openWorld(opened.system);
    const seed = Math.floor(Math.random() * 2 ** 31);
    const waiting = [...fc.sample(playable, { numRuns: size({ usual: 6, long: 16 }), seed })];
    const players = Array.from({ length: 4 }, async () => {
      for (let one = waiting.pop(); one; one = waiting.pop()) await playHistory(world, one);
    });
    expect(await differences(2, seed), `seed ${seed}, meanwhile`).deep.equal([]);
    await Promise.all(players);
    const verified = await verify(size({ usual: 8, long: 25 }), seed);
    const found = verified.flatMap((one) => one.differences);
    expect(found, `seed ${seed}`).deep.equal([]);
    for (const { report, questions, rows } of verified) expect(questions * rows, report).above(0);
    const { parts } = opened.system;
    const asker = { role: 'admin', doctor_id: null } as const;
    const { receipt } = await parts.reports.run('revenue', asker, { by: 'doctor' }, { path: 'mirror' });
    const { accounts } = receipt as Figures['receipt'];
    for (const { account, balance } of (await parts.payments.trialBalance()).accounts)
      expect(accounts[account]!['total'], account).equal(balance);
  });

  it('REP-8: compares one moment of records that never stand still', async () => {
    const reports = ['top-doctors', 'disease-trends', 'no-show-rate', 'patient-flow'];
    const seed = Math.floor(Math.random() * 2 ** 31);
    const steps = fc.sample(step, { numRuns: 20_000, seed });
    let written = 0;
    let isOver = false;
    const writers = Array.from({ length: 4 }, async () => {
      while (!isOver) await take(steps[written++ % steps.length]!);
    });
    try {
      expect(await differences(4, seed, reports), `seed ${seed}`).deep.equal([]);
    } finally {
      isOver = true;
      await Promise.all(writers);
    }
    expect(written).above(50);
  });

  it('REP-8: finds figures that are not what the records say', async () => {
    const reports = ['revenue', 'average-prescription-cost'];
    const bill = { id: 'B-changed', patient_id: 'Q', total_cost: '7.00', disease_code: 'J45' };
    await addBills({ system: opened.system }, [{ ...bill, created_at: at('2024-05-02') }]);
    expect(await differences(20, 1, reports)).deep.equal([]);
    // Past the triggers: bills and entries are only ever added to, and so the mirror looks for those that were added.
    await pastTriggers(
      opened.system.around,
      `update billing set total_cost = total_cost + 0.01 where id = '${bill.id}';
      update ledger_entries set amount = amount + sign(amount) * 0.01 where journal_id = '${bill.id}'`,
    );
    const found = await differences(20, 1, reports);
    expect(new Set(found.map(({ report }) => report))).deep.equal(new Set(reports));
    expect(new Set(found.map(({ what }) => what))).deep.equal(new Set(['rows', 'totals', 'receipt']));
    for (const { mirror, definition } of found) expect(mirror).not.deep.equal(definition);
    await opened.system.parts.mirror!.rebuild();
    await inStep(opened);
    expect(await differences(20, 1, reports)).deep.equal([]);
  });
});
