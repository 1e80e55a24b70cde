import { defineRoute, type AnyRoute, type TaggedAnswer } from '../../../http/route.js';
import { serialiser } from '../../../http/serialise.js';
import { Problem } from '../../../lib/errors.js';
import { mediaTypeOf, type AnyReport, type ReportsService, type Serving } from '../engine/index.js';
import type { DeliveriesService } from './deliveries.service.js';
import {
  createBody,
  deliveryPage,
  deliveryParams,
  deliveryQuery,
  deliveryResponse,
  fileTypes,
  listQuery,
  patchBody,
  resultQuery,
  resultResponse,
  savedReportPage,
  savedReportParams,
  savedReportResponse,
  savedReportsQuery,
} from './saved-reports.schema.js';
import { outdated, type SavedReportsService } from './saved-reports.service.js';

interface SavedReportRoutesDeps {
  readonly saved: SavedReportsService['forActors'];
  readonly deliveries: DeliveriesService['forActors'];
  readonly catalogue: readonly AnyReport[];
  readonly reports: ReportsService['forActors'];
  readonly serving: Serving;
}

const tag = 'saved reports';
const permission = 'reports:read';
const feature = 'saved_reports';

const recordRoutes = ({ saved }: SavedReportRoutesDeps): AnyRoute[] => [
  defineRoute({
    feature,
    ...{ method: 'get', path: '/saved-reports', operationId: 'listSavedReports', tag, permission },
    audit: 'none',
    summary: 'One’s saved reports, the newest first; an admin sees everybody’s',
    description: 'With `sent_to=me` those of others that one is sent.',
    query: savedReportsQuery,
    response: savedReportPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => saved.list(actor, query),
  }),
  defineRoute({
    feature,
    ...{ method: 'post', path: '/saved-reports', operationId: 'createSavedReport', tag, permission },
    audit: 'none',
    summary: 'Save a report under a name, with its parameters and, if wanted, a schedule',
    description:
      'The report must be one that you could ask for now. Its parameters are read anew each time; with a `period` in words ' +
      'they move on with the calendar. On its schedule it is delivered as a file to you and to its recipients, each with ' +
      'the figures that they may see, and a notification says so.',
    body: createBody,
    status: 201,
    response: savedReportResponse,
    problems: ['already_exists', 'too_many_saved_reports'],
    location: ({ saved_report_id }) => `/saved-reports/${saved_report_id}`,
    handle: async ({ actor, body }) => saved.create(actor, body),
  }),
  defineRoute({
    feature,
    ...{ method: 'get', path: '/saved-reports/:saved_report_id', operationId: 'getSavedReport', tag },
    ...{ permission, params: savedReportParams, response: savedReportResponse, derived: true },
    audit: 'none',
    summary: 'A saved report of one’s own',
    problems: ['not_found'],
    handle: async ({ actor, params }) => saved.get(actor, params.saved_report_id),
  }),
  defineRoute({
    feature,
    ...{ method: 'patch', path: '/saved-reports/:saved_report_id', operationId: 'updateSavedReport', tag },
    ...{ permission, params: savedReportParams, body: patchBody, response: savedReportResponse },
    audit: 'none',
    summary: 'Change a saved report; a schedule of null ends its deliveries',
    problems: ['not_found', 'already_exists', 'stale_version'],
    handle: async ({ actor, params, body, ifMatch }) =>
      saved.change(actor, params.saved_report_id, body, ifMatch),
  }),
  defineRoute({
    feature,
    ...{ method: 'delete', path: '/saved-reports/:saved_report_id', operationId: 'deleteSavedReport', tag },
    ...{ permission, params: savedReportParams },
    audit: 'none',
    summary: 'Remove a saved report; what it delivered stays until its time is over',
    problems: ['not_found', 'stale_version'],
    handle: async ({ actor, params, ifMatch }) => saved.remove(actor, params.saved_report_id, ifMatch),
  }),
  defineRoute({
    feature,
    ...{
      method: 'post',
      path: '/saved-reports/:saved_report_id/leave',
      operationId: 'leaveSavedReport',
      tag,
    },
    ...{ permission, params: savedReportParams },
    audit: 'none',
    summary: 'Not be sent a saved report of somebody else any more',
    problems: ['not_found'],
    handle: async ({ actor, params }) => saved.leave(actor, params.saved_report_id),
  }),
];

function resultRoutes({ saved, catalogue, reports, serving }: SavedReportRoutesDeps): AnyRoute[] {
  const serveAs = new Map(catalogue.map((report) => [report.id, serving(report)]));
  return [
    defineRoute({
      feature,
      ...{ method: 'get', path: '/saved-reports/:saved_report_id/result', tag, permission },
      operationId: 'runSavedReport',
      audit: 'none',
      summary: 'What the saved report answers now',
      description: 'As `GET /reports/{report}` answers anyone who asks here.',
      ...{ params: savedReportParams, query: resultQuery, response: resultResponse },
      ...{ cache: 'revalidate', readsAfter: true, otherTypes: fileTypes },
      problems: ['not_found', 'saved_report_outdated', 'busy'],
      async answer({ actor, params, request: { signal, after } }, type): Promise<TaggedAnswer> {
        const { report, query } = await saved.questionOf(actor, params.saved_report_id);
        const question = await reports
          .prepare(actor, report, query, { signal, after })
          .catch((error: unknown) => {
            throw outdated(error);
          });
        return serveAs.get(report)!(question, type, actor.user_id);
      },
    }),
    defineRoute({
      feature,
      ...{ method: 'post', path: '/saved-reports/:saved_report_id/deliver', tag, permission },
      operationId: 'deliverSavedReport',
      audit: 'none',
      summary: 'Have the saved report delivered to its owner now, beside its schedule',
      ...{ params: savedReportParams, status: 202, response: deliveryResponse },
      problems: ['not_found', 'too_many_deliveries'],
      location: ({ delivery_id }) => `/deliveries/${delivery_id}`,
      handle: async ({ actor, params }) => saved.deliver(actor, params.saved_report_id),
    }),
  ];
}

function deliveryRoutes({ deliveries }: SavedReportRoutesDeps): AnyRoute[] {
  const write = serialiser(deliveryResponse);
  return [
    defineRoute({
      feature,
      ...{ method: 'get', path: '/deliveries', operationId: 'listDeliveries', tag, permission },
      audit: 'none',
      summary: 'What was delivered to oneself, the newest first',
      ...{ query: listQuery, response: deliveryPage },
      problems: ['invalid_cursor'],
      handle: async ({ actor, query }) => deliveries.list(actor, query),
    }),
    defineRoute({
      feature,
      ...{ method: 'get', path: '/deliveries/:delivery_id', operationId: 'getDelivery', tag, permission },
      audit: { action: 'report.file' },
      summary: 'A delivery: what became of it or, in its own format, its file',
      description: 'As JSON what became of it; asked for in the format that it was made in, the file.',
      ...{ params: deliveryParams, query: deliveryQuery, response: deliveryResponse },
      ...{ cache: 'revalidate', otherTypes: fileTypes },
      problems: ['not_found', 'step_not_allowed'],
      async answer({ actor, params: { delivery_id } }, type): Promise<TaggedAnswer> {
        const delivery = await deliveries.get(actor, delivery_id);
        const etag = `${delivery_id}.${delivery.version}.${type.replace(/\W/g, '')}`;
        if (type === 'application/json') {
          const content = write(delivery);
          return { etag, content: () => Promise.resolve({ etag, content }) };
        }
        if (type !== mediaTypeOf(delivery.format)) {
          const message = `must be json or ${delivery.format}: that is what it was made as`;
          const errors = [{ pointer: '/query/format', message }];
          throw new Problem('not_acceptable', `/query/format ${message}`, { errors });
        }
        const { content, filename } = await deliveries.file(actor, delivery_id);
        return { etag, patient_ids: [], content: () => Promise.resolve({ etag, content, filename }) };
      },
    }),
  ];
}

export const savedReportRoutes = (deps: SavedReportRoutesDeps): AnyRoute[] => [
  ...recordRoutes(deps),
  ...resultRoutes(deps),
  ...deliveryRoutes(deps),
];
