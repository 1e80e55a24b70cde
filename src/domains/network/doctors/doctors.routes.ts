import { defineRoute, type AnyRoute } from '../../../http/route.js';
import {
  createDoctorBody,
  doctorPage,
  doctorParams,
  doctorQuery,
  doctorRecordResponse,
  doctorResponse,
  replaceDoctorBody,
  updateDoctorBody,
  updateDoctorQuery,
} from './doctors.schema.js';
import type { DoctorsService } from './doctors.service.js';

const tag = 'doctors';

const readingRoutes = (doctors: DoctorsService): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/doctors',
    operationId: 'listDoctors',
    tag,
    audit: 'none',
    summary:
      'The doctors, by name; by specialty, department, hospital, region, words of the name, availability',
    permission: 'public',
    query: doctorQuery,
    response: doctorPage,
    problems: ['invalid_cursor'],
    handle: async ({ query }) => doctors.list(query),
  }),
  defineRoute({
    method: 'get',
    path: '/doctors/:doctor_id',
    operationId: 'getDoctor',
    derived: true,
    tag,
    audit: 'none',
    summary: 'One doctor, as anybody may see them',
    permission: 'public',
    params: doctorParams,
    response: doctorResponse,
    problems: ['not_found'],
    handle: async ({ params }) => doctors.show(params.doctor_id),
  }),
  defineRoute({
    method: 'get',
    path: '/doctors/:doctor_id/record',
    operationId: 'getDoctorRecord',
    tag,
    audit: 'none',
    summary: 'The whole record of a doctor, with registration and leave: for an admin and the doctor',
    permission: 'doctors:record',
    params: doctorParams,
    response: doctorRecordResponse,
    problems: ['not_found'],
    handle: async ({ actor, params }) => doctors.record(actor, params.doctor_id),
  }),
];

const writingRoutes = (doctors: DoctorsService): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/doctors',
    operationId: 'createDoctor',
    tag,
    audit: 'none',
    summary: 'Add a doctor to a department',
    permission: 'doctors:create',
    body: createDoctorBody,
    status: 201,
    response: doctorRecordResponse,
    problems: ['already_exists', 'unknown_reference'],
    handle: async ({ body }) => doctors.create(body),
  }),
  defineRoute({
    method: 'patch',
    path: '/doctors/:doctor_id',
    operationId: 'updateDoctor',
    tag,
    audit: 'none',
    summary: 'Change some fields of a doctor',
    description:
      'Doctors may change their own availability, slot_minutes, slot_capacity, leave_days and accepting; an admin all. ' +
      'Another department may be one of another hospital. Leave on days with visits is a 409 `leave_has_visits`, whose ' +
      '`visits` name up to a hundred of them (`appointment_id`, `date`): with `keep_visits=true` they stay.',
    permission: 'doctors:update',
    params: doctorParams,
    query: updateDoctorQuery,
    body: updateDoctorBody,
    response: doctorRecordResponse,
    problems: ['not_found', 'already_exists', 'leave_has_visits', 'stale_version', 'unknown_reference'],
    handle: async ({ actor, params, query, body, ifMatch }) =>
      doctors.update(actor, params.doctor_id, body, { ...query, ifMatch }),
  }),
  defineRoute({
    method: 'put',
    path: '/doctors/:doctor_id',
    operationId: 'replaceDoctor',
    tag,
    audit: 'none',
    summary: 'Set the fields of a doctor',
    description:
      'Takes what POST takes: name and specialty, and the rest keeps its value where it is left out, for it is contractual: ' +
      'department, registration, fee, availability, slots, leave and accepting. A field that is sent as it stands is no change.',
    permission: 'doctors:update',
    params: doctorParams,
    query: updateDoctorQuery,
    body: replaceDoctorBody,
    response: doctorRecordResponse,
    problems: ['not_found', 'already_exists', 'leave_has_visits', 'stale_version', 'unknown_reference'],
    handle: async ({ actor, params, query, body, ifMatch }) =>
      doctors.replace(actor, params.doctor_id, body, { ...query, ifMatch }),
  }),
  defineRoute({
    method: 'delete',
    path: '/doctors/:doctor_id',
    operationId: 'deleteDoctor',
    tag,
    audit: 'none',
    summary: 'Remove a doctor who has no appointments to come',
    permission: 'doctors:delete',
    params: doctorParams,
    problems: ['not_found', 'still_in_use', 'stale_version'],
    handle: async ({ params, ifMatch }) => doctors.remove(params.doctor_id, ifMatch),
  }),
];

export const doctorRoutes = (doctors: DoctorsService): AnyRoute[] => [
  ...readingRoutes(doctors),
  ...writingRoutes(doctors),
];
