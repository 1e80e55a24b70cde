import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createMergeRepository } from './merges.repository.js';
import { mergeRoutes } from './merges.routes.js';
import { createMergesService, type MergesDeps, type MergesService } from './merges.service.js';

export type { MergesService } from './merges.service.js';

export function createMerges(deps: Omit<MergesDeps, 'merges'> & { readonly connection: Connection }): {
  service: MergesService;
  routes: readonly AnyRoute[];
} {
  const service = createMergesService({ ...deps, merges: createMergeRepository(deps.connection) });
  return { service, routes: mergeRoutes(service.forActors) };
}
