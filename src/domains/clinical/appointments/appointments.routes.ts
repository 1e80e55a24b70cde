import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { asTheServiceSays, ofEach, ofOne } from '../../../lib/audited.js';
import {
  appointmentPage,
  appointmentParams,
  appointmentQuery,
  appointmentResponse,
  ownAppointmentQuery,
  updateAppointmentBody,
} from './appointments.schema.js';
import { breakGlassOf } from '../emergency-access/index.js';
import type { AppointmentsService } from './appointments.service.js';

const tag = 'appointments';

const readingRoutes = (appointments: AppointmentsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/appointments',
    operationId: 'listAppointments',
    tag,
    audit: { action: 'appointment.list', whose: ofEach },
    summary: 'Appointments, the newest first',
    description:
      'A patient sees only their own, a doctor their own and all of their patients (of somebody else’s, by `patient_id`, with ' +
      '`Break-Glass`), an admin everybody’s. `from` is in the ' +
      'period, `to` is not.',
    permission: 'appointments:read',
    query: appointmentQuery,
    response: appointmentPage,
    problems: ['invalid_cursor'],
    breaksGlass: true,
    handle: async ({ actor, query, request }) => appointments.list(actor, query, breakGlassOf(request)),
  }),
  defineRoute({
    method: 'get',
    path: '/appointments/:appointment_id',
    operationId: 'getAppointment',
    tag,
    audit: { action: 'appointment.read', whose: ofOne },
    summary: 'One appointment',
    permission: 'appointments:read',
    params: appointmentParams,
    response: appointmentResponse,
    problems: ['not_found'],
    handle: async ({ actor, params }) => appointments.get(actor, params.appointment_id),
  }),
  // After the route with the id: of two that match, the router takes the last.
  defineRoute({
    method: 'get',
    path: '/appointments/mine',
    operationId: 'listMyAppointments',
    tag,
    audit: { action: 'appointment.list', whose: ofEach },
    summary: 'One’s own appointments: those that a patient comes to, or a doctor holds',
    permission: 'appointments:read',
    query: ownAppointmentQuery,
    response: appointmentPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => appointments.listOwn(actor, query),
  }),
];

const updateRoute = (method: 'patch' | 'put', appointments: AppointmentsService['forActors']): AnyRoute =>
  defineRoute({
    method,
    path: '/appointments/:appointment_id',
    operationId: method === 'patch' ? 'updateAppointment' : 'replaceAppointment',
    tag,
    audit: { action: 'appointment.update', whose: ofOne },
    summary:
      method === 'patch'
        ? 'Take an appointment a step further, or note what it is about'
        : 'Take an appointment a step further, or note what it is about: as PATCH',
    description:
      'scheduled → checked_in → completed; scheduled → cancelled or no_show; the words in any case. It is checked in on its day ' +
      '(on the clock of the hospital; later by an admin), and completed or no_show not before it begins. The patient may only ' +
      'cancel (and need not say why); the doctor of the appointment and an admin may do all of it, and cancel with a coded ' +
      '`cancellation_reason`. Cancelling gives the slot back, and of what was paid as much as the policy says: all of it ' +
      'when the reason is not the patient’s. Completing bills the consultation. What is left out keeps its value.',
    permission: 'appointments:update',
    params: appointmentParams,
    body: updateAppointmentBody,
    response: appointmentResponse,
    problems: ['not_found', 'step_not_allowed', 'stale_version', 'unknown_reference'],
    handle: async ({ actor, params, body, ifMatch }) =>
      appointments.update(actor, params.appointment_id, body, ifMatch),
  });

const changingRoutes = (appointments: AppointmentsService['forActors']): AnyRoute[] => [
  updateRoute('patch', appointments),
  updateRoute('put', appointments),
  defineRoute({
    method: 'delete',
    path: '/appointments/:appointment_id',
    operationId: 'deleteAppointment',
    tag,
    audit: { action: 'appointment.delete', whose: asTheServiceSays },
    summary: 'Remove an appointment: the patient before its date, an admin unless it is completed',
    permission: 'appointments:delete',
    params: appointmentParams,
    problems: ['not_found', 'step_not_allowed', 'still_in_use', 'booking_is_paid', 'stale_version'],
    handle: async ({ actor, params, ifMatch }) => appointments.remove(actor, params.appointment_id, ifMatch),
  }),
];

export const appointmentRoutes = (appointments: AppointmentsService['forActors']): AnyRoute[] => [
  ...readingRoutes(appointments),
  ...changingRoutes(appointments),
];
