import {
  dayOrInstant,
  id,
  instant,
  integer,
  listOf,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  name,
  shape,
  text,
  withDefault,
} from '../../lib/fields.js';
import { bookingTimePattern } from './appointments.time.js';
import { appointmentStatuses } from './appointments.types.js';

const status = () => oneOf(...appointmentStatuses);
const bookingTime = () =>
  text(40)
    .pattern(bookingTimePattern, 'ISO 8601 time with an offset, or dd/mm/yyyy hh:mm:ss')
    .description(
      'In the future, and no further ahead than the hospital books: an ISO 8601 time with an offset, or `dd/mm/yyyy hh:mm:ss` ' +
        'on the clock of the hospital.',
    );

/** What may be written of a visit. */
const notes = {
  disease: nullable(text(500)),
  disease_code: nullable(text(64)),
  reason: nullable(text(1000)),
} as const;

export const appointmentParams = shape({ appointment_id: id() });
export const bookingParams = shape({ doctor_id: id() });

const listed = {
  ...paging,
  status: optional(status()),
  from: optional(dayOrInstant()),
  to: optional(dayOrInstant()),
  sort: withDefault(oneOf('-date', 'date'), '-date'),
} as const;

export const appointmentQuery = shape({
  ...listed,
  doctor_id: optional(id()),
  patient_id: optional(id()),
  department_id: optional(id()),
  hospital_id: optional(id()),
  region: optional(name(100)),
});

export const ownAppointmentQuery = shape(listed);

export const createAppointmentBody = shape({
  // `GET /appointments/mine` is an address of its own.
  appointment_id: optional(id().invalid('mine')),
  doctor_id: id(),
  date: bookingTime(),
  patient_id: optional(id().description('An admin names the patient; a patient books for oneself.')),
  disease: withDefault(notes.disease, null),
  disease_code: withDefault(notes.disease_code, null),
  reason: withDefault(notes.reason, null),
});

export const bookingBody = shape({
  booking_date_time: bookingTime(),
  patient_id: optional(id().description('An admin names the patient; a patient books for oneself.')),
  disease: withDefault(notes.disease, null),
  reason: withDefault(notes.reason, null),
});

export const updateAppointmentBody = shape({
  status: optional(status()),
  disease: optional(notes.disease),
  disease_code: optional(notes.disease_code),
  reason: optional(notes.reason),
}).min(1);

export const appointmentResponse = shape({
  appointment_id: id(),
  patient_id: id(),
  doctor_id: id(),
  department_id: id(),
  hospital_id: id(),
  date: instant(),
  ended_at: nullable(instant()),
  status: status(),
  ...notes,
  history: listOf(shape({ status: status(), at: instant(), by: nullable(id()) })),
  version: integer(1, Number.MAX_SAFE_INTEGER),
  created_at: instant(),
  updated_at: instant(),
});

export const appointmentPage = pageOf(appointmentResponse);
