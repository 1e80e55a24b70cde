import Joi from 'joi';
import type { Input, TaggedAnswer } from '../../../http/route.js';
import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { invalidField } from '../../../lib/errors.js';
import type { AnyReport, ReportQuery } from './reports.definition.js';
import { readDrilldownKey } from '../drilldown/drilldown.key.js';
import type { RecordsServing } from '../drilldown/drilldown.serving.js';
import type { DrilldownService } from '../drilldown/drilldown.service.js';
import { reportRepresentations } from '../formats/formats.js';
import { recordsResponse, reportQuery, reportResponse } from './reports.schema.js';
import type { ReportsService } from './reports.service.js';
import type { Serving } from './reports.serving.js';

interface RouteDeps {
  readonly catalogue: readonly AnyReport[];
  readonly reports: ReportsService['forActors'];
  readonly serving: Serving;
  readonly drills: DrilldownService['forActors'];
  readonly records: RecordsServing;
}

const recordsUnlessTold = 20;

interface DrilldownQuery {
  readonly drill?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

type Asking = Pick<Input<'reports:read', undefined, undefined, undefined>, 'actor' | 'request'>;

function reportRoute(report: AnyReport, deps: RouteDeps): AnyRoute {
  const { reports, serving, drills, records } = deps;
  const serve = serving(report);
  const serveRecords = records(report);
  const hasLimit = 'limit' in report.params;

  async function drillInto(
    { actor, request: { signal, after } }: Asking,
    { drill, limit = recordsUnlessTold, cursor, ...rest }: DrilldownQuery & ReportQuery,
    type: string,
  ): Promise<TaggedAnswer> {
    const key = readDrilldownKey(report, drill!);
    const query = hasLimit ? { ...rest, limit } : rest;
    const found = await drills.records(actor, report.id, query, key, { limit, cursor, signal, after });
    return serveRecords(found, type, { user: actor.user_id, signal });
  }

  return defineRoute({
    method: 'get',
    path: `/reports/${report.id}`,
    operationId: report.operationId,
    tag: 'reports',
    audit: { action: 'report.records', when: ({ drill }) => drill !== undefined },
    summary: report.title,
    description: report.description,
    permission: 'reports:read',
    query: reportQuery(report),
    response: Joi.alternatives().try(reportResponse(report), recordsResponse(report)),
    problems: ['busy', 'figures_behind', 'invalid_cursor', 'small_count'],
    cache: 'revalidate',
    readsAfter: true,
    otherTypes: Object.keys(reportRepresentations(report)),
    async answer({ actor, query: { format: _format, explain, path, sort, ...query }, request }, type) {
      const { drill, cursor, ...asked } = query as DrilldownQuery & ReportQuery;
      if (drill !== undefined && sort !== undefined)
        throw invalidField('/query/sort', 'goes without drill: records come in a total order');
      if (drill !== undefined) return drillInto({ actor, request }, { drill, cursor, ...asked }, type);
      for (const [name, value] of Object.entries({ cursor, limit: hasLimit ? undefined : asked.limit }))
        if (value !== undefined) throw invalidField(`/query/${name}`, 'goes with drill');
      const { signal, after } = request;
      const question = await reports.prepare(actor, report.id, asked, { explain, path, sort, signal, after });
      return serve(question, type, actor.user_id);
    },
  });
}

export const reportRoutes = (deps: RouteDeps): AnyRoute[] =>
  deps.catalogue.map((report) => reportRoute(report, deps));
