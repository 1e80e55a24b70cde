import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { ofEach, ofOne } from '../../../lib/audited.js';
import {
  balanceQuery,
  balanceResponse,
  billingPage,
  billingParams,
  billingQuery,
  billingResponse,
} from './billing.schema.js';
import type { BillingService } from './billing.service.js';

const tag = 'billing';

export const billingRoutes = (billing: BillingService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/billing',
    operationId: 'listBilling',
    tag,
    audit: { action: 'billing.list', whose: ofEach },
    summary: 'What was charged, the newest first; a patient sees only their own',
    description: '`from` is in the period, `to` is not.',
    permission: 'billing:read',
    query: billingQuery,
    response: billingPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => billing.list(actor, query),
  }),
  defineRoute({
    method: 'get',
    path: '/billing/balance',
    operationId: 'getBalance',
    tag,
    audit: { action: 'billing.balance', whose: ofOne },
    summary: 'What a patient owes in all: a patient their own, anybody else by `patient_id`',
    permission: 'billing:read',
    query: balanceQuery,
    response: balanceResponse,
    handle: async ({ actor, query }) => billing.balance(actor, query.patient_id),
  }),
  defineRoute({
    method: 'get',
    path: '/billing/:id',
    operationId: 'getBilling',
    tag,
    audit: { action: 'billing.read', whose: ofOne },
    summary: 'One charge',
    permission: 'billing:read',
    params: billingParams,
    response: billingResponse,
    problems: ['not_found'],
    handle: async ({ actor, params }) => billing.get(actor, params.id),
  }),
];
