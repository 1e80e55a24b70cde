import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { doseUnits, type Prescription, type PrescriptionVersion } from './prescriptions.types.js';

export type PrescriptionDocument = DocumentOf<Prescription, 'prescription_id'>;
type VersionDocument = DocumentOf<PrescriptionVersion, 'version_id'>;

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

export const prescriptionModel = defineModel<PrescriptionDocument>({
  collection: 'prescriptions',
  fields: {
    _id: { type: String, required: true },
    ...fields,
  },
  indexes: [
    {
      key: by('patient_id', 'created_at', '_id'),
      serves: 'GET /prescriptions?patient_id=, the newest in the patient’s document',
    },
    {
      key: by('doctor_id', 'created_at', '_id'),
      serves: 'GET /prescriptions?doctor_id=',
    },
    { key: by('drug', 'created_at', '_id'), serves: 'GET /prescriptions?drug=' },
    { key: by('created_at', '_id'), serves: 'GET /prescriptions' },
    {
      key: by('appointment_id'),
      serves: 'whether an appointment that is to be removed has prescriptions',
    },
    // No other index of prescriptions may begin with `disease`: with both, a report over all diseases (a code or a name that
    // is not null) reads two whole indexes and every document, instead of the collection once.
    {
      key: by(
        ...['disease_code', 'disease', 'start_date', 'patient_id', 'cost'],
        ...['hospital_id', 'department_id', 'doctor_id'],
      ),
      serves: 'covers the report average-prescription-cost?disease=; which codes a disease goes by',
    },
  ],
});

export const versionModel = defineModel<VersionDocument>({
  collection: 'prescription_versions',
  fields: {
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
  },
  indexes: [
    {
      key: by('prescription_id', 'replaced_at', '_id'),
      serves: 'GET /prescriptions/{prescription_id}/versions',
    },
    { key: by('prescription.patient_id'), serves: 'PAT-7: the wordings that a merge moves' },
  ],
});
