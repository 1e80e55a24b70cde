import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { isPassingMongoFailure } from '../../../databases/failures.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import { retry } from '../../../databases/retry.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { duplicateModel } from './duplicates.model.js';
import type { Duplicate } from './duplicates.types.js';

const likeliest: SortOrder<Duplicate> = { name: '-score', field: 'score', direction: -1 };

export type Scored = Pick<Duplicate, 'duplicate_id' | 'patient_ids' | 'score' | 'reasons'>;

export function createDuplicateRepository(connection: Connection) {
  const model = duplicateModel.on(connection);
  const store = createDocumentStore<Duplicate, 'duplicate_id'>(model, 'duplicate_id');
  return {
    find: store.find,
    update: store.update,
    listPage: (
      filter: Pick<Duplicate, 'status'> & { patient_ids?: string },
      page: PageRequest,
    ): Promise<Page<Duplicate>> => store.page(filter, likeliest, page),

    /** What is known of these patients now. "Not the same" stays said, whatever the score; an open pair that is none any more goes. */
    async replaceOf(patient_ids: readonly string[], pairs: readonly Scored[], found_at: Date): Promise<void> {
      const open = { dismissed: null, status: 'open', found_at, version: 1 };
      const operations = pairs.map(({ duplicate_id, ...pair }) => ({
        updateOne: {
          filter: { _id: duplicate_id },
          update: { $set: pair, $setOnInsert: open },
          upsert: true,
        },
      }));
      const gone = {
        patient_ids: { $in: [...patient_ids] },
        ...{ status: 'open', _id: { $nin: pairs.map(({ duplicate_id }) => duplicate_id) } },
      };
      await retry(async () => {
        if (operations.length > 0) await model.collection.bulkWrite(operations as never, { ordered: false });
        await model.collection.deleteMany(gone as never);
      }, isPassingMongoFailure);
    },

    /** The open pairs of a patient who is gone. */
    async forget(patient_id: string, tx: MongoTransaction): Promise<void> {
      await model.collection.deleteMany({ patient_ids: patient_id, status: 'open' }, sessionOf(tx));
    },
  };
}

export type DuplicateRepository = ReturnType<typeof createDuplicateRepository>;
