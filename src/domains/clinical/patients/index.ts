import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import type { PhoneRegion } from '../../../lib/phone.js';
import { createMergedPatientRepository } from './merged-patients.repository.js';
import { createPatientRepository } from './patients.repository.js';
import { patientRoutes } from './patients.routes.js';
import { createPatientsService, type PatientsDeps, type PatientsService } from './patients.service.js';

export { fillCareTeams } from './care-teams.js';
export type { Folded } from './patients.folding.js';
export type { AppointmentSummary, Patient, PrescriptionSummary } from './patients.types.js';
export type { PatientsService } from './patients.service.js';

interface Stored {
  readonly connection: Connection;
  readonly phoneRegion: PhoneRegion;
}

export function createPatients(deps: Omit<PatientsDeps, 'patients' | 'merged'> & Stored): {
  service: PatientsService;
  routes: readonly AnyRoute[];
} {
  const patients = createPatientRepository(deps.connection, deps.phoneRegion);
  const merged = createMergedPatientRepository(deps.connection);
  const service = createPatientsService({ ...deps, patients, merged });
  return { service, routes: patientRoutes(service.forActors) };
}
