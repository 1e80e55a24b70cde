import { defineRoute, type AnyRoute } from '../../http/route.js';
import {
  appointmentPage,
  appointmentParams,
  appointmentQuery,
  appointmentResponse,
  bookingBody,
  bookingParams,
  createAppointmentBody,
  ownAppointmentQuery,
  updateAppointmentBody,
} from './appointments.schema.js';
import type { AppointmentsService } from './appointments.service.js';

const tag = 'appointments';

const bookingRoutes = (appointments: AppointmentsService): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/appointments',
    operationId: 'createAppointment',
    tag,
    summary: 'Book an appointment: a patient for oneself, an admin for anyone',
    permission: 'appointments:create',
    body: createAppointmentBody,
    status: 201,
    response: appointmentResponse,
    problems: ['outside_booking_window', 'not_found', 'already_exists'],
    handle: async ({ actor, body }) => appointments.book(actor, { ...body, pointer: '/body/date' }),
  }),
  defineRoute({
    method: 'post',
    path: '/bookings/:doctor_id',
    operationId: 'bookDoctor',
    tag,
    summary: 'Book a doctor: the short form of POST /appointments',
    permission: 'appointments:create',
    params: bookingParams,
    body: bookingBody,
    status: 201,
    response: appointmentResponse,
    problems: ['outside_booking_window', 'not_found'],
    handle: async ({ actor, params, body: { booking_date_time, ...rest } }) =>
      appointments.book(actor, {
        ...rest,
        doctor_id: params.doctor_id,
        date: booking_date_time,
        pointer: '/body/booking_date_time',
      }),
  }),
];

const readingRoutes = (appointments: AppointmentsService): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/appointments',
    operationId: 'listAppointments',
    tag,
    summary: 'Appointments, the newest first',
    description:
      'A patient sees only their own, a doctor their own and all of their patients, an admin everybody’s. `from` is in the ' +
      'period, `to` is not.',
    permission: 'appointments:read',
    query: appointmentQuery,
    response: appointmentPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => appointments.list(actor, query),
  }),
  defineRoute({
    method: 'get',
    path: '/appointments/:appointment_id',
    operationId: 'getAppointment',
    tag,
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
    summary: 'One’s own appointments: those that a patient comes to, or a doctor holds',
    permission: 'appointments:read',
    query: ownAppointmentQuery,
    response: appointmentPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => appointments.listOwn(actor, query),
  }),
];

const changingRoutes = (appointments: AppointmentsService): AnyRoute[] => [
  defineRoute({
    method: 'patch',
    path: '/appointments/:appointment_id',
    operationId: 'updateAppointment',
    tag,
    summary: 'Take an appointment a step further, or note what it is about',
    description:
      'scheduled → checked_in → completed; scheduled → cancelled or no_show. The patient may only cancel (and say a reason); ' +
      'the doctor of the appointment and an admin may do all of it. Completing it bills the consultation.',
    permission: 'appointments:update',
    params: appointmentParams,
    body: updateAppointmentBody,
    response: appointmentResponse,
    problems: ['not_found', 'step_not_allowed', 'stale_version', 'unknown_reference'],
    handle: async ({ actor, params, body, ifMatch }) =>
      appointments.update(actor, params.appointment_id, body, ifMatch),
  }),
  defineRoute({
    method: 'delete',
    path: '/appointments/:appointment_id',
    operationId: 'deleteAppointment',
    tag,
    summary: 'Remove an appointment: the patient before its date, an admin unless it is completed',
    permission: 'appointments:delete',
    params: appointmentParams,
    problems: ['not_found', 'step_not_allowed', 'still_in_use', 'stale_version'],
    handle: async ({ actor, params, ifMatch }) => appointments.remove(actor, params.appointment_id, ifMatch),
  }),
];

export const appointmentRoutes = (appointments: AppointmentsService): AnyRoute[] => [
  ...bookingRoutes(appointments),
  ...readingRoutes(appointments),
  ...changingRoutes(appointments),
];
