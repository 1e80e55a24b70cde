import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Connection } from 'mongoose';
import { createTransact, sessionOf } from '../../../src/databases/mongo/mongo.js';
import { patients, visits } from './counting-sink.js';
import { expectEqual, openHospital, type Hospital } from './hospital.js';

type Doc = { _id: string } & Record<string, unknown>;

/** What happens to a document; what is not there is made, what is there is changed. */
interface Step {
  readonly of: typeof patients | typeof visits;
  readonly id: string;
  readonly how: 'insert' | 'update' | 'replace' | 'remove' | 'touch';
  readonly value: string;
  /** A text is no amount: nothing can be counted of the document. */
  readonly owed: number | string;
}

type Happening = Step | readonly Step[] | 'pause' | 'restart' | 'rebuild';

const step = fc.record<Step>({
  of: fc.constantFrom(patients, visits),
  id: fc.integer({ min: 0, max: 30 }).map((n) => `id${String(n).padStart(2, '0')}`),
  how: fc.constantFrom('insert', 'update', 'update', 'replace', 'remove', 'touch'),
  value: fc.constantFrom('a', 'b', 'c'),
  owed: fc.oneof({ arbitrary: fc.integer({ min: 0, max: 9 }), weight: 6 }, fc.constant('much')),
});

const happening = fc.oneof<fc.WeightedArbitrary<Happening>[]>(
  { arbitrary: step, weight: 12 },
  // More than one batch, and all of one moment.
  { arbitrary: fc.array(step, { minLength: 2, maxLength: 12 }), weight: 2 },
  { arbitrary: fc.constant('pause' as const), weight: 2 },
  { arbitrary: fc.constant('restart' as const), weight: 1 },
  { arbitrary: fc.constant('rebuild' as const), weight: 1 },
);

const fieldsOf = ({ of, value, owed }: Step): Record<string, unknown> =>
  of === patients ? { ward: value, name: 'unseen' } : { status: value, owed };

async function take(connection: Connection, one: Step, options = {}): Promise<void> {
  const documents = connection.collection<Doc>(one.of);
  const which = { _id: one.id };
  const fields = fieldsOf(one);
  if (one.how === 'remove') await documents.deleteOne(which, options);
  else if (one.how === 'touch') await documents.updateOne(which, { $inc: { seen: 1 } } as never, options);
  else if (one.how === 'replace') await documents.replaceOne(which, fields, options);
  else await documents.updateOne(which, { $set: fields }, { upsert: one.how === 'insert', ...options });
}

describe('createProjector, whatever happens', function () {
  this.timeout(120_000);
  let hospital: Hospital;

  before(async () => (hospital = await openHospital()));
  after(() => hospital.close());

  /** Chunks and batches so small that a handful of documents fills many. */
  const start = () => {
    const projector = hospital.process({ sizes: { chunk: 4, batch: 3 } });
    projector.start();
    return projector;
  };

  it('REP-8: what it keeps equals a recount, also when it is restarted or rebuilt in the middle of it', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.array(happening, { maxLength: 40 }), run),
      { numRuns: 12 },
    ));

  async function run(before: readonly Step[], after: readonly Happening[]): Promise<void> {
    const { connection } = hospital;
    const transact = createTransact(connection);
    await hospital.stop();
    for (const collection of [patients, visits, 'count_states'])
      await connection.collection(collection).deleteMany({});
    for (const one of before) await take(connection, one);
    let projector = start();
    for (const one of after) {
      if (one === 'pause') await sleep(15);
      else if (one === 'rebuild') await projector.rebuild();
      else if (one === 'restart') {
        await projector.stop();
        projector = start();
      } else if ('how' in one) await take(connection, one);
      else
        await transact(async (tx) => {
          for (const each of one) await take(connection, each, sessionOf(tx));
        });
    }
    await connection.collection(visits).updateMany({ owed: 'much' }, { $set: { owed: 1 } });
    await expectEqual(hospital, projector);
  }

  it('REP-9: a build goes on while many write at once', async () => {
    const { connection } = hospital;
    await hospital.stop();
    const documents = connection.collection<Doc>(visits);
    const made = Array.from({ length: 600 }, (_, n) => ({ _id: `v${n}`, status: 'a', owed: 1 }));
    await documents.insertMany(made);
    await connection.collection('count_states').deleteMany({});
    const projector = hospital.process({ sizes: { chunk: 20, batch: 10 } });
    projector.start();
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let n = 0; n < 60; n++) {
        const _id = `v${(writer * 101 + n * 37) % 600}`;
        if (n % 5 === 0) await documents.deleteOne({ _id });
        else
          await documents.updateOne(
            { _id },
            { $set: { status: 'bcd'[n % 3]! }, $inc: { owed: n } } as never,
            { upsert: true },
          );
      }
    });
    await Promise.all(writers);
    await expectEqual(hospital, projector);
  });
});
