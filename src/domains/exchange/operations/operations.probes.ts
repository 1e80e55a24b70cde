import { inQueue, queues, type Queue } from '../../../contracts/hand-overs.js';
import type { ModuleName } from '../../../contracts/modules.js';
import type { MirrorsRepository } from '../../reports/index.js';
import {
  checkDeliveries,
  checkEmails,
  checkJobs,
  checkMirror,
  checkPostgres,
  checkProcesses,
  checkQueue,
  checkReconciliation,
  checkRefunds,
  checkReplicaSet,
  noMirror,
  queueTitles,
} from './operations.checks.js';
import type { OperationsRepository } from './operations.repository.js';
import type { Check, Probe } from './operations.types.js';

type Reading<F extends (...args: never[]) => (reading: never, now: Date) => Check> = Parameters<
  ReturnType<F>
>[0];

export interface ProbeDeps {
  readonly servers: OperationsRepository;
  readonly processes: { list(): Promise<Reading<typeof checkProcesses>> };
  /** Those that this process runs. */
  readonly modules: readonly ModuleName[];
  readonly mirrors: Pick<MirrorsRepository, 'living'>;
  readonly outboxes: Readonly<
    Record<Queue, { summary(kinds: readonly string[]): Promise<Reading<typeof checkQueue>> }>
  >;
  readonly reportJobs: { summary(since: Date): Promise<Parameters<typeof checkJobs>[0]> };
  readonly deliveries: { summary(since: Date): Promise<Parameters<typeof checkDeliveries>[0]> };
  readonly notifications: { countRefused(since: Date): Promise<number> };
  readonly payments: { refundsWaiting(): Promise<Parameters<typeof checkRefunds>[0]> };
  readonly reconciliation: { last(): Promise<Reading<typeof checkReconciliation>> };
  /** How often the stores are compared in the background; 0: never. */
  readonly reconcileMs: number;
}

const dayMs = 86_400_000;
const dayBefore = (now: Date): Date => new Date(now.getTime() - dayMs);

/** What is looked at, in the order in which it is told where all is well. */
export function probesOf(deps: ProbeDeps): readonly Probe[] {
  const one = <R>(
    [id, title]: readonly [id: string, title: string],
    read: (now: Date) => Promise<R>,
    check: (reading: R, now: Date) => Check,
    command: string | null = null,
  ): Probe => ({
    ...{ id, title, command },
    look: async (now) => [check(await read(now), now)],
  });
  const { servers } = deps;
  return [
    one(['mongodb', 'MongoDB'], servers.replicaSet, checkReplicaSet),
    one(['postgres', 'Postgres'], servers.postgres, checkPostgres),
    one(['processes', 'Processes'], deps.processes.list, checkProcesses(deps.modules)),
    {
      ...{ id: 'mirror', title: 'Mirrors', command: 'npm run mirror -- status' },
      async look(now) {
        const living = await deps.mirrors.living();
        return living.length > 0 ? living.map((mirror) => checkMirror(mirror, now)) : [noMirror()];
      },
    },
    ...queues.map((queue) =>
      one(
        [`hand-overs ${queue}`, queueTitles[queue]],
        () => deps.outboxes[queue].summary(inQueue(queue)),
        checkQueue(queue),
      ),
    ),
    one(
      ['reconciliation', 'Differences between the two stores'],
      deps.reconciliation.last,
      checkReconciliation(deps.reconcileMs),
      'npm run reconcile',
    ),
    one(['report-jobs', 'Report jobs'], (now) => deps.reportJobs.summary(dayBefore(now)), checkJobs),
    one(
      ['deliveries', 'Deliveries of saved reports'],
      (now) => deps.deliveries.summary(dayBefore(now)),
      checkDeliveries,
    ),
    one(
      ['emails', 'Emails that were refused'],
      (now) => deps.notifications.countRefused(dayBefore(now)),
      checkEmails,
    ),
    one(['refunds', 'Refunds that wait for approval'], deps.payments.refundsWaiting, checkRefunds),
  ];
}
