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
  };
}

export type MergedPatientRepository = ReturnType<typeof createMergedPatientRepository>;
