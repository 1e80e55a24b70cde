import type { Document, MongoClient } from 'mongodb';
import { indexAppointments } from '../contenders/bare.js';

const toDouble = (field: string) => ({ $toDouble: field });

const copyMs = 600_000;

/** The peers have no exact decimal: they carry an amount as a double. */
const plain: Readonly<Record<string, Document>> = {
  appointments: { consultation_fee: toDouble('$consultation_fee') },
  doctors: { consultation_fee: toDouble('$consultation_fee') },
  patients: {
    prescriptions: {
      $map: {
        input: '$prescriptions',
        in: { $mergeObjects: ['$$this', { cost: toDouble('$$this.cost') }] },
      },
    },
  },
};

/**
 * Copies patients, appointments and doctors into a database of a peer's own, with the `fields` that the peer itself would have
 * put into them.
 */
export async function copyRecords(
  client: MongoClient,
  from: string,
  to: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const [name, changes] of Object.entries(plain)) {
    const pipeline = [{ $set: { ...changes, ...fields } }, { $out: { db: to, coll: name } }];
    await client.db(from).collection(name).aggregate(pipeline, { maxTimeMS: copyMs }).toArray();
  }
  await indexAppointments(client.db(to));
}
