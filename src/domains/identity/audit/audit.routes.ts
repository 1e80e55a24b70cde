import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { accessPage, accessParams, accessQuery, auditPage, auditQuery } from './audit.schema.js';
import type { ReadingService } from './reading.service.js';

const tag = 'audit';

export const auditRoutes = (trail: ReadingService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/audit-events',
    operationId: 'listAuditEvents',
    tag,
    audit: {
      action: 'audit.list',
      whose: (_, { query }) => (query.patient === undefined ? [] : [query.patient]),
    },
    summary: 'The trail: who did what, to whose record, why, from where and how it ended; the newest first',
    description:
      'Sign-ins and accounts, and every read, write and refusal that touches a patient’s record. `from` is in the period, `to` is ' +
      'not. Nobody changes or removes an entry; `npm run audit -- verify` proves it.',
    permission: 'audit:read',
    query: auditQuery,
    response: auditPage,
    problems: ['invalid_cursor'],
    async handle({ actor, query }) {
      const { items, next_cursor } = await trail.list(actor, query);
      return {
        items: items.map((event) => ({ ...event, patient_ids: [...event.patient_ids] })),
        next_cursor,
      };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/patients/:patient_id/accesses',
    operationId: 'listPatientAccesses',
    tag: 'patients',
    audit: { action: 'patient.accesses', whose: (_, { params }) => [params.patient_id] },
    summary: 'Who has read or changed the record, or tried to: the patient’s own, any for an admin',
    permission: 'accesses:read',
    params: accessParams,
    query: accessQuery,
    response: accessPage,
    problems: ['not_found', 'invalid_cursor'],
    handle: async ({ actor, params, query }) => trail.accesses(actor, params.patient_id, query),
  }),
];
