import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import type { PhoneRegion } from '../../../lib/phone.js';
import { createPatientRepository } from './patients.repository.js';
import { patientRoutes } from './patients.routes.js';
import { createPatientsService, type PatientsDeps, type PatientsService } from './patients.service.js';

export { fillCareTeams } from './care-teams.js';
export type { AppointmentSummary, Patient, PrescriptionSummary } from './patients.types.js';
export type { PatientsService } from './patients.service.js';

interface Stored {
  readonly connection: Connection;
  readonly phoneRegion: PhoneRegion;
}

export function createPatients(deps: Omit<PatientsDeps, 'patients'> & Stored): {
  service: PatientsService;
  routes: readonly AnyRoute[];
} {
  const patients = createPatientRepository(deps.connection, deps.phoneRegion);
  const service = createPatientsService({ ...deps, patients });
  return { service, routes: patientRoutes(service.forActors) };
}
