import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createEmergencyAccessRepository } from './emergency-access.repository.js';
import { emergencyAccessRoutes } from './emergency-access.routes.js';
import {
  createEmergencyAccessService,
  type EmergencyAccessDeps,
  type EmergencyAccessService,
} from './emergency-access.service.js';

export { breakGlassOf, type BreakGlass } from './emergency-access.types.js';
export type { EmergencyAccessService } from './emergency-access.service.js';

export function createEmergencyAccess(
  deps: Omit<EmergencyAccessDeps, 'accesses'> & { readonly connection: Connection },
): { service: EmergencyAccessService; routes: readonly AnyRoute[] } {
  const accesses = createEmergencyAccessRepository(deps.connection);
  const service = createEmergencyAccessService({ ...deps, accesses });
  return { service, routes: emergencyAccessRoutes(service.forActors) };
}
