import type { Files } from '../../../databases/mongo/files.js';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { PageRequest } from '../../../lib/page.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { KeptQuestions } from '../engine/index.js';
import type { ReportJobRepository } from './report-jobs.repository.js';
import type { jobBody } from './report-jobs.schema.js';
import type { ReportJob } from './report-jobs.types.js';
import { keptMs, type Worker } from './report-jobs.worker.js';

export interface ReportJobsDeps {
  readonly jobs: ReportJobRepository;
  readonly worker: Worker;
  readonly files: Files;
  readonly questions: KeptQuestions;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  /** How many jobs a user may have that are not over. */
  readonly most: number;
}

/** REP-12: reports that nobody waits for. A job is its owner's alone. */
export function createReportJobsService(deps: ReportJobsDeps) {
  const { jobs, worker, files, questions, transact, clock } = deps;

  async function own(actor: Actor, job_id: string, tx?: MongoTransaction): Promise<ReportJob> {
    const job = await jobs.find(job_id, tx);
    if (job?.user_id !== actor.user_id) throw notFound('report job');
    return job;
  }

  /** With how far it has come. */
  function viewOf(job: ReportJob) {
    const { phase, attempts, started_at, ended_at, status, job_id, format } = job;
    const ms = started_at && (ended_at ?? clock.now()).getTime() - started_at.getTime();
    return {
      ...job,
      progress: { phase, attempts, started_at, ms },
      result: status === 'done' ? `/api/report-jobs/${job_id}/result?format=${format}` : null,
    };
  }

  const forActors = publicDoor({
    /** Throws `invalid_request`, `forbidden` for what the actor may not ask, `too_many_jobs`. */
    async create(actor: Actor, body: Infer<typeof jobBody>) {
      const { user_id } = actor;
      await questions.check(actor, body);
      const { report, parameters, period, format } = body;
      const job_id = deps.newId('RJ');
      const job = await transact(async (tx) => {
        await deps.locks.share('report jobs', user_id, tx);
        if ((await jobs.countOpen(user_id, tx)) >= deps.most)
          throw new Problem('too_many_jobs', `${deps.most} at a time are the most.`, { retryAfter: 5 });
        return jobs.insert(
          {
            ...{ job_id, user_id, report, parameters, period, format, status: 'queued', phase: 'waiting' },
            ...{ failure: null, bytes: null, attempts: 0, holder: null, lease_until: null, version: 1 },
            ...{ created_at: clock.now(), started_at: null, ended_at: null, expires_at: null },
          },
          tx,
        );
      });
      // Not waited for; what fails here is found by the next sweep.
      void worker.work().catch(() => undefined);
      return viewOf(job);
    },

    get: async (actor: Actor, job_id: string) => viewOf(await own(actor, job_id)),

    async list({ user_id }: Actor, page: PageRequest) {
      const { items, next_cursor } = await jobs.listPage(user_id, page);
      return { items: items.map(viewOf), next_cursor };
    },

    /** Throws `not_found`, `step_not_allowed` for a job without a result. */
    async result(actor: Actor, job_id: string) {
      const job = await own(actor, job_id);
      if (job.status !== 'done')
        throw new Problem('step_not_allowed', job.failure ?? `The job is ${job.status}: it has no result.`);
      const file = await files.find(job_id, clock.now());
      if (!file) throw notFound('report job');
      return { job, file };
    },

    /** Ends the work in the stores too. Throws `not_found`, `step_not_allowed` for a job that is over. */
    async cancel(actor: Actor, job_id: string): Promise<void> {
      const now = clock.now();
      await transact(async (tx) => {
        const { status } = await own(actor, job_id, tx);
        if (!(await jobs.cancel(job_id, now, new Date(now.getTime() + keptMs), tx)))
          throw new Problem('step_not_allowed', `The job is ${status}, and stays so.`);
      });
      worker.abort(job_id);
    },
  });

  return { forActors, summary: jobs.summary };
}

export type ReportJobsService = ReturnType<typeof createReportJobsService>;
