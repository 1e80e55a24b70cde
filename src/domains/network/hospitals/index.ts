import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createHospitalRepository } from './hospitals.repository.js';
import { hospitalRoutes } from './hospitals.routes.js';
import { createHospitalsService, type HospitalsDeps, type HospitalsService } from './hospitals.service.js';

export type { Hospital } from './hospitals.types.js';
export type { HospitalFilter, HospitalsService } from './hospitals.service.js';

export function createHospitals(deps: Omit<HospitalsDeps, 'hospitals'> & { connection: Connection }): {
  service: HospitalsService;
  routes: readonly AnyRoute[];
} {
  const service = createHospitalsService({ ...deps, hospitals: createHospitalRepository(deps.connection) });
  return { service, routes: hospitalRoutes(service) };
}
