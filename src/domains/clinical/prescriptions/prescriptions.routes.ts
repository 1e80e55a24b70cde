import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { asTheServiceSays, ofEach, ofOne } from '../../../lib/audited.js';
import {
  createPrescriptionBody,
  prescriptionPage,
  prescriptionParams,
  prescriptionQuery,
  prescriptionResponse,
  updatePrescriptionBody,
  versionPage,
  versionQuery,
} from './prescriptions.schema.js';
import { breakGlassOf } from '../emergency-access/index.js';
import type { PrescriptionsService } from './prescriptions.service.js';

const tag = 'prescriptions';

const readingRoutes = (prescriptions: PrescriptionsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/prescriptions',
    operationId: 'listPrescriptions',
    tag,
    audit: { action: 'prescription.list', whose: ofEach },
    summary: 'Prescriptions, the newest first; a patient sees only their own',
    description:
      'A doctor sees what they wrote and all of the patients in their care; of somebody else’s patient, by `patient_id`, with ' +
      '`Break-Glass`. ' +
      'Active on a day are those that have started and not ended, both days included; a day that is not stated is open.',
    permission: 'prescriptions:read',
    query: prescriptionQuery,
    response: prescriptionPage,
    problems: ['invalid_cursor'],
    breaksGlass: true,
    handle: async ({ actor, query, request }) => prescriptions.list(actor, query, breakGlassOf(request)),
  }),
  defineRoute({
    method: 'get',
    path: '/prescriptions/:prescription_id',
    operationId: 'getPrescription',
    tag,
    audit: { action: 'prescription.read', whose: ofOne },
    summary: 'One prescription',
    permission: 'prescriptions:read',
    params: prescriptionParams,
    response: prescriptionResponse,
    problems: ['not_found'],
    handle: async ({ actor, params }) => prescriptions.get(actor, params.prescription_id),
  }),
  defineRoute({
    method: 'get',
    path: '/prescriptions/:prescription_id/versions',
    operationId: 'listPrescriptionVersions',
    tag,
    audit: {
      action: 'prescription.versions',
      whose: ({ items }) => ofEach({ items: items.map(({ prescription }) => prescription) }),
    },
    summary: 'The earlier wordings of a prescription, the last one first',
    description: 'Kept also after its removal, for its prescriber and an admin.',
    permission: 'prescriptions:read',
    params: prescriptionParams,
    query: versionQuery,
    response: versionPage,
    problems: ['not_found', 'invalid_cursor'],
    handle: async ({ actor, params, query }) =>
      prescriptions.listVersions(actor, params.prescription_id, query),
  }),
];

const writingRoutes = (prescriptions: PrescriptionsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/prescriptions',
    operationId: 'createPrescription',
    tag,
    audit: { action: 'prescription.create', whose: ofOne },
    summary: 'Prescribe: a doctor, in their own name',
    description: 'The answer has dosage and frequency in their structured form, however they were written.',
    permission: 'prescriptions:create',
    body: createPrescriptionBody,
    status: 201,
    response: prescriptionResponse,
    problems: ['unknown_reference', 'patient_deceased'],
    handle: async ({ actor, body }) => prescriptions.create(actor, body),
  }),
  defineRoute({
    method: 'patch',
    path: '/prescriptions/:prescription_id',
    operationId: 'updatePrescription',
    tag,
    audit: { action: 'prescription.update', whose: ofOne },
    summary: 'Correct a prescription; the earlier wording stays readable',
    permission: 'prescriptions:update',
    params: prescriptionParams,
    body: updatePrescriptionBody,
    response: prescriptionResponse,
    problems: ['not_found', 'stale_version'],
    handle: async ({ actor, params, body, ifMatch }) =>
      prescriptions.update(actor, params.prescription_id, body, ifMatch),
  }),
  defineRoute({
    method: 'delete',
    path: '/prescriptions/:prescription_id',
    operationId: 'deletePrescription',
    tag,
    audit: { action: 'prescription.delete', whose: asTheServiceSays },
    summary: 'Remove a prescription; its wording stays readable for its prescriber and an admin',
    permission: 'prescriptions:delete',
    params: prescriptionParams,
    problems: ['not_found', 'stale_version'],
    handle: async ({ actor, params, ifMatch }) =>
      prescriptions.remove(actor, params.prescription_id, ifMatch),
  }),
];

export const prescriptionRoutes = (prescriptions: PrescriptionsService['forActors']): AnyRoute[] => [
  ...readingRoutes(prescriptions),
  ...writingRoutes(prescriptions),
];
