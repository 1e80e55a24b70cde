import { definePage, type AnyPage } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { trailPages } from './trail.routes.js';
import { operationsPage } from './operations.page.js';

/** WEB-4: how what runs stands, for those who run it. */
export const operationsPages = ({ operations, auditTrail, timeZone: zone }: WebDeps): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/operations',
    audience: 'operations',
    audit: 'none',
    handle: async ({ actor }) => ({ view: operationsPage({ ...(await operations.look(actor)), zone }) }),
  }),
  ...trailPages({ auditTrail, timeZone: zone }),
];
