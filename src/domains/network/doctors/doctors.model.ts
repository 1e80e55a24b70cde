import type { Connection } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo.js';
import type { Doctor } from './doctors.types.js';

export type DoctorDocument = DocumentOf<Doctor, 'doctor_id'>;

export const doctorModel = (connection: Connection) =>
  defineModel<DoctorDocument>(connection, 'Doctor', 'doctors', {
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
    slot_capacity: { type: Number, required: true },
    leave_days: { type: [Date], required: true },
    accepting: { type: Boolean, required: true },
    user_id: { type: String, default: null },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  });
