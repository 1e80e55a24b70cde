import { randomUUID } from 'node:crypto';
import type { Config } from './config.js';
import type { Surroundings } from './composition.js';
import { composeKeptReports, type KeptReportParts } from './composition.kept-reports.js';
import { createProjector } from './databases/projector/projector.js';
import type { DepartmentsService } from './domains/network/departments/index.js';
import type { DoctorsService } from './domains/network/doctors/index.js';
import type { HospitalsService } from './domains/network/hospitals/index.js';
import {
  createMongoSink,
  createPrescribedSink,
  createReports,
  createRollupsInStep,
  createSqlRollups,
  documentKeeper,
  rollupCatalogue,
  sqlProjectionKeeper,
  triggerKeeper,
} from './domains/reports/engine/index.js';
import type { Clock } from './lib/clock.js';
import type { ReachPoint } from './lib/crash-points.js';
import { loggable, type Logger } from './lib/logger.js';
import { periodic } from './lib/periodic.js';
import type { TransactSql } from './lib/transaction.js';
import type { WriteTimes } from './lib/write-time.js';

/** What was posted meanwhile is what a question reads row by row. */
const foldMs = 5_000;

type Stores = Pick<Surroundings['stores'], 'connection' | 'knex'>;

export interface UpkeepParts extends Stores {
  readonly transactSql: TransactSql;
  readonly config: Config;
  readonly logger: Logger;
  readonly reach: ReachPoint;
}

export interface ReportParts extends UpkeepParts, KeptReportParts {
  readonly clock: Clock;
  readonly writeTimes: Pick<WriteTimes, 'last'>;
  readonly hospitals: HospitalsService;
  readonly departments: DepartmentsService;
  readonly doctors: DoctorsService;
}

/** What keeps the reports' figures in step with the records. */
function composeUpkeep({ connection, knex, transactSql, config, logger, reach }: UpkeepParts) {
  const { reportTimeZone: timeZone, episodeGapDays: gapDays } = config;
  const sinks = {
    documents: createMongoSink(connection, rollupCatalogue, { timeZone, gapDays }),
    prescribed: createPrescribedSink(knex, transactSql),
  };
  const common = { connection, holder: randomUUID(), logger, reach };
  const projectors = {
    documents: createProjector({ ...common, sink: sinks.documents }),
    prescribed: createProjector({ ...common, sink: sinks.prescribed }),
  };
  const sql = createSqlRollups(knex, transactSql);
  const rollups = createRollupsInStep({
    mongodb: [documentKeeper(projectors.documents, sinks.documents)],
    postgres: [triggerKeeper(sql, timeZone), sqlProjectionKeeper(projectors.prescribed, sinks.prescribed)],
  });
  const all = Object.values(projectors);
  const stopping = new AbortController();
  let isSummed = false;
  const sum = async (): Promise<void> => {
    if (!isSummed) await sql.keepBy(timeZone);
    isSummed = true;
    await sql.fold(stopping.signal);
  };
  let summing = Promise.resolve();
  const again = periodic('sums of the ledger', foldMs, sum, logger);
  const upkeep = {
    start(): void {
      if (config.rollups) for (const projector of all) projector.start();
      summing = sum().catch((error: unknown) => {
        logger.warn(
          { error: loggable(error) },
          'the ledger is not summed by the calendar of the reports yet',
        );
      });
      again.start();
    },
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all([summing, again.stop(), ...all.map((projector) => projector.stop())]);
    },
  };
  return { projectors, rollups, upkeep };
}

/** The part of `compose` that wires the reports, and what keeps their figures. */
export function composeReports(parts: ReportParts) {
  const { connection, knex, config, clock, writeTimes, hospitals, departments, doctors } = parts;
  const { rollups, projectors, upkeep } = composeUpkeep(parts);
  const reports = createReports({
    ...{ connection, knex, clock, rollups },
    timeZone: config.reportTimeZone,
    episodeGapDays: config.episodeGapDays,
    limits: config.reports,
    longLimits: config.reportJobs,
    smallCells: config.reports.smallCells,
    lastWrite: writeTimes.last,
    hospitalIdsOf: hospitals.idsOf,
    exists: {
      hospital_id: async (id) => (await hospitals.find(id)) !== null,
      department_id: async (id) => (await departments.find(id)) !== null,
      doctor_id: async (id) => (await doctors.find(id)) !== null,
    },
  });
  const kept = composeKeptReports(parts, reports);
  return {
    routes: [...reports.routes, ...kept.routes],
    background: [upkeep, ...kept.background],
    parts: {
      reports: reports.service,
      drills: reports.drills,
      verification: reports.verification,
      /** Of the figures that reports answer from. */
      upkeep,
      projectors,
      ...kept.parts,
    },
  };
}
