import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createPatientRepository } from './patients.repository.js';
import { patientRoutes } from './patients.routes.js';
import { createPatientsService, type PatientsDeps, type PatientsService } from './patients.service.js';

export type { AppointmentSummary, Patient, PrescriptionSummary } from './patients.types.js';
export type { PatientsService } from './patients.service.js';

export function createPatients(deps: Omit<PatientsDeps, 'patients'> & { connection: Connection }): {
  service: PatientsService;
  routes: readonly AnyRoute[];
} {
  const service = createPatientsService({ ...deps, patients: createPatientRepository(deps.connection) });
  return { service, routes: patientRoutes(service.forActors) };
}
