import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import { given } from '../../../lib/changes.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { emergencyAccessModel } from './emergency-access.model.js';
import type { EmergencyAccess } from './emergency-access.types.js';

interface EmergencyAccessFilter {
  readonly user_id?: string | undefined;
  readonly patient_id?: string | undefined;
  readonly reviewed?: boolean | undefined;
}

const newestFirst: SortOrder<EmergencyAccess> = { name: '-opened_at', field: 'opened_at', direction: -1 };

export function createEmergencyAccessRepository(connection: Connection) {
  const model = emergencyAccessModel.on(connection);
  const store = createDocumentStore<EmergencyAccess, 'emergency_access_id'>(model, 'emergency_access_id');
  return {
    find: store.find,
    insert: store.insert,
    update: store.update,

    isOpen: async (
      who: Pick<EmergencyAccess, 'user_id' | 'patient_id'>,
      now: Date,
      tx?: MongoTransaction,
    ): Promise<boolean> =>
      (await model.exists({ ...who, expires_at: { $gt: now } }).setOptions(sessionOf(tx))) !== null,

    listPage: (
      { reviewed, ...equal }: EmergencyAccessFilter,
      page: PageRequest,
    ): Promise<Page<EmergencyAccess>> => {
      const waits = reviewed === undefined ? {} : { 'review.finding': reviewed ? { $ne: null } : null };
      return store.page({ ...given(equal), ...waits }, newestFirst, page);
    },
  };
}

export type EmergencyAccessRepository = ReturnType<typeof createEmergencyAccessRepository>;
