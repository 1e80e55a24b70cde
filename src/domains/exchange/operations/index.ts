import type { Knex } from 'knex';
import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import type { Clock } from '../../../lib/clock.js';
import type { Logger } from '../../../lib/logger.js';
import { probesOf, type ProbeDeps } from './operations.probes.js';
import { createOperationsRepository } from './operations.repository.js';
import { operationsRoutes } from './operations.routes.js';
import { createOperationsService, type OperationsService } from './operations.service.js';

export type { OperationsService } from './operations.service.js';
export type { Check, CheckStatus, Operations } from './operations.types.js';

type Deps = Omit<ProbeDeps, 'servers'> & {
  readonly connection: Connection;
  readonly knex: Knex;
  readonly clock: Clock;
  readonly logger: Logger;
};

export function createOperations({ connection, knex, clock, logger, ...deps }: Deps): {
  service: OperationsService;
  routes: readonly AnyRoute[];
} {
  const servers = createOperationsRepository(connection, knex);
  const service = createOperationsService({ probes: probesOf({ ...deps, servers }), clock, logger });
  return { service, routes: operationsRoutes(service.forActors) };
}
