import pLimit from 'p-limit';
import type { NewNotification } from '../../../contracts/notifications.js';
import { onClock } from '../../../lib/time.js';
import type { Files } from '../../../databases/mongo/files.js';
import { maxFileBytes } from '../../../databases/mongo/files.js';
import { toProblem } from '../../../http/middleware/problems.js';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import type { ReachPoint } from '../../../contracts/crash-points.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem, problems } from '../../../lib/errors.js';
import type { NewId } from '../../../lib/ids.js';
import { loggable, type Logger } from '../../../lib/logger.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { mayUse } from '../../../lib/permissions.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { KeptQuestions, ReportFiles, ReportsService, WholeFile } from '../engine/index.js';
import type { Recipients } from '../recipients/index.js';
import type { Claimed, DeliveryRepository } from './deliveries.repository.js';
import { mayDownload } from './saved-reports.policy.js';
import type { SavedReportRepository } from './saved-reports.repository.js';
import { nextDue } from './saved-reports.schedule.js';
import type { Delivery, SavedReport } from './saved-reports.types.js';

export interface DeliveriesDeps {
  readonly deliveries: DeliveryRepository;
  readonly saved: SavedReportRepository;
  readonly files: Files;
  readonly questions: KeptQuestions;
  /** Takes its turns beside those who wait for an answer, not among them. */
  readonly reports: Pick<ReportsService, 'prepare' | 'answer'>;
  readonly fileOf: ReportFiles;
  readonly recipients: Pick<Recipients, 'stillThere'>;
  /** Who a user would ask as just now; null when the account is closed. */
  askerOf(user_id: string): Promise<Pick<Actor, 'user_id' | 'role' | 'doctor_id'> | null>;
  notify(message: NewNotification, tx: MongoTransaction): Promise<void>;
  readonly locks: { share(name: string, part: string, tx: MongoTransaction): Promise<void> };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly reach: ReachPoint;
  readonly timeZone: string;
  /** Where its owner opens the file of a delivery: a whole address. */
  addressOf(delivery_id: string, format: string): string;
  /** How long a file is kept. */
  readonly keptDays: number;
  /** What the files of a user may take: the oldest make room for a new one. */
  readonly keptBytes: number;
  /** How long a report may take in a store. */
  readonly seconds: number;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** How many a sweep takes off their schedules, and how many it makes. */
const most = 100;

/** What the stores refuse so often is refused for good. */
const mostAttempts = 5;

/** Both stores one after the other, the file, and some patience: the one who has not ended by then is gone. */
const claimMsOf = (seconds: number): number => 2 * seconds * 1000 + minuteMs;

/** How many of one user may wait to be made at a time, beside those of schedules. */
const mostWaiting = 10;

const kind = 'report.delivery';

/** Why a report cannot be delivered, in a sentence for its owner. */
function whyNot(problem: Problem): string {
  if (problem.code === 'timed_out' || problem.code === 'figures_behind')
    return 'It took too long to compute. Ask for a shorter period.';
  if (problem.code === 'forbidden') return 'You may not ask for these figures any more.';
  const detail = problem.detail?.replace(/\/(body|query)\/(parameters\/)?/g, '');
  return `${problems[problem.code].title}${detail === undefined ? '' : `: ${detail}`}.`;
}

/** REP-10: reports that are brought, each due time once. */
export function createDeliveriesService(deps: DeliveriesDeps) {
  const { deliveries, saved, files, transact, clock, reach, logger } = deps;
  const claimMs = claimMsOf(deps.seconds);
  const stopping = new AbortController();
  const inTurn = pLimit(1);

  const request = (
    { saved_report_id, name, report, parameters, period, format }: SavedReport,
    user_id: string,
    due_at: Date | null,
    tx: MongoTransaction,
  ): Promise<Delivery> =>
    deliveries.insert(
      {
        ...{ delivery_id: deps.newId('DL'), saved_report_id, user_id, name, report, parameters, period },
        ...{ format, due_at, status: 'waiting', failure: null, bytes: null, attempts: 0 },
        ...{ claimed_until: new Date(0), claim: null, version: 1, created_at: clock.now() },
        ...{ ended_at: null, expires_at: null },
      },
      tx,
    );

  /**
   * Takes what is due off its schedule and puts the delivery down, in one transaction: neither is there without the other. What
   * came due several times while nobody looked is delivered for each of them. Of two processes the store refuses one.
   */
  async function takeDue(): Promise<void> {
    const now = clock.now();
    const listDue = (): Promise<SavedReport[]> =>
      stopping.signal.aborted ? Promise.resolve([]) : saved.listDue(now, most);
    for (let all = await listDue(); all.length > 0; all = await listDue())
      for (const one of all) {
        const recipients = await deps.recipients.stillThere(one.recipients);
        await transact(async (tx) => {
          const next = one.schedule && nextDue(one.schedule, one.next_due_at!);
          if (!(await saved.moveOn(one, next, tx))) return;
          for (const user_id of [one.user_id, ...recipients])
            await request(one, user_id, one.next_due_at, tx);
          reach(kind, 'deciding');
        });
        reach(kind, 'decided');
      }
  }

  /** Asks as the one who is sent it may ask now, about the period of the moment that it was due, or asked for. */
  async function fileFor(delivery: Claimed): Promise<WholeFile> {
    const asker = await deps.askerOf(delivery.user_id);
    if (!asker || !mayUse(asker.role, 'reports:read')) throw new Problem('forbidden');
    const query = deps.questions.queryOf(delivery, delivery.due_at ?? delivery.created_at);
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(claimMs - minuteMs / 2)]);
    const question = await deps.reports.prepare(delivery.report, asker, query, { signal });
    const answered = await deps.reports.answer(question);
    const file = await deps.fileOf(question, answered, delivery.format, delivery.user_id);
    if (file.content.length > maxFileBytes)
      throw new Problem('not_acceptable', `the file has more than ${maxFileBytes} bytes`);
    return file;
  }

  const expiry = (now: Date): Date => new Date(now.getTime() + deps.keptDays * dayMs);

  async function makeRoom(user_id: string, now: Date, tx: MongoTransaction): Promise<void> {
    const kept = await deliveries.listKept(user_id, now, tx);
    let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    for (const { delivery_id, bytes: own } of kept) {
      if (bytes <= deps.keptBytes) return;
      await deliveries.expire(delivery_id, now, tx);
      await files.remove(delivery_id, tx);
      bytes -= own;
    }
  }

  function store(delivery: Claimed, file: WholeFile): Promise<void> {
    const { delivery_id, user_id, name, format } = delivery;
    const now = clock.now();
    const expires_at = expiry(now);
    const end = { failure: null, bytes: file.content.length, ended_at: now, expires_at };
    return transact(async (tx) => {
      if (!(await deliveries.end(delivery, { status: 'done', ...end }, tx))) return;
      await files.put(delivery_id, { ...file, expires_at }, tx);
      await makeRoom(user_id, now, tx);
      const address = deps.addressOf(delivery_id, format);
      const facts = { name, address, until: onClock(expires_at, deps.timeZone) };
      const to = { user_id };
      await deps.notify(
        { kind: 'report.delivered', to, appointment_id: null, facts, file_id: delivery_id },
        tx,
      );
      reach(kind, 'applying');
    });
  }

  function fail(delivery: Claimed, failure: string): Promise<void> {
    const now = clock.now();
    const end = { failure, bytes: null, ended_at: now, expires_at: expiry(now) };
    return transact(async (tx) => {
      if (!(await deliveries.end(delivery, { status: 'failed', ...end }, tx))) return;
      const facts = { name: delivery.name, why: failure };
      const to = { user_id: delivery.user_id };
      await deps.notify({ kind: 'report.not_delivered', to, appointment_id: null, facts }, tx);
    });
  }

  /** Again later where that may help. */
  async function giveUp(delivery: Claimed, error: unknown): Promise<void> {
    const now = clock.now();
    if (stopping.signal.aborted) return deliveries.release(delivery, now, delivery.attempts - 1);
    const problem = toProblem(error);
    if (!problem) logger.error({ error: loggable(error) }, 'a report could not be delivered');
    const isRefusal = problem !== undefined && problem.status < 500;
    if (isRefusal || delivery.attempts >= mostAttempts)
      return fail(delivery, whyNot(problem ?? new Problem('internal_error')));
    await deliveries.release(
      delivery,
      new Date(now.getTime() + delivery.attempts * minuteMs),
      delivery.attempts,
    );
  }

  async function make(delivery: Claimed): Promise<void> {
    reach(kind, 'taken');
    try {
      await store(delivery, await fileFor(delivery));
    } catch (error) {
      await giveUp(delivery, error);
    }
    reach(kind, 'applied');
  }

  async function makeWaiting(): Promise<void> {
    for (let made = 0; made < most && !stopping.signal.aborted; made++) {
      const now = clock.now();
      const delivery = await deliveries.claim(now, new Date(now.getTime() + claimMs));
      if (!delivery) return;
      await make(delivery);
    }
  }

  async function own(actor: Actor, delivery_id: string): Promise<Delivery> {
    const delivery = await deliveries.find(delivery_id);
    if (!delivery || !mayDownload(actor, delivery)) throw notFound('delivery');
    return delivery;
  }

  const forActors = publicDoor({
    get: own,

    list: ({ user_id }: Actor, page: PageRequest): Promise<Page<Delivery>> =>
      deliveries.listPage({ user_id }, page),

    /** Throws `not_found`, `step_not_allowed` for a delivery without a file. */
    async file(actor: Actor, delivery_id: string) {
      const { status, failure } = await own(actor, delivery_id);
      if (status !== 'done')
        throw new Problem('step_not_allowed', failure ?? 'The file is not made yet: ask again in a while.');
      const file = await files.find(delivery_id, clock.now());
      if (!file) throw notFound('delivery');
      return file;
    },
  });

  return {
    forActors,

    /** At its owner's request, beside its schedule. Throws `too_many_deliveries`. */
    async requestNow(saved_report: SavedReport, tx: MongoTransaction): Promise<Delivery> {
      const { user_id } = saved_report;
      await deps.locks.share('deliveries', user_id, tx);
      if ((await deliveries.countWaiting(user_id, tx)) >= mostWaiting)
        throw new Problem('too_many_deliveries', `${mostWaiting} at a time are the most.`, {
          retryAfter: 60,
        });
      return request(saved_report, user_id, null, tx);
    },

    /**
     * Delivers what is due. Several processes may do so at once, and may die on the way: what they had in hand is done later. In one
     * process a sweep comes after the other: who asks for one finds all delivered after it that the process had in hand.
     */
    sweep: (): Promise<void> =>
      inTurn(async () => {
        await takeDue();
        await makeWaiting();
      }),

    summary: deliveries.summary,

    /** What is being made is broken off, and made after the next start. */
    stop: (): void => stopping.abort(new Problem('unavailable')),
  };
}

export type DeliveriesService = ReturnType<typeof createDeliveriesService>;
