import { createHash } from 'node:crypto';
import { defineRoute, type AnyRoute } from '../../http/route.js';
import { toCsv } from './reports.csv.js';
import type { AnyReport } from './reports.definition.js';
import { reportQuery, reportResponse } from './reports.schema.js';
import type { ReportQuery, ReportsService } from './reports.service.js';
import type { ReportAnswer } from './reports.types.js';

/** The same figures for the same question: when they were computed, and how fast, does not count. */
function etag(answer: object): string {
  const { report, parameters, rows, receipt, provenance } = answer as ReportAnswer;
  const content = JSON.stringify([report, provenance.version, parameters, rows, receipt]);
  return createHash('sha256').update(content).digest('base64url').slice(0, 27);
}

const reportRoute = (report: AnyReport, reports: ReportsService): AnyRoute =>
  defineRoute({
    method: 'get',
    path: `/reports/${report.id}`,
    operationId: report.operationId,
    tag: 'reports',
    summary: report.title,
    description: report.description,
    permission: 'reports:read',
    query: reportQuery(report),
    response: reportResponse(report),
    cache: 'revalidate',
    etag,
    representations: {
      'text/csv': (answer) => ({
        content: toCsv(report.columns, (answer as unknown as ReportAnswer).rows),
        filename: `${report.id}.csv`,
      }),
    },
    handle: async ({ actor, query: { format: _format, explain, ...query } }) =>
      (await reports.run(report.id, actor, query as ReportQuery, { explain })) as never,
  });

export const reportRoutes = (reports: ReportsService): AnyRoute[] =>
  reports.reports.map((report) => reportRoute(report, reports));
