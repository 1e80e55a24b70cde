import { Schema, type Connection } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo.js';
import {
  appointmentStatuses,
  cancellationCodes,
  type Appointment,
  type PaymentMark,
} from './appointments.types.js';

export type AppointmentDocument = DocumentOf<Appointment, 'appointment_id'>;

export const appointmentModel = (connection: Connection) =>
  defineModel<AppointmentDocument>(connection, 'Appointment', 'appointments', {
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
  });
