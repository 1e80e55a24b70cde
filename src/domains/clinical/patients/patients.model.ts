import type { Connection } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo.js';
import { appointmentStatuses } from '../appointments/appointments.types.js';
import { sexes } from '../../../lib/sex.js';
import { allergyStates, type Patient } from './patients.types.js';

export type PatientDocument = DocumentOf<Patient, 'patient_id'>;

const text = { type: String, default: null };
const needed = { type: String, required: true };
const day = { type: Date, default: null };

export const patientModel = (connection: Connection) =>
  defineModel<PatientDocument>(connection, 'Patient', 'patients', {
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
  });
