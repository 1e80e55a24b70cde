import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { asTheServiceSays, ofOne } from '../../../lib/audited.js';
import {
  appointmentParams,
  appointmentResponse,
  bookingBody,
  bookingParams,
  createAppointmentBody,
  holdBody,
  holdParams,
  holdResponse,
  rescheduleBody,
  slotParams,
  slotQuery,
  slotResponse,
} from './appointments.schema.js';
import type { AppointmentsService } from './appointments.service.js';
import { timeRefusals } from './appointments.types.js';

const tag = 'appointments';

const aboutTimes =
  'A time that cannot be taken is refused with the reason and with `nearest_slots`: up to five free slots, `start`, `end` and ' +
  'how many are `free`, the nearest first.';

const bookings = (appointments: AppointmentsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/appointments',
    operationId: 'createAppointment',
    tag,
    audit: { action: 'appointment.book', whose: ofOne },
    summary: 'Book an appointment: a patient for oneself, an admin for anyone',
    description: aboutTimes,
    permission: 'appointments:create',
    body: createAppointmentBody,
    status: 201,
    response: appointmentResponse,
    problems: [
      ...timeRefusals,
      'too_many_bookings',
      'patient_busy',
      'patient_deceased',
      'not_found',
      'already_exists',
      'hold_expired',
    ],
    idempotent: true,
    handle: async ({ actor, body, once }) =>
      appointments.book(actor, { ...body, pointer: '/body/date' }, once),
  }),
  defineRoute({
    method: 'post',
    path: '/bookings/:doctor_id',
    operationId: 'bookDoctor',
    tag,
    audit: { action: 'appointment.book', whose: ofOne },
    summary: 'Book a doctor: the short form of POST /appointments',
    description: aboutTimes,
    permission: 'appointments:create',
    params: bookingParams,
    body: bookingBody,
    status: 201,
    response: appointmentResponse,
    problems: [
      ...timeRefusals,
      'too_many_bookings',
      'patient_busy',
      'patient_deceased',
      'not_found',
      'hold_expired',
    ],
    idempotent: true,
    handle: async ({ actor, params, body: { booking_date_time, ...rest }, once }) =>
      appointments.book(
        actor,
        {
          ...rest,
          doctor_id: params.doctor_id,
          date: booking_date_time,
          pointer: '/body/booking_date_time',
        },
        once,
      ),
  }),
  defineRoute({
    method: 'post',
    path: '/appointments/:appointment_id/reschedule',
    operationId: 'rescheduleAppointment',
    tag,
    audit: { action: 'appointment.reschedule', whose: ofOne },
    summary: 'Move an appointment to another time: the patient before it begins, an admin',
    description:
      'It stays the same appointment, scheduled and paid as it is: a move is no cancellation. Either it has the new slot and ' +
      `somebody else may have the old one, or it keeps the old one. ${aboutTimes}`,
    permission: 'appointments:create',
    params: appointmentParams,
    body: rescheduleBody,
    response: appointmentResponse,
    problems: [
      ...timeRefusals,
      ...(['patient_busy', 'patient_deceased', 'not_found', 'step_not_allowed', 'stale_version'] as const),
    ],
    idempotent: true,
    handle: async ({ actor, params, body, ifMatch, once }) =>
      appointments.reschedule(actor, params.appointment_id, body, { ifMatch, once }),
  }),
];

const holds = (appointments: AppointmentsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/holds',
    operationId: 'holdSlot',
    tag,
    audit: { action: 'hold.take', whose: ofOne },
    summary: 'Keep a slot for a few minutes, before booking it',
    description: `Book it by \`POST /appointments\` with the \`hold_id\` before it expires. ${aboutTimes}`,
    permission: 'appointments:create',
    body: holdBody,
    status: 201,
    response: holdResponse,
    problems: [...timeRefusals, 'patient_busy', 'patient_deceased', 'not_found', 'too_many_holds'],
    idempotent: true,
    handle: async ({ actor, body, once }) => appointments.hold(actor, body, once),
  }),
  defineRoute({
    method: 'delete',
    path: '/holds/:hold_id',
    operationId: 'releaseHold',
    tag,
    audit: { action: 'hold.release', whose: asTheServiceSays },
    summary: 'Give a held slot back: the patient whose hold it is, an admin',
    permission: 'appointments:create',
    params: holdParams,
    problems: ['not_found'],
    handle: async ({ actor, params }) => appointments.release(actor, params.hold_id),
  }),
];

const slots = (appointments: AppointmentsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/doctors/:doctor_id/slots',
    operationId: 'listFreeSlots',
    tag: 'doctors',
    audit: 'none',
    summary: 'The free slots of a doctor, in order',
    description:
      'What can be booked just now: `from` is in the period, `to` is not; at most 31 days, the next 7 by default. Nothing of ' +
      'the past, and nothing beyond what the hospital books ahead. `time_zone` is that of the hospital.',
    permission: 'public',
    params: slotParams,
    query: slotQuery,
    response: slotResponse,
    problems: ['not_found'],
    handle: async ({ actor, params, query }) => appointments.listFree(actor, params.doctor_id, query),
  }),
];

export const bookingRoutes = (appointments: AppointmentsService['forActors']): AnyRoute[] => [
  ...bookings(appointments),
  ...holds(appointments),
  ...slots(appointments),
];
