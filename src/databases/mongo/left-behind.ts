import type { Connection } from 'mongoose';
import type { MongoCollection } from './mongo-model.js';

/** The sums that reports had in MongoDB, how far they had come, and who kept them: nothing reads them any more. */
const isLeft = (name: string): boolean => name.startsWith('rollup_') || name === 'projector_leases';

/**
 * Indexes by collection: one forbids what is allowed now (several people may be sent a report at one time), the other is of a
 * question that the care teams of patients answer.
 */
const leftIndexes = [
  ['deliveries', 'saved_report_id_1_due_at_1'],
  ['appointments', 'doctor_id_1_patient_id_1'],
] as const;

interface Found {
  readonly name: string;
  readonly options?: { readonly changeStreamPreAndPostImages?: { readonly enabled?: boolean } };
}

/**
 * Takes away what versions before have kept of the records: their sums, and the images that change streams told them. Gives the names of
 * the collections that were dropped. Safe to repeat.
 */
export async function dropLeftBehind(
  connection: Connection,
  models: readonly MongoCollection[],
): Promise<string[]> {
  const db = connection.db!;
  const all = (await db.listCollections({}, { nameOnly: false }).toArray()) as Found[];
  const ours = new Set(models.map(({ collection }) => collection));
  for (const { name, options } of all)
    if (ours.has(name) && options?.changeStreamPreAndPostImages?.enabled)
      await db.command({ collMod: name, changeStreamPreAndPostImages: { enabled: false } });
  for (const [collection, index] of leftIndexes)
    if (all.some(({ name }) => name === collection) && (await db.collection(collection).indexExists(index)))
      await db.collection(collection).dropIndex(index);
  const left = all.map(({ name }) => name).filter(isLeft);
  for (const name of left) await db.dropCollection(name);
  return left;
}
