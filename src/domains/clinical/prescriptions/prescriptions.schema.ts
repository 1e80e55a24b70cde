import Joi from 'joi';
import {
  calendarDate,
  decimal,
  id,
  instant,
  integer,
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
  withDefault,
} from '../../../lib/fields.js';
import {
  doseUnits,
  frequencies,
  type Dosage,
  type Frequency,
  type PrescriptionWording,
} from './prescriptions.types.js';
import { readDosage, readFrequency } from './prescriptions.wording.js';

const timesPerDay = Array.from({ length: 24 }, (_, hour) => hour + 1);

/** As the answers have it. */
const frequency = (): Joi.AnySchema<Frequency> =>
  Joi.valid(...frequencies, ...timesPerDay).description(
    'A word of the vocabulary, or how many times per day.',
  ) as Joi.AnySchema<Frequency>;

const dosage = (): Joi.AnySchema<Dosage> =>
  shape({ value: decimal(0, 1_000_000).greater(0), unit: oneOf(...doseUnits) });

/** Text is read as people write it; anything else is as the answers have it. */
const orText = <T>(read: (text: string) => T, otherwise: Joi.Schema, about: string): Joi.AnySchema<T> =>
  Joi.alternatives()
    .conditional(Joi.string(), { then: text(100).custom(read), otherwise })
    .description(about);

const givenDosage = (): Joi.AnySchema<Dosage> =>
  orText(readDosage, dosage(), '`"500mg"`, `"500 mg"`, `"1 tablet"`, or a value and its unit.').example(
    '500 mg',
  );

const givenFrequency = (): Joi.AnySchema<Frequency> =>
  orText(
    readFrequency,
    Joi.valid(...timesPerDay),
    'How many times a day, a word of the vocabulary, or as people write it: `"Daily"`, `"twice daily"`, `"BID"`, ' +
      '`"every 8 hours"`, `"1-0-1"`, `"at night"`, `"as needed"`. What cannot be read is refused.',
  ).example('twice daily');

/** What a correction may change. */
const wording = {
  drug: name(500),
  drug_code: nullable(text(64)),
  dosage: givenDosage(),
  frequency: givenFrequency(),
  cost: money(),
  disease: nullable(name(500)),
  disease_code: nullable(text(64)),
  start_date: nullable(calendarDate()),
  end_date: nullable(calendarDate()),
} as const;

export const prescriptionParams = shape({ prescription_id: id() });

export const prescriptionQuery = shape({
  ...paging,
  patient_id: optional(id()),
  doctor_id: optional(id()),
  drug: optional(term(500)),
  active_on: optional(calendarDate()),
  hospital_id: optional(id()),
  region: optional(term(100)),
});

export const versionQuery = shape(paging);

export const createPrescriptionBody = shape({
  patient_id: id(),
  doctor_id: id(),
  appointment_id: withDefault(nullable(id()), null),
  drug: wording.drug,
  drug_code: withDefault(wording.drug_code, null),
  dosage: wording.dosage,
  frequency: wording.frequency,
  cost: wording.cost,
  disease: withDefault(wording.disease, null),
  disease_code: withDefault(wording.disease_code, null),
  start_date: withDefault(wording.start_date, null),
  end_date: withDefault(wording.end_date, null),
});

// The type is told: joi's own inference takes a field called `value` for the value of the object.
export const updatePrescriptionBody = shape({
  drug: optional(wording.drug),
  drug_code: optional(wording.drug_code),
  dosage: optional(wording.dosage),
  frequency: optional(wording.frequency),
  cost: optional(wording.cost),
  disease: optional(wording.disease),
  disease_code: optional(wording.disease_code),
  start_date: optional(wording.start_date),
  end_date: optional(wording.end_date),
}).min(1) as unknown as Joi.ObjectSchema<Partial<PrescriptionWording>>;

export const prescriptionResponse = shape({
  prescription_id: id(),
  patient_id: id(),
  doctor_id: id(),
  appointment_id: nullable(id()),
  department_id: id(),
  hospital_id: id(),
  ...wording,
  dosage: nullable(dosage()),
  frequency: nullable(frequency()),
  version: integer(1, Number.MAX_SAFE_INTEGER),
  created_at: instant(),
  updated_at: instant(),
});

export const prescriptionPage = pageOf(prescriptionResponse);

export const versionPage = pageOf(
  shape({
    prescription_id: id(),
    version: integer(1, Number.MAX_SAFE_INTEGER),
    replaced_at: instant(),
    replaced_by: id(),
    prescription: prescriptionResponse,
  }),
);
