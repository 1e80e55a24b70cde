import type { Surroundings } from './composition.js';
import type { Files } from './databases/mongo/files.js';
import type { Locks } from './databases/mongo/locks.js';
import type { AccountsService } from './domains/identity/accounts/index.js';
import type { NotificationsService } from './domains/messages/notifications/index.js';
import { createReportJobs } from './domains/reports/jobs/index.js';
import type { createReports } from './domains/reports/engine/index.js';
import { createSavedReports } from './domains/reports/saved/index.js';
import type { ReachPoint } from './lib/crash-points.js';
import type { NewId } from './lib/ids.js';
import { periodic, type Periodic } from './lib/periodic.js';
import type { Transact } from './lib/transaction.js';

export interface KeptReportParts extends Pick<Surroundings, 'config' | 'clock' | 'logger'> {
  readonly connection: Surroundings['stores']['connection'];
  readonly transact: Transact;
  readonly newId: NewId;
  readonly locks: Locks;
  readonly reach: ReachPoint;
  readonly files: Files;
  readonly notify: NotificationsService['notify'];
  readonly askerOf: AccountsService['askerOf'];
}

/** The part of `compose` that wires what is asked later: saved reports, their deliveries, and jobs. */
export function composeKeptReports(parts: KeptReportParts, reports: ReturnType<typeof createReports>) {
  const { config, logger } = parts;
  const common = { ...parts, questions: reports.questions, fileOf: reports.files };
  const saved = createSavedReports({
    ...common,
    reports: reports.service,
    longReports: reports.longService,
    serving: reports.serving,
    timeZone: config.reportTimeZone,
    keptDays: config.deliveryDays,
    seconds: config.reportJobs.seconds,
  });
  const jobs = createReportJobs({
    ...common,
    reports: reports.longService,
    atOnce: config.reportJobs.atOnce,
  });
  const sweeps = {
    deliveries: periodic('deliveries of reports', 10_000, () => saved.deliveries.sweep(), logger),
    jobs: periodic('report jobs', 1_000, () => jobs.worker.work(), logger),
  };
  const delivering: Periodic = {
    start: () => sweeps.deliveries.start(),
    stop() {
      saved.deliveries.stop();
      return sweeps.deliveries.stop();
    },
  };
  const working: Periodic = {
    start: () => sweeps.jobs.start(),
    async stop() {
      await Promise.all([sweeps.jobs.stop(), jobs.worker.stop()]);
    },
  };
  const { saved_reports, report_jobs } = config.features;
  return {
    routes: [...saved.routes, ...jobs.routes],
    parts: {
      savedReports: saved.service,
      deliveries: saved.deliveries,
      reportJobs: jobs.service,
      jobWorker: jobs.worker,
    },
    background: [...(saved_reports ? [delivering] : []), ...(report_jobs ? [working] : [])],
  };
}
