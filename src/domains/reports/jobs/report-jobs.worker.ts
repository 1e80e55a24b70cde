import { maxFileBytes, type Files } from '../../../databases/mongo/files.js';
import { toProblem } from '../../../http/middleware/problems.js';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { Problem, problems } from '../../../lib/errors.js';
import { loggable, type Logger } from '../../../lib/logger.js';
import { mayUse } from '../../../lib/permissions.js';
import type { Transact } from '../../../lib/transaction.js';
import type { KeptQuestions, ReportFiles, ReportsService, WholeFile } from '../engine/index.js';
import type { HeldJob, ReportJobRepository } from './report-jobs.repository.js';
import type { JobPhase } from './report-jobs.types.js';

export interface WorkerDeps {
  readonly jobs: ReportJobRepository;
  readonly files: Files;
  readonly questions: KeptQuestions;
  /** With time limits and turns of its own. */
  readonly reports: Pick<ReportsService, 'prepare' | 'answer'>;
  readonly fileOf: ReportFiles;
  /** Who a user would ask as just now; null when the account is closed. */
  askerOf(user_id: string): Promise<Pick<Actor, 'user_id' | 'role' | 'doctor_id'> | null>;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many jobs this process works on at a time. */
  readonly atOnce: number;
}

/** How long a job and its result are kept when it is over. */
export const keptMs = 86_400_000;

/** A process that says nothing for so long counts as dead. */
const leaseMs = 15_000;
/** How often it says that it lives, and hears of a cancelling. */
const beatMs = 1_000;

/** A job whose process died so often may be what kills it. */
const mostAttempts = 3;

/** Given to the run as its reason. */
class Stopped extends Error {
  override readonly name = 'Stopped';

  constructor(readonly why: 'cancelled' | 'shutdown') {
    super(why);
  }
}

function failureOf(error: unknown): string {
  const problem = toProblem(error) ?? new Problem('internal_error');
  if (problem.code === 'timed_out' || problem.code === 'figures_behind')
    return 'It took longer in a store than a job may.';
  const { detail } = problem;
  return `${problems[problem.code].title}${detail === undefined ? '' : `: ${detail}`}`;
}

/** REP-12: does the jobs, in as many processes as there are; each is one process’s at a time. */
export function createWorker(deps: WorkerDeps) {
  const { jobs, files, transact, clock, logger } = deps;
  const running = new Map<string, { readonly controller: AbortController; readonly over: Promise<void> }>();
  let isStopping = false;

  const leaseUntil = (): Date => new Date(clock.now().getTime() + leaseMs);
  function ending(): { ended_at: Date; expires_at: Date } {
    const ended_at = clock.now();
    return { ended_at, expires_at: new Date(ended_at.getTime() + keptMs) };
  }

  async function compute(
    job: HeldJob,
    phase: (next: JobPhase) => void,
    signal: AbortSignal,
  ): Promise<WholeFile> {
    const asker = await deps.askerOf(job.user_id);
    if (!asker || !mayUse(asker.role, 'reports:read')) throw new Problem('forbidden');
    const query = deps.questions.queryOf(job, job.created_at);
    const question = await deps.reports.prepare(job.report, asker, query, { signal });
    phase('computing');
    const answered = await deps.reports.answer(question);
    phase('writing');
    const file = await deps.fileOf(question, answered, job.format, job.user_id);
    if (file.content.length > maxFileBytes)
      throw new Problem('not_acceptable', `The result has more than ${maxFileBytes} bytes: ask for less.`);
    return file;
  }

  const done = (job: HeldJob, file: WholeFile): Promise<void> =>
    transact(async (tx) => {
      const how = { failure: null, bytes: file.content.length, ...ending() };
      if (await jobs.end(job, { status: 'done', ...how }, tx))
        await files.put(job.job_id, { ...file, expires_at: how.expires_at }, tx);
    });

  const failed = (job: HeldJob, failure: string): Promise<void> =>
    transact(async (tx) => {
      await jobs.end(job, { status: 'failed', failure, bytes: null, ...ending() }, tx);
    });

  async function run(job: HeldJob, controller: AbortController): Promise<void> {
    const { signal } = controller;
    let phase: JobPhase = 'waiting';
    const beat = async (): Promise<void> => {
      if (!(await jobs.renew(job, leaseUntil(), phase))) controller.abort(new Stopped('cancelled'));
    };
    // A beat that fails is made up for by the next; the lease lasts several.
    const timer = setInterval(() => void beat().catch(() => undefined), beatMs);
    try {
      const file = await compute(job, (next) => (phase = next), signal);
      signal.throwIfAborted();
      await done(job, file);
    } catch (error) {
      const reason = signal.reason as unknown;
      if (reason instanceof Stopped)
        return await (reason.why === 'shutdown' ? jobs.giveBack(job) : undefined);
      if (!toProblem(error)) logger.error({ error: loggable(error) }, 'a report job failed');
      await failed(job, failureOf(error));
    } finally {
      clearInterval(timer);
    }
  }

  function begin(job: HeldJob): void {
    const controller = new AbortController();
    const over = run(job, controller)
      .catch((error: unknown) => {
        // Its lease runs out, and it is tried again.
        logger.warn({ error: loggable(error) }, 'a report job could not be ended');
      })
      .finally(() => {
        running.delete(job.job_id);
        void work().catch(() => undefined);
      });
    running.set(job.job_id, { controller, over });
  }

  let claiming = false;
  async function work(): Promise<void> {
    if (claiming) return;
    claiming = true;
    try {
      while (!isStopping && running.size < deps.atOnce) {
        const job = await jobs.claim(clock.now(), leaseUntil());
        if (!job) return;
        if (job.attempts <= mostAttempts) begin(job);
        else await failed(job, `The process that worked on it ended, ${mostAttempts} times.`);
      }
    } finally {
      claiming = false;
    }
  }

  return {
    /** Begins what there is room for; what it has begun goes on. */
    work,

    /** Ends the work on a job, if it is here. Elsewhere it is noticed by its next beat. */
    abort: (job_id: string): void => running.get(job_id)?.controller.abort(new Stopped('cancelled')),

    /** What is under way is broken off and done after the next start, here or elsewhere. */
    async stop(): Promise<void> {
      isStopping = true;
      const all = [...running.values()];
      for (const { controller } of all) controller.abort(new Stopped('shutdown'));
      await Promise.all(all.map(({ over }) => over));
    },
  };
}

export type Worker = ReturnType<typeof createWorker>;
