import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { ofEach, ofOne } from '../../../lib/audited.js';
import {
  createPatientBody,
  patientPage,
  patientParams,
  patientQuery,
  patientResponse,
  replacePatientBody,
  updatePatientBody,
} from './patients.schema.js';
import { breakGlassOf } from '../emergency-access/index.js';
import type { PatientsService } from './patients.service.js';

const tag = 'patients';

const readingRoutes = (patients: PatientsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/patients',
    operationId: 'listPatients',
    tag,
    audit: { action: 'patient.list', whose: ofEach },
    summary:
      'Patients, by name, disease, department, hospital, region or age; for a doctor, those in their care',
    permission: 'patients:list',
    query: patientQuery,
    response: patientPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => patients.list(actor, query),
  }),
  defineRoute({
    method: 'get',
    path: '/patients/:patient_id',
    operationId: 'getPatient',
    derived: true,
    tag,
    audit: { action: 'patient.read', whose: ofOne },
    summary: 'One patient: one’s own record; for a doctor, of a patient in their care',
    description:
      'A doctor reads the records of those who have a visit to them, and of those of their own department. Any other record, and one ' +
      'that there is not, is `break_glass_needed`: with `Break-Glass: <reason>` it opens for an hour.',
    breaksGlass: true,
    permission: 'patients:read',
    params: patientParams,
    response: patientResponse,
    problems: ['not_found', 'patient_merged'],
    handle: async ({ actor, params, request }) =>
      patients.get(actor, params.patient_id, breakGlassOf(request)),
  }),
];

const writingRoutes = (patients: PatientsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/patients',
    operationId: 'createPatient',
    tag,
    audit: { action: 'patient.create', whose: ofOne },
    summary: 'Add a patient',
    permission: 'patients:create',
    body: createPatientBody,
    status: 201,
    response: patientResponse,
    problems: ['already_exists', 'unknown_reference'],
    handle: async ({ actor, body }) => patients.create(actor, body),
  }),
  defineRoute({
    method: 'patch',
    path: '/patients/:patient_id',
    operationId: 'updatePatient',
    tag,
    audit: { action: 'patient.update', whose: ofOne },
    summary: 'Change some fields of a patient',
    description: 'Patients may change their own name and contact; an admin all.',
    permission: 'patients:update',
    params: patientParams,
    body: updatePatientBody,
    response: patientResponse,
    problems: ['not_found', 'patient_merged', 'stale_version', 'unknown_reference'],
    handle: async ({ actor, params, body, ifMatch }) =>
      patients.update(actor, params.patient_id, body, ifMatch),
  }),
  defineRoute({
    method: 'put',
    path: '/patients/:patient_id',
    operationId: 'replacePatient',
    tag,
    audit: { action: 'patient.update', whose: ofOne },
    summary: 'Set the fields of a patient',
    description:
      'Takes what POST takes. What is left out and is of the person or their care keeps its value: date of birth or age, sex, ' +
      'deceased_date, diagnoses, allergies, contact. Without `department_id` the patient has none any more (an admin’s to ' +
      'change). An age that the patient has already, and any field that is sent as it stands, is no change.',
    permission: 'patients:update',
    params: patientParams,
    body: replacePatientBody,
    response: patientResponse,
    problems: ['not_found', 'patient_merged', 'stale_version', 'unknown_reference'],
    handle: async ({ actor, params, body, ifMatch }) =>
      patients.replace(actor, params.patient_id, body, ifMatch),
  }),
  defineRoute({
    method: 'delete',
    path: '/patients/:patient_id',
    operationId: 'deletePatient',
    tag,
    audit: { action: 'patient.delete', whose: (_, { params }) => [params.patient_id] },
    summary: 'Remove a patient who has no unpaid bills and no appointments to come',
    permission: 'patients:delete',
    params: patientParams,
    problems: ['not_found', 'patient_merged', 'still_in_use', 'stale_version'],
    handle: async ({ actor, params, ifMatch }) => patients.remove(actor, params.patient_id, ifMatch),
  }),
];

export const patientRoutes = (patients: PatientsService['forActors']): AnyRoute[] => [
  ...readingRoutes(patients),
  ...writingRoutes(patients),
];
