import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { queryLimitMs, sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { reportJobModel } from './report-jobs.model.js';
import type { JobsSummary, ReportJob } from './report-jobs.types.js';

const newestFirst: SortOrder<ReportJob> = { name: '-created_at', field: 'created_at', direction: -1 };

/** A job that is worked on by the one who has its holder. */
export type HeldJob = ReportJob & { readonly holder: string };

type Ending = Pick<ReportJob, 'status' | 'failure' | 'bytes' | 'ended_at' | 'expires_at'>;

/** More are as many. */
const mostCounted = 10_000;

export function createReportJobRepository(connection: Connection) {
  const model = reportJobModel.on(connection);
  const store = createDocumentStore<ReportJob, 'job_id'>(model, 'job_id');
  const held = ({ job_id, holder }: HeldJob) => ({ _id: job_id, holder, status: 'running' as const });
  const over = { phase: 'over', holder: null, lease_until: null } as const;

  return {
    find: (job_id: string, tx?: MongoTransaction): Promise<ReportJob | null> => store.find(job_id, tx),
    insert: (job: ReportJob, tx: MongoTransaction): Promise<ReportJob> => store.insert(job, tx),
    listPage: (user_id: string, page: PageRequest): Promise<Page<ReportJob>> =>
      store.page({ user_id }, newestFirst, page),
    countOpen: (user_id: string, tx: MongoTransaction): Promise<number> =>
      store.count({ user_id, status: { $in: ['queued', 'running'] } }, tx),

    /** How jobs stand, and those that failed since then. */
    async summary(since: Date): Promise<JobsSummary> {
      const failed = { status: 'failed', created_at: { $gte: since } };
      const counted = (filter: object) =>
        model.collection.countDocuments(filter, { maxTimeMS: queryLimitMs, limit: mostCounted });
      const first = (filter: object, created_at: 1 | -1): Promise<ReportJob | null> =>
        model.collection
          .find<ReportJob>(filter, { maxTimeMS: queryLimitMs })
          .sort({ created_at })
          .limit(1)
          .next();
      const [waiting, running, failures] = await Promise.all([
        ...[counted({ status: 'queued' }), counted({ status: 'running' }), counted(failed)],
      ]);
      const [oldest, last] = await Promise.all([first({ status: 'queued' }, 1), first(failed, -1)]);
      return {
        ...{ waiting: waiting!, running: running!, failed: failures! },
        oldest_waiting_at: oldest?.created_at ?? null,
        last_failure: last && {
          at: last.ended_at ?? last.created_at,
          report: last.report,
          why: last.failure,
        },
      };
    },

    /** The one that has waited longest, also of a process that is dead; null when there is none. */
    async claim(now: Date, lease_until: Date): Promise<HeldJob | null> {
      const holder = randomUUID();
      const taken = await model.collection.findOneAndUpdate(
        { $or: [{ status: 'queued' }, { status: 'running', lease_until: { $lte: now } }] },
        {
          $set: { status: 'running', phase: 'waiting', holder, lease_until, started_at: now },
          $inc: { attempts: 1, version: 1 },
        },
        { sort: { created_at: 1 }, projection: { _id: 1 } },
      );
      return taken && ((await store.findMany([String(taken._id)]))[0] as HeldJob);
    },

    /** Says that its process lives, and where it has come to; false when it was cancelled, or is somebody else's by now. */
    async renew(job: HeldJob, lease_until: Date, phase: ReportJob['phase']): Promise<boolean> {
      const { matchedCount } = await model.updateOne(held(job), { $set: { lease_until, phase } });
      return matchedCount === 1;
    },

    /** Gives it back as if it had not been tried. */
    async giveBack(job: HeldJob): Promise<void> {
      await model.updateOne(held(job), {
        $set: { status: 'queued', phase: 'waiting', holder: null, lease_until: null, started_at: null },
        $inc: { attempts: -1, version: 1 },
      });
    },

    /** False when it was cancelled, or is somebody else's by now. */
    async end(job: HeldJob, how: Ending, tx: MongoTransaction): Promise<boolean> {
      const ending = { $set: { ...how, ...over }, $inc: { version: 1 } };
      return (await model.updateOne(held(job), ending, sessionOf(tx))).modifiedCount === 1;
    },

    /** False when it is over. */
    async cancel(job_id: string, ended_at: Date, expires_at: Date, tx: MongoTransaction): Promise<boolean> {
      const open = { _id: job_id, status: { $in: ['queued', 'running'] as const } };
      const ending = { $set: { status: 'cancelled', ended_at, expires_at, ...over }, $inc: { version: 1 } };
      return (await model.updateOne(open as never, ending, sessionOf(tx))).modifiedCount === 1;
    },
  };
}

export type ReportJobRepository = ReturnType<typeof createReportJobRepository>;
