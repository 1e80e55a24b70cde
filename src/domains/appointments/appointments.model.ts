import type { Connection } from 'mongoose';
import type { DocumentOf } from '../../databases/document-store.js';
import { defineModel } from '../../databases/mongo.js';
import { appointmentStatuses, type Appointment } from './appointments.types.js';

export type AppointmentDocument = DocumentOf<Appointment, 'appointment_id'>;

export const appointmentModel = (connection: Connection) =>
  defineModel<AppointmentDocument>(connection, 'Appointment', 'appointments', {
    _id: { type: String, required: true },
    patient_id: { type: String, required: true },
    doctor_id: { type: String, required: true },
    department_id: { type: String, required: true },
    hospital_id: { type: String, required: true },
    date: { type: Date, required: true },
    ended_at: { type: Date, default: null },
    status: { type: String, enum: appointmentStatuses, required: true },
    disease: { type: String, default: null },
    disease_code: { type: String, default: null },
    reason: { type: String, default: null },
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
