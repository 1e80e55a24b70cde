import type { Knex } from '../../../databases/postgres/postgres.js';
import type { AnyRoute } from '../../../http/route.js';
import { createBillingRepository } from './billing.repository.js';
import { billingRoutes } from './billing.routes.js';
import { createBillingService, type BillingDeps, type BillingService } from './billing.service.js';

export type { Balance, BillingRow, OpenBill } from './billing.types.js';
export type { BillingService } from './billing.service.js';

export function createBilling(deps: Omit<BillingDeps, 'billing'> & { knex: Knex }): {
  service: BillingService;
  routes: readonly AnyRoute[];
} {
  const service = createBillingService({ ...deps, billing: createBillingRepository(deps.knex) });
  return { service, routes: billingRoutes(service.forActors) };
}
