import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { savedReportModel } from './saved-reports.model.js';
import type { SavedReport, Visible } from './saved-reports.types.js';

const newestFirst: SortOrder<SavedReport> = { name: '-created_at', field: 'created_at', direction: -1 };
const dueFirst: SortOrder<SavedReport> = { name: 'next_due_at', field: 'next_due_at', direction: 1 };

export function createSavedReportRepository(connection: Connection) {
  const model = savedReportModel.on(connection);
  const store = createDocumentStore<SavedReport, 'saved_report_id'>(model, 'saved_report_id');
  return {
    find: (saved_report_id: string, tx?: MongoTransaction): Promise<SavedReport | null> =>
      store.find(saved_report_id, tx),
    /** Throws UniqueViolation when the owner has another of that name. */
    insert: (saved: SavedReport, tx: MongoTransaction): Promise<SavedReport> => store.insert(saved, tx),
    /** Throws as `insert` does. */
    update: (
      saved_report_id: string,
      changes: Partial<SavedReport>,
      tx: MongoTransaction,
    ): Promise<SavedReport | null> => store.update(saved_report_id, changes, tx),
    remove: (saved_report_id: string, tx: MongoTransaction): Promise<boolean> =>
      store.remove(saved_report_id, tx),
    count: (user_id: string, tx: MongoTransaction): Promise<number> => store.count({ user_id }, tx),
    listPage: (visible: Visible, page: PageRequest): Promise<Page<SavedReport>> =>
      store.page({ ...visible }, newestFirst, page),

    listDue: (now: Date, limit: number): Promise<SavedReport[]> =>
      store.list({ next_due_at: { $type: 'date', $lte: now } }, dueFirst, limit),

    /** Moves the schedule on from `due`; false when another process has. The record keeps its version: its owner did nothing. */
    async moveOn(
      { saved_report_id, next_due_at }: SavedReport,
      next: Date | null,
      tx: MongoTransaction,
    ): Promise<boolean> {
      const { modifiedCount } = await model.updateOne(
        { _id: saved_report_id, next_due_at },
        { $set: { next_due_at: next } },
        sessionOf(tx),
      );
      return modifiedCount === 1;
    },
  };
}

export type SavedReportRepository = ReturnType<typeof createSavedReportRepository>;
