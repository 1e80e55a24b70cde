import type { Connection } from 'mongoose';
import { isPassingMongoFailure } from '../failures.js';
import { retry } from '../retry.js';
import { foldedName, type MongoCollection } from './mongo-model.js';

const batchSize = 1_000;

interface Named {
  readonly _id: string;
  readonly [field: string]: unknown;
}

/**
 * Keeps beside each name what it is found and sorted by, where a version before PAT-10 has written it without. Goes on where
 * it was broken off, and may run beside others: a name that has changed since it was read has its own by then. Gives how many
 * documents it filled in.
 */
export async function foldNames(connection: Connection, models: readonly MongoCollection[]): Promise<number> {
  let filled = 0;
  for (const { collection, named } of models) {
    if (named === undefined) continue;
    const documents = connection.collection<Named>(collection);
    const without = { name_order: null, [named]: { $type: 'string' } } as const;
    for (;;) {
      const found = await retry(
        () => documents.find(without, { projection: { [named]: 1 }, limit: batchSize }).toArray(),
        isPassingMongoFailure,
      );
      if (found.length === 0) break;
      const operations = found.map((document) => ({
        updateOne: {
          filter: { _id: document._id, [named]: document[named] },
          update: { $set: foldedName(document[named] as string) },
        },
      }));
      await retry(() => documents.bulkWrite(operations as never, { ordered: false }), isPassingMongoFailure);
      filled += found.length;
    }
  }
  return filled;
}
