import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import type { Serving, ReportsService } from '../engine/index.js';
import { createDeliveryRepository } from './deliveries.repository.js';
import {
  createDeliveriesService,
  type DeliveriesDeps,
  type DeliveriesService,
} from './deliveries.service.js';
import { createSavedReportRepository } from './saved-reports.repository.js';
import { savedReportRoutes } from './saved-reports.routes.js';
import {
  createSavedReportsService,
  type SavedReportsDeps,
  type SavedReportsService,
} from './saved-reports.service.js';

export { savedFormats, schedulePaces } from './saved-reports.types.js';
export type { SavedReport, Schedule } from './saved-reports.types.js';
export type { SavedReportsService } from './saved-reports.service.js';
export type { DeliveriesService } from './deliveries.service.js';

/** How many an owner may have. */
const most = 100;

type Deps = Omit<DeliveriesDeps & SavedReportsDeps, 'deliveries' | 'saved' | 'reports' | 'most'> & {
  readonly connection: Connection;
  /** For anyone who waits for an answer. */
  readonly reports: ReportsService;
  /** For what is delivered. */
  readonly longReports: ReportsService;
  readonly serving: Serving;
  readonly most?: number;
};

export function createSavedReports({ connection, reports, longReports, serving, ...deps }: Deps): {
  service: SavedReportsService;
  deliveries: DeliveriesService;
  routes: readonly AnyRoute[];
} {
  const repository = createSavedReportRepository(connection);
  const deliveries = createDeliveriesService({
    ...deps,
    reports: longReports,
    saved: repository,
    deliveries: createDeliveryRepository(connection),
  });
  const service = createSavedReportsService({ most, ...deps, saved: repository, deliveries });
  return {
    service,
    deliveries,
    routes: savedReportRoutes({
      ...{ saved: service.forActors, deliveries: deliveries.forActors, reports: reports.forActors },
      ...{ catalogue: reports.reports, serving },
    }),
  };
}
