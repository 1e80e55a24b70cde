import type { Connection } from 'mongoose';
import {
  createDocumentStore,
  type DocumentFilter,
  type SortOrder,
} from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { waitingModel } from './waiting-list.model.js';
import type { WaitingEntry } from './waiting-list.types.js';

const firstFirst: SortOrder<WaitingEntry> = { name: 'created_at', field: 'created_at', direction: 1 };

/** How many a freed slot is tried with, and how many offers a sweep ends. */
const most = 100;

/** Far more than anybody waits for. */
const mostOpen = 1000;

interface WaitingFilter {
  readonly doctor_id?: string | undefined;
  readonly day?: Date | undefined;
}

/** Whose entries a list may show at all: those with these ids; null is nobody's. */
type Visible = Partial<Record<'patient_id' | 'doctor_id', string | null>>;

export function createWaitingListRepository(connection: Connection) {
  const model = waitingModel.on(connection);
  const store = createDocumentStore<WaitingEntry, 'waiting_id'>(model, 'waiting_id');

  return {
    find: (waiting_id: string, tx: MongoTransaction): Promise<WaitingEntry | null> =>
      store.find(waiting_id, tx),
    /** Throws UniqueViolation when the patient waits for that doctor and day already. */
    insert: (entry: WaitingEntry, tx: MongoTransaction): Promise<WaitingEntry> => store.insert(entry, tx),
    update: (
      waiting_id: string,
      changes: Partial<WaitingEntry>,
      tx: MongoTransaction,
    ): Promise<WaitingEntry | null> => store.update(waiting_id, changes, tx),

    listPage(visible: Visible, { doctor_id, day }: WaitingFilter, page: PageRequest) {
      const filter: DocumentFilter = { ...(doctor_id ? { doctor_id } : {}), ...(day ? { day } : {}) };
      return store.page({ $and: [visible, filter] }, firstFirst, page);
    },

    /** Who waits for a slot of that doctor and day, the first in the queue first. */
    listQueue: (doctor_id: string, day: Date, tx: MongoTransaction): Promise<WaitingEntry[]> =>
      store.list({ doctor_id, day, status: 'waiting' }, firstFirst, most, tx),

    /** What the patient still waits for, or is offered. */
    listOpen: (patient_id: string, tx: MongoTransaction): Promise<WaitingEntry[]> =>
      store.list({ patient_id, status: { $in: ['waiting', 'offered'] } }, firstFirst, mostOpen, tx),

    async findOffered(hold_id: string, tx: MongoTransaction): Promise<WaitingEntry | null> {
      const [entry] = await store.list({ status: 'offered', 'offer.hold_id': hold_id }, firstFirst, 1, tx);
      return entry ?? null;
    },

    /** The offers that have run out at `now`. */
    listRunOut: (now: Date): Promise<WaitingEntry[]> =>
      store.list({ status: 'offered', 'offer.expires_at': { $lte: now } }, firstFirst, most),

    isWaitingBefore: async (day: Date): Promise<boolean> =>
      (await model.exists({ status: 'waiting', day: { $lt: day } })) !== null,

    /** Ends the waiting for days before `day`. */
    async expireBefore(day: Date, now: Date, tx: MongoTransaction): Promise<void> {
      await model.updateMany(
        { status: 'waiting', day: { $lt: day } },
        { $set: { status: 'expired', updated_at: now }, $inc: { version: 1 } },
        sessionOf(tx),
      );
    },
  };
}

export type WaitingListRepository = ReturnType<typeof createWaitingListRepository>;
