import { handOvers, unattended, type Queue } from '../../../contracts/hand-overs.js';
import { modules, type ModuleName } from '../../../contracts/modules.js';
import type { Check, CheckStatus } from './operations.types.js';

/* What a reading means: pure. */

type Of<Reading> = (reading: Reading, now: Date) => Check;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const ageOf = (at: Date | null, now: Date): number => (at ? now.getTime() - at.getTime() : 0);

/** `12 seconds`, `3 minutes`, `2 hours`, `5 days`. */
export function ageWords(ms: number): string {
  const [count, unit] =
    ms < 2 * minuteMs
      ? [ms / 1000, 'second']
      : ms < 2 * hourMs
        ? [ms / minuteMs, 'minute']
        : ms < 2 * dayMs
          ? [ms / hourMs, 'hour']
          : [ms / dayMs, 'day'];
  const whole = Math.max(0, Math.floor(count));
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

const listed = (words: readonly string[]): string =>
  new Intl.ListFormat('en', { type: 'conjunction' }).format(words);
const numbered = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const processNames = { id: 'processes', title: 'Processes' } as const;

/** `own`: what this process runs, which answers. */
export const checkProcesses =
  (
    own: readonly ModuleName[],
  ): Of<readonly { readonly modules: readonly ModuleName[]; readonly seen_at: Date }[]> =>
  (living) => {
    const running = new Set([...own, ...living.flatMap((one) => one.modules)]);
    const missing = modules.filter((name) => !running.has(name));
    const waiting = unattended(running);
    const needed = [...new Set(waiting.map((name) => handOvers[name].module))];
    const status: CheckStatus = waiting.length > 0 ? 'failed' : missing.length > 0 ? 'warning' : 'ok';
    const nobody = `No process runs ${listed(missing)}.`;
    const lost = `Nobody applies ${listed(waiting)}: what is announced waits.`;
    return {
      ...processNames,
      ...{ status, since: null },
      detail:
        status === 'ok'
          ? 'Every module runs in one of them.'
          : waiting.length > 0
            ? `${nobody} ${lost}`
            : nobody,
      counts: {
        processes: living.length,
        modules_missing: missing.length,
        unattended_hand_overs: waiting.length,
      },
      command:
        missing.length > 0 ? `MODULES=${(needed.length > 0 ? needed : missing).join(',')} npm start` : null,
    };
  };

interface MirrorReading {
  readonly _id: string;
  readonly status: 'off' | 'building' | 'live' | 'failed';
  readonly position: Date | null;
  readonly lag_seconds: number | null;
  readonly uncountable: readonly {
    readonly collection: string;
    readonly id: string;
    readonly reason: string;
  }[];
  readonly is_full: boolean;
}

/** Longer, and the records answer in its place. */
const inStepSeconds = 2;
const mostTold = 5;

export const checkMirror: Of<MirrorReading> = ({
  _id,
  status,
  position,
  lag_seconds,
  uncountable,
  is_full,
}) => {
  const lag = lag_seconds ?? 0;
  const isLate = status === 'live' && lag > inStepSeconds;
  const words: string[] = uncountable
    .slice(0, mostTold)
    .map(({ collection, id, reason }) => `It cannot count ${collection} ${id}: ${reason}.`);
  if (uncountable.length > mostTold) words.push(`And ${uncountable.length - mostTold} more.`);
  if (is_full) words.push('All rows do not fit into MIRROR_MEGABYTES.');
  if (isLate) words.push(`It is ${ageWords(lag * 1000)} behind: the records answer.`);
  if (status === 'building') words.push('It reads its rows: the records answer meanwhile.');
  if (status === 'failed' && words.length === 0)
    words.push('It has failed: the log of its process says why.');
  const isWrong = status === 'failed' || is_full || uncountable.length > 0;
  return {
    ...{ id: `mirror ${_id}`, title: `Mirror of ${_id}` },
    status: isWrong ? 'failed' : status === 'live' && !isLate ? 'ok' : 'warning',
    since: position,
    detail: words.join(' ') || 'Reports are answered from it.',
    counts: { lag_seconds: Math.ceil(lag), uncountable: uncountable.length },
    // What cannot be counted is put right in the record; the mirror goes on by itself.
    command:
      uncountable.length > 0 || status !== 'failed'
        ? 'npm run mirror -- status'
        : 'npm run mirror -- rebuild',
  };
};

export const noMirror = (): Check => ({
  ...{ id: 'mirror', title: 'Mirror', status: 'warning', since: null, counts: {} },
  detail: 'No process holds the rows that reports are answered from: each report sums up the records.',
  command: 'npm run mirror -- status',
});

interface WaitingReading {
  readonly waiting: number;
  readonly failing: number;
  readonly oldest_at: Date | null;
  readonly failing_kinds: readonly string[];
}

export const queueTitles: Readonly<Record<Queue, string>> = {
  mongodb: 'Hand-overs from MongoDB to Postgres',
  postgres: 'Hand-overs from Postgres to MongoDB',
  mail: 'Emails to be sent',
};

export const checkQueue =
  (queue: Queue): Of<WaitingReading> =>
  ({ waiting, failing, oldest_at, failing_kinds }, now) => {
    const age = ageOf(oldest_at, now);
    const isStuck = failing > 0 || age > 5 * minuteMs;
    const oldest = `${waiting === 1 ? 'It has waited' : 'The oldest has waited'} for ${ageWords(age)}.`;
    const why = `${numbered(failing, 'entry').replace('entrys', 'entries')} (${listed(failing_kinds)}) failed again and again: the log says why, by its entry_id.`;
    return {
      ...{ id: `hand-overs ${queue}`, title: queueTitles[queue] },
      status: isStuck ? 'failed' : age > minuteMs ? 'warning' : 'ok',
      since: oldest_at,
      detail:
        waiting === 0
          ? 'None waits.'
          : [`${waiting} wait${waiting === 1 ? 's' : ''}.`, oldest, failing > 0 && why]
              .filter(Boolean)
              .join(' '),
      counts: { waiting, failing },
      command: queue === 'mail' ? null : 'npm run reconcile -- --kind outbox_stuck --apply',
    };
  };

interface Failure {
  readonly at: Date;
  readonly report: string;
  readonly why: string | null;
}

const lastWords = ({ at, report, why }: Failure, now: Date): string =>
  `The last one, ${report}, failed ${ageWords(ageOf(at, now))} ago: ${why ?? 'the log says why.'}`;
const reportCommand = (last: Failure | null): string | null => last && `npm run report -- ${last.report}`;

export const checkJobs: Of<{
  readonly waiting: number;
  readonly running: number;
  readonly failed: number;
  readonly oldest_waiting_at: Date | null;
  readonly last_failure: Failure | null;
}> = ({ waiting, running, failed, oldest_waiting_at, last_failure }, now) => {
  const age = ageOf(oldest_waiting_at, now);
  const isLate = age > 10 * minuteMs;
  return {
    ...{ id: 'report-jobs', title: 'Report jobs' },
    status: age > hourMs ? 'failed' : isLate || failed > 0 ? 'warning' : 'ok',
    since: isLate ? oldest_waiting_at : (last_failure?.at ?? null),
    detail: [
      `${waiting} wait, ${running} are worked on, ${failed} failed in the last day.`,
      isLate && `The oldest has waited for ${ageWords(age)}.`,
      last_failure && lastWords(last_failure, now),
    ]
      .filter(Boolean)
      .join(' '),
    counts: { waiting, running, failed },
    command: reportCommand(last_failure),
  };
};

export const checkDeliveries: Of<{
  readonly waiting: number;
  readonly failed: number;
  readonly last_failure: Failure | null;
}> = ({ waiting, failed, last_failure }, now) => ({
  ...{ id: 'deliveries', title: 'Deliveries of saved reports' },
  status: failed > 0 ? 'warning' : 'ok',
  since: last_failure?.at ?? null,
  detail: [`${waiting} wait, ${failed} failed in the last day.`, last_failure && lastWords(last_failure, now)]
    .filter(Boolean)
    .join(' '),
  counts: { waiting, failed },
  command: reportCommand(last_failure),
});

export const checkEmails: Of<number> = (refused) => ({
  ...{ id: 'emails', title: 'Emails that were refused', since: null, command: null },
  status: refused > 0 ? 'warning' : 'ok',
  detail:
    refused === 0
      ? 'The mail server refused none in the last day.'
      : `The mail server refused ${refused} in the last day for good: their addresses are wrong, or it does not take ours (SMTP_URL, MAIL_FROM).`,
  counts: { refused },
});

export const checkRefunds: Of<{ readonly waiting: number; readonly oldest_at: Date | null }> = (
  { waiting, oldest_at },
  now,
) => {
  const age = ageOf(oldest_at, now);
  return {
    ...{ id: 'refunds', title: 'Refunds that wait for approval', since: oldest_at, command: null },
    status: age > dayMs ? 'warning' : 'ok',
    detail:
      waiting === 0
        ? 'None waits.'
        : `${waiting} wait${waiting === 1 ? 's' : ''}, the oldest for ${ageWords(age)}: GET /api/refunds?status=pending lists them, and an admin who did not ask for them decides.`,
    counts: { waiting },
  };
};

/** `everyMs`: how often it is done by itself; 0: never. */
export const checkReconciliation =
  (everyMs: number): Of<{ readonly left: Readonly<Record<string, number>>; readonly at: Date | null }> =>
  ({ left, at }, now) => {
    const kinds = Object.entries(left).filter(([, count]) => count > 0);
    const total = kinds.reduce((sum, [, count]) => sum + count, 0);
    const age = ageOf(at, now);
    const isOld = at !== null && age > Math.max(3 * everyMs, everyMs === 0 ? 7 * dayMs : 0);
    const when = at === null ? 'They were never compared.' : `They were last compared ${ageWords(age)} ago.`;
    const what = kinds.map(([kind, count]) => `${count} ${kind}`);
    return {
      ...{ id: 'reconciliation', title: 'Differences between the two stores', since: at },
      status: total > 0 ? 'failed' : at === null || isOld ? 'warning' : 'ok',
      detail:
        total > 0
          ? `${when} What was left: ${listed(what)}.`
          : at === null
            ? when
            : `${when} Nothing was left.`,
      counts: { left: total },
      command: total > 0 ? 'npm run reconcile -- --apply' : 'npm run reconcile',
    };
  };

const good = new Set(['PRIMARY', 'SECONDARY', 'ARBITER']);

export const checkReplicaSet: Of<{
  readonly members: readonly {
    readonly name: string;
    readonly state: string;
    readonly lag_seconds: number | null;
  }[];
  readonly oplog_hours: number | null;
}> = ({ members, oplog_hours }) => {
  const away = members.filter(({ state }) => !good.has(state));
  const hasPrimary = members.some(({ state }) => state === 'PRIMARY');
  const lag = Math.max(0, ...members.map(({ lag_seconds }) => lag_seconds ?? 0));
  const isLate = lag > 10;
  const told = members.map(({ name, state }) => `${name} ${state}`);
  return {
    ...{ id: 'mongodb', title: 'MongoDB', since: null, command: null },
    status:
      !hasPrimary || away.length * 2 >= members.length
        ? 'failed'
        : away.length > 0 || isLate
          ? 'warning'
          : 'ok',
    detail: [
      `${listed(told)}.`,
      isLate && `A member is ${ageWords(lag * 1000)} behind.`,
      oplog_hours !== null && `A member may be away for ${ageWords(oplog_hours * hourMs)} and catch up.`,
      away.length > 0 && 'Its own log says why a member is away.',
    ]
      .filter(Boolean)
      .join(' '),
    counts: { members: members.length, away: away.length, lag_seconds: Math.ceil(lag) },
  };
};

export const checkPostgres: Of<{
  readonly started_at: Date;
  readonly connections: number;
  readonly most_connections: number;
  readonly replicas: number;
  readonly lag_seconds: number | null;
}> = ({ started_at, connections, most_connections, replicas, lag_seconds }) => {
  const isCrowded = connections > 0.8 * most_connections;
  const isLate = (lag_seconds ?? 0) > 10;
  return {
    ...{ id: 'postgres', title: 'Postgres', since: started_at, command: null },
    status: isCrowded || isLate ? 'warning' : 'ok',
    detail: [
      `It answers; ${connections} of ${most_connections} connections are taken.`,
      replicas > 0 &&
        `${numbered(replicas, 'replica')}, ${Math.ceil(lag_seconds ?? 0)} s behind at the most.`,
    ]
      .filter(Boolean)
      .join(' '),
    counts: { connections, replicas, lag_seconds: Math.ceil(lag_seconds ?? 0) },
  };
};
