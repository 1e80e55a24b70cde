import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { breakGlassOf } from '../emergency-access/index.js';
import { timelinePage, timelineParams, timelineQuery } from './timeline.schema.js';
import type { TimelineService } from './timeline.service.js';

export const timelineRoutes = (timeline: TimelineService['forActors']): AnyRoute[] => [
  defineRoute({
    ...{
      method: 'get',
      path: '/patients/:patient_id/timeline',
      operationId: 'listTimeline',
      tag: 'patients',
    },
    summary: 'What happened to a patient, out of both stores, the newest first',
    description:
      'Steps of visits, prescriptions, charges, payments, refunds, and records that were opened by `Break-Glass`. For a doctor, as the ' +
      'patient’s record is: care alone, of those in their care or opened by `Break-Glass`. Payments that were voided are left out.',
    breaksGlass: true,
    permission: 'patients:read',
    ...{ params: timelineParams, query: timelineQuery, response: timelinePage },
    audit: { action: 'patient.timeline', whose: (_, { params }) => [params.patient_id] },
    problems: ['not_found', 'patient_merged', 'invalid_cursor'],
    handle: async ({ actor, params, query, request }) =>
      timeline.list(actor, params.patient_id, query, breakGlassOf(request)),
  }),
];
