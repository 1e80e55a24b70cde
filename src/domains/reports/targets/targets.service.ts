import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { valuesIn } from '../../../lib/either-of.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import { canonical } from '../../../lib/idempotency.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page } from '../../../lib/page.js';
import { mayUse } from '../../../lib/permissions.js';
import { checkVersion, refuseTaken } from '../../../lib/records.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import {
  placeParameters,
  type AnyReport,
  type Asked,
  type ChartGoals,
  type KeptQuestions,
  type ReportQuery,
} from '../engine/index.js';
import type { Recipients } from '../recipients/index.js';
import { chartGoals } from './targets.chart.js';
import { targetAsker } from './targets.policy.js';
import type { TargetRepository } from './targets.repository.js';
import { checkFigure, checkPeriod, dayText } from './targets.rules.js';
import type { targetBody, targetPatch, targetsQuery } from './targets.schema.js';
import { mostTargets, type Target } from './targets.types.js';

export interface TargetsDeps {
  readonly targets: TargetRepository;
  readonly reports: readonly AnyReport[];
  readonly questions: KeptQuestions;
  readonly recipients: Recipients;
  /** Small counts are hidden from managers, and with them the figures of all rows of diseases. */
  readonly isHiding: boolean;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Of one question. */
const mostOfOne = 500;

/** What is not part of a question that targets are of: when, and how many rows are shown. */
const notOfTargets = ['from', 'to', 'year', 'as_of', 'limit', 'sort'];

/** What the rows are of changes no figure of all of them. */
const notInKey = [...notOfTargets, 'by'];

/** The same for the same question, whatever the period. */
const targetKey = (report: string, parameters: Readonly<Record<string, unknown>>): string =>
  `${report} ${canonical(
    Object.fromEntries(Object.entries(parameters).filter(([name]) => !notInKey.includes(name))),
  )}`;

/** As it is asked. */
export const questionOfTarget = ({ report, parameters, period, from, to }: Target) => ({
  ...{ report, period },
  parameters: period === null ? { ...parameters, from: dayText(from!), to: dayText(to!) } : parameters,
});

/** REP-14: what figures are to be. */
export function createTargetsService(deps: TargetsDeps) {
  const { targets, questions, recipients, locks, transact, clock, newId } = deps;

  /** With what stands in for parameters that are left out. Throws `invalid_request`. */
  function keyOf(report: string, parameters: Readonly<Record<string, unknown>>): string {
    const own = Object.entries(parameters).filter(([name]) => !notOfTargets.includes(name));
    const asked = { report, parameters: Object.fromEntries(own), period: null };
    return targetKey(report, questions.queryOf(asked));
  }

  const shown = async (one: Target): Promise<Target> => (await recipients.shown([one]))[0]!;

  async function found(target_id: string, tx?: MongoTransaction): Promise<Target> {
    const target = await targets.find(target_id, tx);
    if (!target) throw notFound('target');
    return target;
  }

  /** Throws `already_exists` where another one says something of the same days. */
  async function checkOverlap(target: Target, tx: MongoTransaction): Promise<void> {
    const { question_key, from, to } = target;
    await locks.share('targets', question_key, tx);
    if (from === null || to === null) return;
    const [other] = await targets.listWithin(target, { from, to }, tx);
    if (other)
      throw new Problem(
        'already_exists',
        `There is a target of this figure from ${dayText(other.from!)} to ${dayText(other.to!)}: ${other.target_id}.`,
      );
  }

  const reportOf = (report: string): AnyReport => deps.reports.find(({ id }) => id === report)!;

  /** Throws what the report would throw if it were asked now, and `invalid_request` for what is no target. */
  async function check(target: Target): Promise<void> {
    checkPeriod(target);
    for (const name of notOfTargets)
      if (target.parameters[name] !== undefined)
        throw invalidField(`/body/parameters/${name}`, 'is no part of what a target is of');
    for (const name of placeParameters)
      if (valuesIn(target.parameters[name] as string | undefined).length > 1)
        throw invalidField(`/body/parameters/${name}`, 'takes one value: a target is of one place');
    await questions.check(targetAsker, questionOfTarget(target));
    const report = reportOf(target.report);
    if (deps.isHiding && report.namesDiseases)
      throw invalidField('/body/report', 'has no figure of all rows here: small counts are hidden');
    checkFigure(report, target.figure, target.goal);
  }

  async function listOf(
    { role }: Pick<Actor, 'role'>,
    report: string,
    parameters: Readonly<Record<string, unknown>>,
  ): Promise<readonly Target[]> {
    return mayUse(role, 'reports:share') ? targets.listOf(keyOf(report, parameters)) : [];
  }

  /** Those of what was asked, as lines for its chart; none where its period has no end, or nothing is drawn. */
  const goalsOf = async (
    asker: Pick<Actor, 'role'>,
    report: AnyReport,
    { query, period: { from, to } }: Asked<ReportQuery>,
  ): Promise<ChartGoals | undefined> =>
    report.chart && from && to ? chartGoals(report, await listOf(asker, report.id, query)) : undefined;

  const forActors = publicDoor({
    get: async (_actor: Actor, target_id: string): Promise<Target> => shown(await found(target_id)),

    async list(_actor: Actor, { report, ...page }: Infer<typeof targetsQuery>): Promise<Page<Target>> {
      const { items, next_cursor } = await targets.listPage(report === undefined ? {} : { report }, page);
      return { items: await recipients.shown(items), next_cursor };
    },

    /** Those of a question, whatever their period; none for whoever sees figures of their own. */
    listOf: (
      actor: Actor,
      report: string,
      parameters: Readonly<Record<string, unknown>>,
    ): Promise<readonly Target[]> => listOf(actor, report, parameters),

    /** See below. */
    goalsOf: (actor: Actor, report: AnyReport, asked: Asked<ReportQuery>): Promise<ChartGoals | undefined> =>
      goalsOf(actor, report, asked),

    /** Throws `invalid_request`, `already_exists` for an overlapping period, `too_many_targets`. */
    async create(actor: Actor, body: Infer<typeof targetBody>): Promise<Target> {
      const now = clock.now();
      const { recipients: emails, ...given } = body;
      const target: Target = {
        ...{ target_id: newId('TG'), ...given, question_key: keyOf(given.report, given.parameters) },
        ...{ recipients: [], set_by: actor.user_id, standing: null, version: 1 },
        ...{ created_at: now, updated_at: now },
      };
      await check(target);
      target.recipients = await recipients.idsOf(emails);
      const made = await refuseTaken('target', () =>
        transact(async (tx) => {
          await checkOverlap(target, tx);
          if ((await targets.countOf(target.question_key, tx)) >= mostOfOne)
            throw new Problem('too_many_targets', `${mostOfOne} of one question are the most.`);
          if ((await targets.count(tx)) >= mostTargets)
            throw new Problem('too_many_targets', `${mostTargets} are the most: remove one first.`);
          return targets.insert(target, tx);
        }),
      );
      return shown(made);
    },

    /** How it stands is looked at anew. Throws as `create`, `not_found` and `stale_version`. */
    async change(
      _actor: Actor,
      target_id: string,
      { recipients: emails, ...changes }: Infer<typeof targetPatch>,
      ifMatch?: number,
    ): Promise<Target> {
      const ids = emails && (await recipients.idsOf(emails));
      const changed = await transact(async (tx) => {
        const target = await found(target_id, tx);
        checkVersion(target, ifMatch);
        const { report, figure, goal } = { ...target, ...changes };
        checkFigure(reportOf(report), figure, goal ?? target.goal);
        const isOther = changes.goal !== undefined || changes.direction !== undefined;
        const set = {
          ...changes,
          ...(ids && { recipients: ids }),
          ...((isOther || ids?.length === 0) && { standing: null }),
          updated_at: clock.now(),
        } as Partial<Target>;
        return (await targets.update(target_id, set, tx))!;
      });
      return shown(changed);
    },

    /** Throws `not_found`, `stale_version`. */
    remove: (_actor: Actor, target_id: string, ifMatch?: number): Promise<void> =>
      transact(async (tx) => {
        checkVersion(await found(target_id, tx), ifMatch);
        await targets.remove(target_id, tx);
      }),
  });

  return { forActors, goalsOf };
}

export type TargetsService = ReturnType<typeof createTargetsService>;
