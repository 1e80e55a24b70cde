import { createMirror, type Mirror } from '../../databases/mirror/mirror.js';
import { periodic, withRest } from '../../lib/periodic.js';
import type { IdentityServices } from '../identity/index.js';
import type { MessagesServices } from '../messages/index.js';
import type { Common, Module } from '../module.js';
import type { NetworkServices } from '../network/index.js';
import {
  createPlaceNames,
  createReports,
  type DrilldownService,
  type ReportsService,
  type Verification,
} from './engine/index.js';
import { createReportLinks, type ReportLinksService } from './links/index.js';
import { createScopes } from './engine/reports.scopes.js';
import { createReportJobs, type ReportJobsService, type Worker } from './jobs/index.js';
import { createMirrorsRepository, type MirrorsRepository } from './mirror/mirrors.repository.js';
import { attendMirror } from './mirror/mirrors.js';
import { mirrorTables } from './mirror/tables.js';
import { createRecipients } from './recipients/index.js';
import { createTargets, type TargetsService, type TargetWatch } from './targets/index.js';
import { createSavedReports, type DeliveriesService, type SavedReportsService } from './saved/index.js';

export type { MirrorsRepository } from './mirror/mirrors.repository.js';

export interface ReportsServices {
  readonly reports: ReportsService;
  readonly drills: DrilldownService;
  readonly verification: Verification;
  readonly savedReports: SavedReportsService;
  readonly deliveries: DeliveriesService;
  readonly reportLinks: ReportLinksService;
  readonly targets: TargetsService;
  readonly targetWatch: TargetWatch;
  readonly reportJobs: ReportJobsService;
  readonly jobWorker: Worker;
  /** Undefined where the process holds none. */
  readonly mirror: Mirror | undefined;
  /** Those of all processes. */
  readonly mirrors: Pick<MirrorsRepository, 'living' | 'askRebuild'>;
}

/** The figures: reports, what is saved and delivered of them, jobs, and the rows that they are summed from. */
export function composeReports(
  common: Common,
  {
    accounts,
    hospitals,
    departments,
    doctors,
    notifications,
    signer,
    audit,
  }: IdentityServices & NetworkServices & MessagesServices,
): Module<ReportsServices> {
  const { config, logger } = common;
  const { snapshotMinutes: minutes, ...sizes } = config.mirror;
  const mirror =
    config.mirror.memoryMb > 0
      ? createMirror({
          ...{ connection: common.connection, knex: common.knex, logger },
          tables: mirrorTables(config.reportTimeZone),
          writtenSqlAt: common.writeTimes.lastSqlAt,
          ...sizes,
          ...(minutes > 0 && {
            snapshot: { dataDir: config.dataDir, minutes, zone: config.reportTimeZone },
          }),
        })
      : undefined;
  const mirrors = createMirrorsRepository(common.connection);
  const reports = createReports({
    ...{ ...common, mirror },
    timeZone: config.reportTimeZone,
    episodeGapDays: config.episodeGapDays,
    currency: config.payments.currency,
    limits: config.reports,
    longLimits: config.reportJobs,
    smallCells: config.reports.smallCells,
    lastWrite: common.writeTimes.last,
    nameOf: accounts.nameOf,
    nameOfPlace: createPlaceNames({ hospitals, departments, doctors }),
    goalsOf: (asker, report, asked) => targets.service.goalsOf(asker, report, asked),
    hospitalIdsOf: hospitals.idsOf,
    scopesWithin: createScopes({
      regions: hospitals.regions,
      hospitalIdsOf: hospitals.idsOf,
      departmentIdsOf: departments.idsOf,
    }),
    existing: {
      hospital_id: hospitals.existing,
      department_id: departments.existing,
      doctor_id: doctors.existing,
    },
  });
  const recipients = createRecipients(accounts);
  const asked = {
    ...{ ...common, recipients, questions: reports.questions, fileOf: reports.files },
    ...{ notify: notifications.notify, askerOf: accounts.askerOf },
  };
  const saved = createSavedReports({
    ...asked,
    reports: reports.service,
    longReports: reports.longService,
    serving: reports.serving,
    timeZone: config.reportTimeZone,
    keptDays: config.deliveryDays,
    keptBytes: config.deliveryBytes,
    // A browser opens the page after a sign-in; the API's own address takes a token.
    addressOf: (delivery_id, format) =>
      config.publicUrl +
      (config.features.report_pages
        ? `/reports/deliveries/${delivery_id}`
        : `/api/deliveries/${delivery_id}?format=${format}`),
    seconds: config.reportJobs.seconds,
  });
  const links = createReportLinks({
    ...asked,
    ...{ signer, audit, reports: reports.service, publicUrl: config.publicUrl },
  });
  const targets = createTargets({
    ...asked,
    // Beside those who wait for an answer: without a mirror it sums up all records.
    reports: reports.longService,
    isHiding: config.reports.smallCells > 1,
    timeZone: config.reportTimeZone,
    currency: config.payments.currency,
    address: config.publicUrl + (config.features.report_pages ? '/reports/targets' : '/api/report-targets'),
  });
  const jobs = createReportJobs({ ...asked, reports: reports.longService, atOnce: config.reportJobs.atOnce });
  const delivering = withRest(
    periodic('deliveries of reports', 10_000, () => saved.deliveries.sweep(), logger),
    saved.deliveries.stop,
  );
  const working = withRest(
    periodic('report jobs', 1_000, () => jobs.worker.work(), logger),
    jobs.worker.stop,
  );
  const watching = withRest(
    // Without rows that are in step, each look sums up all records.
    periodic('targets of figures', mirror ? 1_000 : 60_000, () => targets.watch.sweep(), logger),
    targets.watch.stop,
  );
  return {
    services: {
      ...{ reports: reports.service, drills: reports.drills, verification: reports.verification },
      ...{ savedReports: saved.service, deliveries: saved.deliveries, reportLinks: links.service },
      ...{ targets: targets.service, targetWatch: targets.watch },
      ...{ reportJobs: jobs.service, jobWorker: jobs.worker, mirror, mirrors },
    },
    routes: [reports, saved, links, targets, jobs].flatMap(({ routes }) => routes),
    workers: [
      ...(mirror ? [attendMirror(mirror, mirrors, logger)] : []),
      watching,
      ...(config.features.saved_reports ? [delivering] : []),
      ...(config.features.report_jobs ? [working] : []),
    ],
    consumers: {},
  };
}
