import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { ofEach, ofOne } from '../../../lib/audited.js';
import {
  emergencyAccessPage,
  emergencyAccessParams,
  emergencyAccessQuery,
  emergencyAccessResponse,
  reviewBody,
} from './emergency-access.schema.js';
import type { EmergencyAccessService } from './emergency-access.service.js';

const tag = 'emergency accesses';
const permission = 'emergency-accesses:review';

export const emergencyAccessRoutes = (accesses: EmergencyAccessService['forActors']): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/emergency-accesses', operationId: 'listEmergencyAccesses', tag, permission },
    audit: { action: 'emergency_access.list', whose: ofEach },
    summary: 'Records that doctors opened by `Break-Glass`, the newest first',
    ...{ query: emergencyAccessQuery, response: emergencyAccessPage },
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => accesses.list(actor, query),
  }),
  defineRoute({
    ...{ method: 'post', path: '/emergency-accesses/:emergency_access_id/review', tag, permission },
    operationId: 'reviewEmergencyAccess',
    audit: { action: 'emergency_access.review', whose: ofOne },
    summary: 'Say whether a record was opened for a good reason',
    ...{ params: emergencyAccessParams, body: reviewBody, response: emergencyAccessResponse },
    problems: ['not_found', 'same_person', 'step_done', 'stale_version'],
    handle: async ({ actor, params, body, ifMatch }) =>
      accesses.review(actor, params.emergency_access_id, body, ifMatch),
  }),
];
