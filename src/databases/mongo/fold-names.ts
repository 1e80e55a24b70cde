import type { Connection } from 'mongoose';
import { phoneKey, type PhoneRegion } from '../../lib/phone.js';
import { isPassingMongoFailure } from '../failures.js';
import { retry } from '../retry.js';
import { foldedName, type MongoCollection } from './mongo-model.js';

const batchSize = 1_000;

type Raw = Record<string, unknown>;

/** What is kept beside a field for searches and lists. */
interface Derived {
  readonly collection: string;
  readonly field: string;
  /** Null in a document that a version before has written. */
  readonly missing: string;
  readonly of: (value: string | null) => Raw;
}

/** Goes on where it was broken off, and may run beside others: a value that has changed since it was read has its own by then. */
async function fillIn(connection: Connection, { collection, field, missing, of }: Derived): Promise<number> {
  const documents = connection.collection<{ _id: string } & Raw>(collection);
  const valueOf = (document: Raw): unknown =>
    field.split('.').reduce<unknown>((at, key) => (at as Raw | null)?.[key], document);
  const without = { [missing]: null, [field]: { $type: ['string', 'null'] } } as const;
  for (let filled = 0; ;) {
    const found = await retry(
      () => documents.find(without as never, { projection: { [field]: 1 }, limit: batchSize }).toArray(),
      isPassingMongoFailure,
    );
    if (found.length === 0) return filled;
    const operations = found.map((document) => ({
      updateOne: {
        filter: { _id: document._id, [field]: valueOf(document) },
        update: { $set: of(valueOf(document) as string | null) },
      },
    }));
    await retry(() => documents.bulkWrite(operations as never, { ordered: false }), isPassingMongoFailure);
    filled += found.length;
  }
}

/** Kept beside a telephone number (`phone_key`): never null, so that one that is missing is found by its index. */
export const keptPhone = (phone: string | null, region: PhoneRegion): { phone_key: string } => ({
  phone_key: phone === null ? '' : phoneKey(phone, region),
});

/**
 * PAT-10, D5: keeps beside names and telephone numbers what they are found by, where a version before has written them without.
 * Gives how many documents it filled in.
 */
export async function foldNames(
  connection: Connection,
  models: readonly MongoCollection[],
  region: PhoneRegion,
): Promise<number> {
  const derived = models.flatMap(({ collection, named, phone }): Derived[] => [
    ...(named
      ? [
          {
            collection,
            field: named,
            missing: 'name_order',
            of: (name: string | null) => foldedName(name ?? ''),
          },
        ]
      : []),
    ...(phone
      ? [
          {
            collection,
            field: phone,
            missing: 'phone_key',
            of: (value: string | null) => keptPhone(value, region),
          },
        ]
      : []),
  ]);
  let filled = 0;
  for (const one of derived) filled += await fillIn(connection, one);
  return filled;
}
