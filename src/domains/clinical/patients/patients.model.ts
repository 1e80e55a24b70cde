import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { appointmentStatuses } from '../appointments/appointments.types.js';
import { sexes } from '../../../lib/sex.js';
import { allergyStates, type MergedPatient, type Patient } from './patients.types.js';

export type PatientDocument = DocumentOf<Patient, 'patient_id'>;

const text = { type: String, default: null };
const needed = { type: String, required: true };
const day = { type: Date, default: null };

/** PAT-8: the doctors who treat the patient, for queries: derived from the visits, never shown. */
const careTeam: object = { care_team: { type: [String], default: undefined } };

/** PAT-7: what a record is compared by, and whether it was since it was written: never shown. */
const comparison: object = { match_keys: { type: [String], default: undefined }, compared_by: String };

const fields = {
  _id: needed,
  name: needed,
  date_of_birth: day,
  date_of_birth_estimated: { type: Boolean, required: true },
  deceased_date: day,
  sex: { ...needed, enum: sexes },
  diseases: { type: [String], required: true },
  diagnoses: [
    { _id: false, disease: needed, code: text, start_date: { type: Date, required: true }, end_date: day },
  ],
  allergies: {
    state: { ...needed, enum: allergyStates },
    items: [{ _id: false, substance: needed, code: text, category: text, reaction: text, severity: text }],
  },
  contact: { phone: text, email: text, address: text },
  department_id: text,
  user_id: text,
  ...careTeam,
  appointments: [
    {
      _id: false,
      appointment_id: needed,
      doctor_id: needed,
      date: { type: Date, required: true },
      status: { ...needed, enum: appointmentStatuses },
      disease: text,
    },
  ],
  prescriptions: [
    {
      _id: false,
      prescription_id: needed,
      doctor_id: needed,
      drug: needed,
      cost: { type: 'Decimal128', required: true },
      disease: text,
      start_date: day,
      end_date: day,
    },
  ],
  version: { type: Number, required: true },
  created_at: { type: Date, required: true },
  updated_at: { type: Date, required: true },
} as const;

export const patientModel = defineModel<PatientDocument>({
  collection: 'patients',
  named: 'name',
  phone: 'contact.phone',
  fields: { ...fields, ...comparison },
  indexes: [
    { key: by('match_keys'), serves: 'PAT-7: records that may be of one patient' },
    { key: by('compared_by'), serves: 'PAT-7: records that are still to be compared' },
    { key: by('name_words'), serves: 'GET /patients?q=' },
    { key: by('phone_key', 'created_at', '_id'), serves: 'GET /patients?phone=' },
    { key: by('created_at', '_id'), serves: 'GET /patients' },
    {
      key: by('care_team', 'created_at', '_id'),
      serves: 'PAT-8: GET /patients by a doctor: those whom the doctor treats',
    },
    { key: by('name_order', '_id'), serves: 'GET /patients?sort=name' },
    {
      key: by('date_of_birth', '_id'),
      serves: 'GET /patients?age_from=&age_to=, sort=date_of_birth',
    },
    { key: by('diseases', 'created_at', '_id'), serves: 'GET /patients?disease=' },
    {
      key: by('department_id', 'created_at', '_id'),
      serves: 'GET /patients?department_id=; whether a department still has patients',
    },
  ],
});

/** PAT-7: those that were merged into another, under the id that they had. */
export const mergedPatientModel = defineModel<DocumentOf<MergedPatient, 'patient_id'>>({
  collection: 'merged_patients',
  fields: { ...fields, into_patient_id: needed, merge_id: needed },
  indexes: [
    { key: by('into_patient_id'), serves: 'AUTH-8: who has read the records that became a part of one' },
  ],
});
