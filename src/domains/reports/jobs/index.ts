import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createReportJobRepository } from './report-jobs.repository.js';
import { reportJobRoutes } from './report-jobs.routes.js';
import {
  createReportJobsService,
  type ReportJobsDeps,
  type ReportJobsService,
} from './report-jobs.service.js';
import { createWorker, type Worker, type WorkerDeps } from './report-jobs.worker.js';

export type { ReportJobsService } from './report-jobs.service.js';
export type { Worker } from './report-jobs.worker.js';

/** How many jobs a user may have that are not over. */
const most = 5;

type Deps = Omit<WorkerDeps & ReportJobsDeps, 'jobs' | 'worker' | 'most'> & {
  readonly connection: Connection;
  readonly most?: number;
};

export function createReportJobs({ connection, ...deps }: Deps): {
  service: ReportJobsService;
  worker: Worker;
  routes: readonly AnyRoute[];
} {
  const jobs = createReportJobRepository(connection);
  const worker = createWorker({ ...deps, jobs });
  const service = createReportJobsService({ most, ...deps, jobs, worker });
  return { service, worker, routes: reportJobRoutes(service.forActors) };
}
