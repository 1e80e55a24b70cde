import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { operationsResponse } from './operations.schema.js';
import type { OperationsService } from './operations.service.js';

export const operationsRoutes = (operations: OperationsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/operations',
    operationId: 'getOperations',
    tag: 'operations',
    audit: 'none',
    summary: 'How what runs stands: what is wrong first, each with the command that helps',
    description:
      'Processes, mirrors, hand-overs between the stores, jobs, deliveries, emails, refunds that wait, the last comparison of the ' +
      'stores, and the stores themselves. What does not answer within two seconds is a check that failed.',
    permission: 'operations:read',
    response: operationsResponse,
    derived: true,
    async handle({ actor }) {
      const { status, at, checks } = await operations.look(actor);
      return { status, at, checks: checks.map((check) => ({ ...check, counts: { ...check.counts } })) };
    },
  }),
];
