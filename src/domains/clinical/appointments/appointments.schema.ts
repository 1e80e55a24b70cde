import type Joi from 'joi';
import {
  dayOrInstant,
  id,
  instant,
  integer,
  listOf,
  money,
  name,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  term,
  text,
  timeZone,
  withDefault,
} from '../../../lib/fields.js';
import { readStatus } from './appointments.status.js';
import { bookingTimePattern } from './appointments.time.js';
import {
  appointmentStatuses,
  cancellationCodes,
  mostReschedules,
  paymentStatuses,
  type AppointmentStatus,
} from './appointments.types.js';

const status = () => oneOf(...appointmentStatuses);
/** As people write it. */
const givenStatus = (only?: AppointmentStatus): Joi.AnySchema<AppointmentStatus> =>
  text(40)
    .custom((given: string) => {
      const word = readStatus(given);
      if (only !== undefined && word !== only) throw new Error(`must be ${only}, if it is said at all`);
      return word;
    })
    .example(only ?? 'cancelled')
    .description(
      only === undefined
        ? `One of ${appointmentStatuses.join(', ')}, in any case; \`Booked\` is \`scheduled\`.`
        : 'What a booking is in any case: `scheduled` or `Booked`.',
    ) as unknown as Joi.AnySchema<AppointmentStatus>;
const bookingTime = () =>
  text(40)
    .pattern(bookingTimePattern, 'ISO 8601 time with an offset, dd/mm/yyyy hh:mm:ss, or a day alone')
    .description(
      'In the future, and no further ahead than the hospital books: an ISO 8601 time with an offset, or `dd/mm/yyyy hh:mm:ss` ' +
        'on the clock of the hospital. A day alone (`2026-12-07`) takes the first free slot of the doctor on that day.',
    );

const cancellationReason = () =>
  oneOf(...cancellationCodes).description(
    'A code of HL7’s appointment-cancellation-reason. Those of a patient: pat, pat-fb, pat-lt, pat-mv, pat-uwo, oth-fin, and not-stated, which a cancellation without a reason gets; of a ' +
      'doctor: prov, prov-pers, prov-edu, prov-hosp; all others are the hospital’s.',
  );
const forWhom = () => optional(id().description('An admin names the patient; a patient books for oneself.'));
/** What somebody books with, instead of just taking the slot. */
const means = {
  hold_id: optional(id().description('The hold that keeps the slot for the patient: see `POST /holds`.')),
  overbooking_reason: optional(
    text(500).description('An admin books beyond what the slot takes, if it must, and says why.'),
  ),
} as const;

/** What may be written of a visit. */
const notes = {
  disease: nullable(name(500)),
  disease_code: nullable(text(64)),
  reason: nullable(text(1000)),
} as const;

export const appointmentParams = shape({ appointment_id: id() });
export const bookingParams = shape({ doctor_id: id() });

const listed = {
  ...paging,
  status: optional(givenStatus()),
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
  region: optional(term(100)),
});

export const ownAppointmentQuery = shape(listed);

export const createAppointmentBody = shape({
  // `GET /appointments/mine` is an address of its own.
  appointment_id: optional(id().invalid('mine')),
  doctor_id: id(),
  date: bookingTime(),
  status: optional(givenStatus('scheduled')),
  patient_id: forWhom(),
  disease: withDefault(notes.disease, null),
  disease_code: withDefault(notes.disease_code, null),
  reason: withDefault(notes.reason, null),
  ...means,
});

export const bookingBody = shape({
  booking_date_time: bookingTime(),
  patient_id: forWhom(),
  disease: withDefault(notes.disease, null),
  reason: withDefault(notes.reason, null),
  ...means,
});

export const rescheduleBody = shape({
  date: bookingTime(),
  reason: withDefault(nullable(text(500)), null),
});

export const holdParams = shape({ hold_id: id() });
export const holdBody = shape({ doctor_id: id(), date: bookingTime(), patient_id: forWhom() });
export const holdResponse = shape({
  hold_id: id(),
  doctor_id: id(),
  patient_id: id(),
  date: instant(),
  slot_end: instant(),
  expires_at: instant(),
});

export const slotParams = shape({ doctor_id: id() });
export const slotQuery = shape({ from: optional(dayOrInstant()), to: optional(dayOrInstant()) });
export const slotResponse = shape({
  doctor_id: id(),
  time_zone: timeZone(),
  items: listOf(shape({ start: instant(), end: instant(), free: integer(1, 1_000_000) }), 10_000),
});

export const updateAppointmentBody = shape({
  status: optional(givenStatus()),
  disease: optional(notes.disease),
  disease_code: optional(notes.disease_code),
  reason: optional(notes.reason),
  cancellation_reason: optional(cancellationReason()),
}).min(1);

export const appointmentResponse = shape({
  appointment_id: id(),
  patient_id: id(),
  doctor_id: id(),
  department_id: id(),
  hospital_id: id(),
  date: instant(),
  slot_end: nullable(instant()),
  ended_at: nullable(instant()),
  status: status(),
  ...notes,
  consultation_fee: nullable(money()),
  overbooking_reason: nullable(text(500)),
  cancellation_reason: nullable(cancellationReason()),
  reschedules: listOf(
    shape({
      from: instant(),
      to: instant(),
      at: instant(),
      by: id(),
      party: oneOf('patient', 'hospital'),
      reason: nullable(text(500)),
    }),
    mostReschedules,
  ),
  payment: nullable(
    shape({
      transaction_id: id(),
      status: oneOf(...paymentStatuses),
      total_fee: money(),
      refunded: money(),
      as_of: integer(0, Number.MAX_SAFE_INTEGER),
    }),
  ),
  history: listOf(shape({ status: status(), at: instant(), by: nullable(id()) })),
  version: integer(1, Number.MAX_SAFE_INTEGER),
  created_at: instant(),
  updated_at: instant(),
});

export const appointmentPage = pageOf(appointmentResponse);
