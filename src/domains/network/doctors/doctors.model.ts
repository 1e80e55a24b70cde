import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type { Doctor } from './doctors.types.js';

type DoctorDocument = DocumentOf<Doctor, 'doctor_id'>;

export const doctorModel = defineModel<DoctorDocument>({
  collection: 'doctors',
  named: 'name',
  fields: {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    specialty: { type: String, required: true },
    department_id: { type: String, required: true },
    hospital_id: { type: String, required: true },
    registration_number: { type: String, required: true },
    registration_expiry: { type: Date, required: true },
    consultation_fee: { type: 'Decimal128', required: true } as never,
    availability: {
      type: [
        {
          _id: false,
          weekday: { type: Number, required: true },
          start: { type: String, required: true },
          end: { type: String, required: true },
        },
      ],
      required: true,
    },
    slot_minutes: { type: Number, required: true },
    slot_capacity: { type: Number, required: true, default: 1 },
    leave_days: { type: [Date], required: true },
    accepting: { type: Boolean, required: true },
    user_id: { type: String, default: null },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  },
  indexes: [
    {
      key: by('registration_number'),
      unique: true,
      serves: 'DOC-1: a registration is one doctor’s',
    },
    { key: by('name_order', '_id'), serves: 'GET /doctors' },
    {
      key: by('department_id', 'name_order', '_id'),
      serves: 'GET /doctors?department_id=; whether a department still has doctors',
    },
    { key: by('specialty', 'name_order', '_id'), serves: 'GET /doctors?specialty=' },
    {
      key: by('name_words'),
      serves: 'GET /doctors?q=',
    },
  ],
});
