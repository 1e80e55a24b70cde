import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { linkBody, linkPage, linkParams, linkResponse, linksQuery } from './report-links.schema.js';
import type { ReportLinksService } from './report-links.service.js';

const tag = 'report links';
const permission = 'reports:share';
const feature = 'report_pages';

export const reportLinkRoutes = (links: ReportLinksService['forActors']): AnyRoute[] => [
  defineRoute({
    feature,
    ...{ method: 'get', path: '/report-links', operationId: 'listReportLinks', tag, permission },
    audit: 'none',
    summary: 'One’s links to reports, the newest first; an admin sees everybody’s',
    ...{ query: linksQuery, response: linkPage },
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => links.list(actor, query),
  }),
  defineRoute({
    feature,
    ...{ method: 'post', path: '/report-links', operationId: 'createReportLink', tag, permission },
    audit: 'none',
    summary: 'Make a link that shows one report to whoever has it',
    description:
      'The page behind `url` needs no sign-in, shows this report with these parameters and nothing else, and what a manager ' +
      'may see of it. It ends by itself, when it is revoked, and with the account of who has made it. Each opening is on record.',
    ...{ body: linkBody, status: 201, response: linkResponse },
    problems: ['too_many_links'],
    location: ({ report_link_id }) => `/report-links/${report_link_id}`,
    handle: async ({ actor, body }) => links.create(actor, body),
  }),
  defineRoute({
    feature,
    ...{
      method: 'get',
      path: '/report-links/:report_link_id',
      operationId: 'getReportLink',
      tag,
      permission,
    },
    audit: 'none',
    summary: 'A link of one’s own, and how often it was opened',
    ...{ params: linkParams, response: linkResponse },
    problems: ['not_found'],
    handle: async ({ actor, params }) => links.get(actor, params.report_link_id),
  }),
  defineRoute({
    feature,
    ...{
      method: 'delete',
      path: '/report-links/:report_link_id',
      operationId: 'revokeReportLink',
      tag,
      permission,
    },
    audit: 'none',
    summary: 'Revoke a link: nobody opens it any more',
    params: linkParams,
    problems: ['not_found', 'step_done'],
    handle: async ({ actor, params }) => links.revoke(actor, params.report_link_id),
  }),
];
