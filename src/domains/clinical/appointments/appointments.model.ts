import { Schema } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineCollection, defineModel } from '../../../databases/mongo/mongo-model.js';
import {
  appointmentStatuses,
  cancellationCodes,
  type Appointment,
  type PaymentMark,
} from './appointments.types.js';

export type AppointmentDocument = DocumentOf<Appointment, 'appointment_id'>;

export const appointmentModel = defineModel<AppointmentDocument>({
  collection: 'appointments',
  fields: {
    _id: { type: String, required: true },
    patient_id: { type: String, required: true },
    doctor_id: { type: String, required: true },
    department_id: { type: String, required: true },
    hospital_id: { type: String, required: true },
    date: { type: Date, required: true },
    slot_end: { type: Date, default: null },
    ended_at: { type: Date, default: null },
    status: { type: String, enum: appointmentStatuses, required: true },
    disease: { type: String, default: null },
    disease_code: { type: String, default: null },
    reason: { type: String, default: null },
    consultation_fee: { type: 'Decimal128', default: null } as never,
    overbooking_reason: { type: String, default: null },
    cancellation_reason: { type: String, enum: [...cancellationCodes, null], default: null },
    reschedules: {
      type: [{ _id: false, from: Date, to: Date, at: Date, by: String, party: String, reason: String }],
      default: [],
    },
    payment: {
      type: new Schema<PaymentMark>(
        { transaction_id: String, status: String, total_fee: String, refunded: String, as_of: Number },
        { _id: false },
      ),
      default: null,
    } as never,
    history: {
      type: [
        {
          _id: false,
          status: { type: String, enum: appointmentStatuses, required: true },
          at: { type: Date, required: true },
          by: { type: String, default: null },
        },
      ],
      required: true,
    },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  },
  indexes: [
    {
      key: by('doctor_id', 'date', '_id'),
      serves: 'GET /appointments?doctor_id=, a doctor’s future appointments, reports of one doctor',
    },
    {
      key: by('patient_id', 'date', '_id'),
      serves: 'GET /appointments?patient_id=, /appointments/mine, the newest in the patient’s document',
    },
    {
      key: by('department_id', 'date', '_id'),
      serves: 'GET /appointments?department_id=, reports of one department',
    },
    {
      key: by('date', '_id', 'status', 'hospital_id', 'department_id', 'doctor_id'),
      serves: 'GET /appointments; covers the report monthly-appointments-trend',
    },
    {
      key: by('status', 'date', 'doctor_id', 'patient_id', 'hospital_id', 'department_id'),
      serves: 'covers the report top-doctors',
    },
  ],
});

/** Those that were removed, apart for reports that ask what was known before (REP-11, `as_of`); `_id` has the moment in it. */
export const removedAppointments = defineCollection<AppointmentDocument & { removed_at: Date }>({
  collection: 'removed_appointments',
  fields: { ...appointmentModel.fields, removed_at: 'date' },
  indexes: [{ key: by('patient_id'), serves: 'PAT-7: those that a merge moves' }],
});
