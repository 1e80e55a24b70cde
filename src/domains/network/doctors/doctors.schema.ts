import {
  calendarDate,
  endOfDay,
  flag,
  id,
  instant,
  integer,
  listOf,
  money,
  name,
  nullable,
  optional,
  pageOf,
  paging,
  shape,
  term,
  text,
  timeOfDay,
  withDefault,
} from '../../../lib/fields.js';

const window = shape({
  weekday: integer(1, 7).description(
    'ISO 8601: Monday is 1, Sunday 7. Of a night the day on which it begins.',
  ),
  start: timeOfDay().description('A multiple of five minutes, as the end is.'),
  end: endOfDay().description(
    '`24:00` is midnight; an end before the start is a night’s, over on the next day. Windows do not overlap.',
  ),
});

/** What anybody may know of a doctor. */
const shown = {
  name: name(),
  specialty: name(100),
  department_id: id(),
  // Twice as much is an amount still, and so is the fee with any tax on it.
  consultation_fee: money({ min: 0.01, max: 4_999_999_999.99 }),
  availability: listOf(window, 50).description('Weekly windows, in the time zone of the hospital.'),
  slot_minutes: integer(5, 240).multiple(5),
  slot_capacity: integer(1, 50).description('How many patients a slot takes.'),
  accepting: flag().description('Takes new appointments.'),
} as const;

/** What only an admin and the doctor may know. */
const hidden = {
  registration_number: text(64),
  registration_expiry: calendarDate(),
  leave_days: listOf(calendarDate(), 366),
} as const;

export const doctorParams = shape({ doctor_id: id() });

export const doctorQuery = shape({
  ...paging,
  specialty: optional(term(100)),
  department_id: optional(id()),
  hospital_id: optional(id()),
  region: optional(term(100)),
  q: optional(term(100).description('Words of the name, all of them, each from its beginning.')),
  available: optional(flag().description('Registered, not expired, and taking new appointments today.')),
  available_at: optional(
    instant().description(
      'In addition on duty at this time: in a weekly window, within the hours of the department, not on leave.',
    ),
  ),
});

export const createDoctorBody = shape({
  doctor_id: optional(id()),
  name: shown.name,
  specialty: shown.specialty,
  department_id: shown.department_id,
  registration_number: hidden.registration_number,
  registration_expiry: hidden.registration_expiry,
  consultation_fee: shown.consultation_fee,
  availability: withDefault(shown.availability, []),
  slot_minutes: withDefault(shown.slot_minutes, 15),
  slot_capacity: withDefault(shown.slot_capacity, 1),
  leave_days: withDefault(hidden.leave_days, []),
  accepting: withDefault(shown.accepting, true),
});

/** What keeps its value where a change leaves it out, by PATCH and by PUT. */
const contractual = {
  department_id: optional(shown.department_id),
  registration_number: optional(hidden.registration_number),
  registration_expiry: optional(hidden.registration_expiry),
  consultation_fee: optional(shown.consultation_fee),
  availability: optional(shown.availability),
  slot_minutes: optional(shown.slot_minutes),
  slot_capacity: optional(shown.slot_capacity),
  leave_days: optional(hidden.leave_days),
  accepting: optional(shown.accepting),
} as const;

export const updateDoctorBody = shape({
  name: optional(shown.name),
  specialty: optional(shown.specialty),
  ...contractual,
}).min(1);

export const updateDoctorQuery = shape({
  keep_visits: optional(
    flag().description(
      'Visits that are booked on new days of leave stay. Without it they are listed, and nothing changes.',
    ),
  ),
});

/** What POST takes; what is contractual may be left out. */
export const replaceDoctorBody = shape({
  doctor_id: optional(id().description('That of the address.')),
  name: shown.name,
  specialty: shown.specialty,
  ...contractual,
});

const version = integer(1, Number.MAX_SAFE_INTEGER);

export const doctorResponse = shape({
  doctor_id: id(),
  ...shown,
  hospital_id: id(),
  available: flag().description('Registered, not expired, and taking new appointments today.'),
  version,
});

export const doctorPage = pageOf(doctorResponse);

export const doctorRecordResponse = shape({
  doctor_id: id(),
  ...shown,
  hospital_id: id(),
  ...hidden,
  user_id: nullable(id()),
  version,
  created_at: instant(),
  updated_at: instant(),
});
