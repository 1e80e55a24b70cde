import type { Knex } from 'knex';
import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../http/route.js';
import { reportCatalogue } from './reports.catalogue.js';
import { createNativeEngine, createReportLookups } from './reports.repository.js';
import { reportRoutes } from './reports.routes.js';
import { createReportsService, type ReportsDeps, type ReportsService } from './reports.service.js';

export { reportCatalogue } from './reports.catalogue.js';
export { toCsv } from './reports.csv.js';
export { parametersOf, reportQuery, reportResponse } from './reports.schema.js';
export { createReportsService } from './reports.service.js';
export type { AnyReport, Asked } from './reports.definition.js';
export type { ReportQuery, ReportsService } from './reports.service.js';
export type { Column, ReportAnswer, ReportEngine, Row, Value } from './reports.types.js';

export function createReports(
  deps: Omit<ReportsDeps, 'reports' | 'engine' | 'codesOfDisease'> & {
    readonly connection: Connection;
    readonly knex: Knex;
  },
): { service: ReportsService; routes: readonly AnyRoute[] } {
  const { connection, knex } = deps;
  const service = createReportsService({
    ...deps,
    ...createReportLookups(connection, knex),
    reports: reportCatalogue,
    engine: createNativeEngine(connection, knex),
  });
  return { service, routes: reportRoutes(service) };
}
