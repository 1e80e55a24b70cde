import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createReportLinkRepository } from './report-links.repository.js';
import { reportLinkRoutes } from './report-links.routes.js';
import {
  createReportLinksService,
  type ReportLinksDeps,
  type ReportLinksService,
} from './report-links.service.js';

export type { ReportLinksService, Shared } from './report-links.service.js';
export type { ShownLink } from './report-links.types.js';

export function createReportLinks({
  connection,
  ...deps
}: Omit<ReportLinksDeps, 'links'> & { readonly connection: Connection }): {
  service: ReportLinksService;
  routes: readonly AnyRoute[];
} {
  const service = createReportLinksService({ ...deps, links: createReportLinkRepository(connection) });
  return { service, routes: reportLinkRoutes(service.forActors) };
}
