import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { reportLinkModel } from './report-links.model.js';
import type { ReportLink } from './report-links.types.js';

const newestFirst: SortOrder<ReportLink> = { name: '-created_at', field: 'created_at', direction: -1 };

export function createReportLinkRepository(connection: Connection) {
  const model = reportLinkModel.on(connection);
  const store = createDocumentStore<ReportLink, 'report_link_id'>(model, 'report_link_id');
  return {
    find: (report_link_id: string, tx?: MongoTransaction): Promise<ReportLink | null> =>
      store.find(report_link_id, tx),
    insert: (link: ReportLink, tx: MongoTransaction): Promise<ReportLink> => store.insert(link, tx),
    listPage: (visible: { user_id?: string }, page: PageRequest): Promise<Page<ReportLink>> =>
      store.page(visible, newestFirst, page),
    countGood: (user_id: string, now: Date, tx: MongoTransaction): Promise<number> =>
      store.count({ user_id, revoked_at: null, expires_at: { $gt: now } }, tx),

    /** False when it was before. */
    async revoke(report_link_id: string, now: Date, tx: MongoTransaction): Promise<boolean> {
      const { modifiedCount } = await model.updateOne(
        { _id: report_link_id, revoked_at: null },
        { $set: { revoked_at: now } },
        sessionOf(tx),
      );
      return modifiedCount === 1;
    },

    async countOpening(report_link_id: string, now: Date, tx: MongoTransaction): Promise<void> {
      await model.updateOne(
        { _id: report_link_id },
        { $inc: { opened: 1 }, $set: { last_opened_at: now } },
        sessionOf(tx),
      );
    },
  };
}

export type ReportLinkRepository = ReturnType<typeof createReportLinkRepository>;
