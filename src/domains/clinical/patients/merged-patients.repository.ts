import type { Connection } from 'mongoose';
import { createDocumentStore } from '../../../databases/mongo/document-store.js';
import { mergedPatientModel } from './patients.model.js';
import type { MergedPatient } from './patients.types.js';

/** PAT-7: the records that have become part of another one. Nothing refers to them, and no list, search or report sees them. */
export function createMergedPatientRepository(connection: Connection) {
  const model = mergedPatientModel.on(connection);
  const store = createDocumentStore<MergedPatient, 'patient_id'>(model, 'patient_id');
  return {
    find: store.find,
    insert: store.insert,
    remove: store.remove,
    existing: store.existing,
    /** Those that have become a part of one of these. */
    async idsInto(patient_ids: readonly string[]): Promise<string[]> {
      const found = await model
        .find({ into_patient_id: { $in: [...patient_ids] } }, '_id')
        .lean<{ _id: string }[]>();
      return found.map(({ _id }) => _id);
    },
  };
}

export type MergedPatientRepository = ReturnType<typeof createMergedPatientRepository>;
