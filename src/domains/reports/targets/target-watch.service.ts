import type { NewNotification } from '../../../contracts/notifications.js';
import { toProblem } from '../../../http/middleware/problems.js';
import type { Clock } from '../../../lib/clock.js';
import { loggable, type Logger } from '../../../lib/logger.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { Answered, KeptQuestions, Question, ReportsService } from '../engine/index.js';
import type { Recipients } from '../recipients/index.js';
import { targetAsker } from './targets.policy.js';
import type { TargetRepository } from './targets.repository.js';
import { daysOfTarget, figureOf, isCrossing, isMet, isNewer } from './targets.rules.js';
import { questionOfTarget } from './targets.service.js';
import { directionWords, type Target } from './targets.types.js';

export interface TargetWatchDeps {
  readonly targets: TargetRepository;
  readonly reports: Pick<ReportsService, 'prepare' | 'answer' | 'get'>;
  readonly questions: KeptQuestions;
  readonly recipients: Pick<Recipients, 'stillThere'>;
  notify(message: NewNotification, tx: MongoTransaction): Promise<void>;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timeZone: string;
  /** ISO 4217 */
  readonly currency: string;
  /** Where targets are looked after: a whole address. */
  readonly address: string;
}

const batch = 200;

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 2 });
const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/**
 * REP-14: looks whether figures have come to the other side of their targets, and tells whoever wants to know. How a target stands and
 * the notices of it are one transaction, so that each crossing is told once, whoever has seen it and whenever they died.
 */
export function createTargetWatch(deps: TargetWatchDeps) {
  const { targets, reports, questions, transact, clock, logger } = deps;
  const stopping = new AbortController();
  /** What was seen of each target last. */
  const last = new Map<string, string>();

  /** What it asks; null while the mirror is behind, and where nothing is new. */
  async function news(target: Target): Promise<{ question: Question; seen: string } | null> {
    const query = questions.queryOf(questionOfTarget(target));
    const options = { signal: stopping.signal };
    const question = await reports.prepare(target.report, targetAsker, query, options);
    if (question.isBehind) return null;
    const seen = `${target.version} ${question.digest} ${question.version ?? ''}`;
    return question.version !== null && last.get(target.target_id) === seen ? null : { question, seen };
  }

  function words(target: Target, figure: number) {
    const report = reports.get(target.report);
    const column = report.columns.find(({ name }) => name === target.figure)!;
    const text = (value: number): string =>
      column.type === 'rate'
        ? percent.format(value)
        : column.type === 'money'
          ? `${deps.currency} ${plain.format(value)}`
          : plain.format(value);
    return {
      figure: `${column.title} (${report.title})`,
      value: text(figure),
      target: `${directionWords[target.direction]} ${text(target.goal)}`,
      address: deps.address,
    };
  }

  async function tell(target: Target, figure: number, is_met: boolean, tx: MongoTransaction): Promise<void> {
    const kind = is_met ? 'target.met' : 'target.missed';
    const facts = words(target, figure);
    for (const user_id of await deps.recipients.stillThere(target.recipients))
      await deps.notify({ kind, to: { user_id }, appointment_id: null, facts }, tx);
  }

  /** False when somebody else has said meanwhile how it stands: it is to be looked at again. */
  async function stand(target: Target, { answer, version }: Answered): Promise<boolean> {
    const days = daysOfTarget(target, clock.now(), deps.timeZone);
    const figure = figureOf(target, answer.totals);
    const before = target.standing;
    if (figure === null) return true;
    if (!isNewer(version, before?.version ?? null)) return false;
    const is_met = isMet(figure, target.direction, target.goal);
    if (before?.is_met === is_met && before.days.from === days.from) return true;
    const since = before?.is_met === is_met ? before.since : clock.now();
    return transact(async (tx) => {
      const stands = await targets.stand(target, { is_met, days, version, since }, tx);
      if (stands && isCrossing(before, is_met, days)) await tell(target, figure, is_met, tx);
      return stands;
    });
  }

  async function look(target: Target): Promise<void> {
    const found = await news(target);
    if (!found) return;
    if (await stand(target, await reports.answer(found.question))) last.set(target.target_id, found.seen);
  }

  return {
    /** All that are watched, once. What cannot be told now is looked at the next time. */
    async sweep(): Promise<void> {
      const watched = new Set<string>();
      for (let after = ''; !stopping.signal.aborted;) {
        const all = await targets.listWatched(after, batch);
        for (const target of all) {
          watched.add(target.target_id);
          await look(target).catch((error: unknown) => {
            if (stopping.signal.aborted || (toProblem(error)?.status ?? 500) === 503) return;
            logger.warn(
              { target_id: target.target_id, error: loggable(error) },
              'a target cannot be looked at',
            );
          });
        }
        if (all.length < batch) break;
        after = all.at(-1)!.target_id;
      }
      for (const target_id of last.keys()) if (!watched.has(target_id)) last.delete(target_id);
    },

    stop: (): void => stopping.abort(),
  };
}

export type TargetWatch = ReturnType<typeof createTargetWatch>;
