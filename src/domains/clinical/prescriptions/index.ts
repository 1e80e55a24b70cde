import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createPrescriptionRepository } from './prescriptions.repository.js';
import { prescriptionRoutes } from './prescriptions.routes.js';
import {
  createPrescriptionsService,
  type PrescriptionsDeps,
  type PrescriptionsService,
} from './prescriptions.service.js';

export type { PrescriptionsService } from './prescriptions.service.js';

export function createPrescriptions(
  deps: Omit<PrescriptionsDeps, 'prescriptions'> & { connection: Connection },
): { service: PrescriptionsService; routes: readonly AnyRoute[] } {
  const service = createPrescriptionsService({
    ...deps,
    prescriptions: createPrescriptionRepository(deps.connection),
  });
  return { service, routes: prescriptionRoutes(service.forActors) };
}
