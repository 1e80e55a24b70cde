import {
  calendarDate,
  email,
  flag,
  id,
  instant,
  integer,
  lines,
  listOf,
  money,
  name,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  phone,
  shape,
  term,
  text,
  withDefault,
} from '../../../lib/fields.js';
import { appointmentStatuses } from '../appointments/appointments.types.js';
import { sexes } from '../../../lib/sex.js';
import { allergyStates, recentCount } from './patients.types.js';

const diagnosis = {
  disease: name(500),
  code: nullable(text(64)),
  start_date: calendarDate(),
  end_date: nullable(calendarDate().description('Not before start_date; none while the diagnosis is open.')),
} as const;

const allergy = {
  substance: name(500),
  code: nullable(text(64)),
  category: nullable(text(100)),
  reaction: nullable(text(500)),
  severity: nullable(text(100)),
} as const;

const contact = {
  phone: nullable(phone()),
  email: nullable(email()),
  address: nullable(lines(500)),
} as const;

const allergyState = () =>
  oneOf(...allergyStates).description('`listed` when there are items, and only then.');

/** As a client sends them: what is left out of a diagnosis or an allergy is not known. */
const given = {
  diagnoses: listOf(
    shape({
      ...diagnosis,
      code: withDefault(diagnosis.code, null),
      end_date: withDefault(diagnosis.end_date, null),
    }),
    500,
  ),
  allergies: shape({
    state: allergyState(),
    items: withDefault(
      listOf(
        shape({
          substance: allergy.substance,
          code: withDefault(allergy.code, null),
          category: withDefault(allergy.category, null),
          reaction: withDefault(allergy.reaction, null),
          severity: withDefault(allergy.severity, null),
        }),
        200,
      ),
      [],
    ),
  }),
} as const;

const noContact = { phone: null, email: null, address: null };
const age = integer(0, 130).description('In years; a date of birth is worked out from it.');
const sex = oneOf(...sexes);

export const patientParams = shape({ patient_id: id() });

const patientSorts = [
  '-created_at',
  'created_at',
  'name',
  '-name',
  'date_of_birth',
  '-date_of_birth',
] as const;

export const patientQuery = shape({
  ...paging,
  sort: withDefault(oneOf(...patientSorts), '-created_at'),
  q: optional(term(100).description('Words of the name, all of them, each from its beginning.')),
  phone: optional(phone().description('The number of the contact, however it is written.')),
  disease: optional(term(500).description('An open diagnosis.')),
  department_id: optional(id()),
  hospital_id: optional(id()),
  region: optional(term(100)),
  age_from: optional(integer(0, 130)),
  age_to: optional(integer(0, 130).description('Inclusive.')),
});

export const createPatientBody = shape({
  patient_id: optional(id()),
  name: name(),
  date_of_birth: optional(calendarDate().description('This or `age` is required.')),
  age: optional(age),
  deceased_date: withDefault(nullable(calendarDate()), null),
  sex: withDefault(sex, 'unknown'),
  diseases: optional(
    listOf(name(500), 100).description(
      'Each becomes a diagnosis that is open from today. Instead of `diagnoses`.',
    ),
  ),
  diagnoses: optional(given.diagnoses),
  allergies: withDefault(given.allergies, { state: 'not_asked', items: [] }),
  contact: withDefault(
    shape({
      phone: withDefault(contact.phone, null),
      email: withDefault(contact.email, null),
      address: withDefault(contact.address, null),
    }),
    noContact,
  ),
  department_id: withDefault(nullable(id()), null),
});

/** What keeps its value where a change leaves it out, by PATCH and by PUT. */
const kept = {
  diagnoses: optional(given.diagnoses.description('Replaces the list.')),
  allergies: optional(given.allergies),
  contact: optional(
    shape({
      phone: optional(contact.phone),
      email: optional(contact.email),
      address: optional(contact.address),
    }).description('What is left out stays as it is.'),
  ),
  department_id: optional(nullable(id())),
} as const;

export const updatePatientBody = shape({
  name: optional(name()),
  date_of_birth: optional(nullable(calendarDate())),
  age: optional(age),
  deceased_date: optional(
    nullable(calendarDate()).description(
      'Cancels what is still to come. null undoes it, but brings no visit back.',
    ),
  ),
  sex: optional(sex),
  ...kept,
}).min(1);

/** What POST takes; all but the name may be left out. */
export const replacePatientBody = shape({
  patient_id: optional(id().description('That of the address.')),
  name: name(),
  date_of_birth: optional(nullable(calendarDate())),
  age: optional(age),
  deceased_date: optional(nullable(calendarDate())),
  sex: optional(sex),
  diseases: optional(
    listOf(name(500), 100).description(
      'Those that are open: a new one opens today, and one that is not named ends today. Instead of `diagnoses`.',
    ),
  ),
  ...kept,
});

/** A patient without what other collections hold, as lists give it. */
const listed = {
  patient_id: id(),
  name: name(),
  date_of_birth: nullable(calendarDate()),
  date_of_birth_estimated: flag(),
  age: nullable(integer(0, 400).description('In full years, today; of the dead, at death.')),
  deceased_date: nullable(calendarDate()),
  sex,
  diseases: listOf(name(500), 500).description('Of the open diagnoses.'),
  diagnoses: listOf(shape(diagnosis), 500),
  allergies: shape({ state: allergyState(), items: listOf(shape(allergy), 200) }),
  contact: shape(contact),
  department_id: nullable(id()),
  user_id: nullable(id()),
  version: integer(1, Number.MAX_SAFE_INTEGER),
  created_at: instant(),
  updated_at: instant(),
} as const;

const appointmentSummary = shape({
  appointment_id: id(),
  doctor_id: id(),
  date: instant(),
  status: oneOf(...appointmentStatuses),
  disease: nullable(text(500)),
});

const prescriptionSummary = shape({
  prescription_id: id(),
  doctor_id: id(),
  drug: name(500),
  cost: money(),
  disease: nullable(text(500)),
  start_date: nullable(calendarDate()),
  end_date: nullable(calendarDate()),
});

export const patientResponse = shape({
  ...listed,
  appointments: listOf(appointmentSummary, recentCount).description('The newest.'),
  prescriptions: listOf(prescriptionSummary, recentCount).description('The newest.'),
});

export const patientPage = pageOf(shape(listed));
