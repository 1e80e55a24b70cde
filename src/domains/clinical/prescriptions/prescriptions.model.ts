import type { Connection } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo.js';
import { doseUnits, type Prescription, type PrescriptionVersion } from './prescriptions.types.js';

export type PrescriptionDocument = DocumentOf<Prescription, 'prescription_id'>;
export type VersionDocument = DocumentOf<PrescriptionVersion, 'version_id'>;

const fields = {
  patient_id: { type: String, required: true },
  doctor_id: { type: String, required: true },
  appointment_id: { type: String, default: null },
  department_id: { type: String, required: true },
  hospital_id: { type: String, required: true },
  drug: { type: String, required: true },
  drug_code: { type: String, default: null },
  dosage: {
    type: {
      value: { type: Number, required: true },
      unit: { type: String, enum: doseUnits, required: true },
    },
    default: null,
    _id: false,
  },
  // A word of the vocabulary or a number of times per day: the request's shape has checked which.
  frequency: { type: Object, default: null },
  cost: { type: 'Decimal128', required: true },
  disease: { type: String, default: null },
  disease_code: { type: String, default: null },
  start_date: { type: Date, default: null },
  end_date: { type: Date, default: null },
  version: { type: Number, required: true },
  created_at: { type: Date, required: true },
  updated_at: { type: Date, required: true },
} as const;

export const prescriptionModel = (connection: Connection) =>
  defineModel<PrescriptionDocument>(connection, 'Prescription', 'prescriptions', {
    _id: { type: String, required: true },
    ...fields,
  });

export const versionModel = (connection: Connection) =>
  defineModel<VersionDocument>(connection, 'PrescriptionVersion', 'prescription_versions', {
    _id: { type: String, required: true },
    prescription_id: { type: String, required: true },
    version: { type: Number, required: true },
    replaced_at: { type: Date, required: true },
    replaced_by: { type: String, required: true },
    prescription: {
      type: { prescription_id: { type: String, required: true }, ...fields },
      required: true,
      _id: false,
    },
  });
