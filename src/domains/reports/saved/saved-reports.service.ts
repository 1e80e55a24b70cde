import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { checkVersion, refuseTaken } from '../../../lib/records.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import { mayUse } from '../../../lib/permissions.js';
import type { KeptQuestions, ReportQuery } from '../engine/index.js';
import type { Recipients } from '../recipients/index.js';
import type { DeliveriesService } from './deliveries.service.js';
import { mayHave, mayLeave, visibleTo } from './saved-reports.policy.js';
import type { SavedReportRepository } from './saved-reports.repository.js';
import { nextDue } from './saved-reports.schedule.js';
import type { createBody, patchBody, savedReportsQuery } from './saved-reports.schema.js';
import type { Delivery, SavedReport, Schedule, Visible } from './saved-reports.types.js';

export interface SavedReportsDeps {
  readonly saved: SavedReportRepository;
  readonly deliveries: Pick<DeliveriesService, 'requestNow'>;
  readonly questions: KeptQuestions;
  readonly recipients: Recipients;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Of a schedule that does not name its own. */
  readonly timeZone: string;
  /** How many an owner may have. */
  readonly most: number;
}

type GivenSchedule = NonNullable<Infer<typeof createBody>['schedule']>;

/** Throws `invalid_request` that names the part that is missing, or that such a schedule does not have. */
function scheduleOf(given: GivenSchedule | null, timeZone: string): Schedule | null {
  if (given === null) return null;
  const { every, time, weekday = null, day = null, time_zone = timeZone } = given;
  const check = (field: string, value: number | null, pace: string): void => {
    const pointer = `/body/schedule/${field}`;
    if (every === pace && value === null) throw invalidField(pointer, `is needed, or it never comes due`);
    if (every !== pace && value !== null)
      throw invalidField(pointer, `is not of a schedule of every ${every}`);
  };
  check('weekday', weekday, 'week');
  check('day', day, 'month');
  return { every, weekday, day, time, time_zone };
}

/** REP-10: questions with a name. */
export function createSavedReportsService(deps: SavedReportsDeps) {
  const { saved, deliveries, questions, recipients, locks, transact, clock, newId, timeZone, most } = deps;

  const shown = async (one: SavedReport): Promise<SavedReport> => (await recipients.shown([one]))[0]!;

  /** The accounts of those addresses. Throws `forbidden` for somebody whose figures are their own, `invalid_request`. */
  function sentTo({ role }: Actor, emails: readonly string[]): Promise<string[]> {
    if (emails.length > 0 && !mayUse(role, 'reports:share')) throw new Problem('forbidden');
    return recipients.idsOf(emails);
  }

  async function listed(visible: Visible, page: PageRequest): Promise<Page<SavedReport>> {
    const { items, next_cursor } = await saved.listPage(visible, page);
    return { items: await recipients.shown(items), next_cursor };
  }

  async function reached(actor: Actor, saved_report_id: string, tx?: MongoTransaction): Promise<SavedReport> {
    const one = await saved.find(saved_report_id, tx);
    if (!one || !mayHave(actor, one)) throw notFound('saved report');
    return one;
  }

  const dueOf = (schedule: Schedule | null): Date | null => schedule && nextDue(schedule, clock.now());

  const forActors = publicDoor({
    get: async (actor: Actor, saved_report_id: string): Promise<SavedReport> =>
      shown(await reached(actor, saved_report_id)),

    list: (actor: Actor, { sent_to, ...page }: Infer<typeof savedReportsQuery>): Promise<Page<SavedReport>> =>
      listed(sent_to === 'me' ? { recipients: actor.user_id } : visibleTo(actor), page),

    /** Only one's own, an admin's too. */
    listOwn: ({ user_id }: Actor, page: PageRequest): Promise<Page<SavedReport>> => listed({ user_id }, page),

    /** Throws `invalid_request`, `forbidden` for what the actor may not ask, `already_exists`, `too_many_saved_reports`. */
    async create(actor: Actor, body: Infer<typeof createBody>): Promise<SavedReport> {
      const { user_id } = actor;
      const schedule = scheduleOf(body.schedule, timeZone);
      await questions.check(actor, body);
      const ids = await sentTo(actor, body.recipients);
      const now = clock.now();
      const saved_report_id = newId('SR');
      const one = await refuseTaken('saved report', () =>
        transact(async (tx) => {
          await locks.share('saved reports', user_id, tx);
          if ((await saved.count(user_id, tx)) >= most)
            throw new Problem('too_many_saved_reports', `${most} are the most: remove one first.`);
          const { name, report, parameters, period, format } = body;
          return saved.insert(
            {
              ...{ saved_report_id, user_id, name, report, parameters, period, format, schedule },
              ...{ recipients: ids.filter((id) => id !== user_id) },
              ...{ next_due_at: dueOf(schedule), version: 1, created_at: now, updated_at: now },
            },
            tx,
          );
        }),
      );
      return shown(one);
    },

    /** Throws as `create`, `not_found` and `stale_version`. Who gets it stays: its owner must be able to ask it too. */
    async change(
      actor: Actor,
      saved_report_id: string,
      body: Infer<typeof patchBody>,
      ifMatch?: number,
    ): Promise<SavedReport> {
      const { schedule: given, recipients: emails, ...changes } = body;
      const schedule = given === undefined ? undefined : scheduleOf(given, timeZone);
      const before = await reached(actor, saved_report_id);
      if (changes.parameters !== undefined || changes.period !== undefined)
        await questions.check(actor, {
          report: before.report,
          parameters: changes.parameters ?? before.parameters,
          period: changes.period === undefined ? before.period : changes.period,
        });
      const ids = emails && (await sentTo(actor, emails));
      const one = await refuseTaken('saved report', () =>
        transact(async (tx) => {
          const record = await reached(actor, saved_report_id, tx);
          checkVersion(record, ifMatch);
          const due = schedule === undefined ? {} : { schedule, next_due_at: dueOf(schedule) };
          const sent = ids && { recipients: ids.filter((id) => id !== record.user_id) };
          const set = { ...changes, ...due, ...sent, updated_at: clock.now() } as Partial<SavedReport>;
          return (await saved.update(saved_report_id, set, tx))!;
        }),
      );
      return shown(one);
    },

    /** One is not sent it any more. Throws `not_found` where one never was. */
    leave: (actor: Actor, saved_report_id: string): Promise<void> =>
      transact(async (tx) => {
        const one = await saved.find(saved_report_id, tx);
        if (!one || !mayLeave(actor, one)) throw notFound('saved report');
        const rest = one.recipients.filter((id) => id !== actor.user_id);
        await saved.update(saved_report_id, { recipients: rest, updated_at: clock.now() }, tx);
      }),

    /** What was delivered before stays until its time is over. Throws `not_found`, `stale_version`. */
    remove: (actor: Actor, saved_report_id: string, ifMatch?: number): Promise<void> =>
      transact(async (tx) => {
        checkVersion(await reached(actor, saved_report_id, tx), ifMatch);
        await saved.remove(saved_report_id, tx);
      }),

    /** What it asks just now. Throws `not_found`, and `saved_report_outdated` when the report has changed too much since. */
    async questionOf(actor: Actor, saved_report_id: string): Promise<{ report: string; query: ReportQuery }> {
      const one = await reached(actor, saved_report_id);
      return { report: one.report, query: outdatedUnless(() => questions.queryOf(one)) };
    },

    /** Has it made into a file for its owner, in a while. Throws `not_found`, `too_many_deliveries`. */
    deliver: (actor: Actor, saved_report_id: string): Promise<Delivery> =>
      transact(async (tx) => deliveries.requestNow(await reached(actor, saved_report_id, tx), tx)),
  });

  return { forActors };
}

/** What was right when it was saved is no mistake of anyone who asks for it now. */
function outdatedUnless<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw outdated(error);
  }
}

export const outdated = (error: unknown): unknown =>
  error instanceof Problem && error.code === 'invalid_request'
    ? new Problem('saved_report_outdated', error.detail)
    : error;

export type SavedReportsService = ReturnType<typeof createSavedReportsService>;
