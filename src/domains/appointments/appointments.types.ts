import type { Money } from '../../lib/money.js';

export const appointmentStatuses = ['scheduled', 'checked_in', 'completed', 'cancelled', 'no_show'] as const;
export type AppointmentStatus = (typeof appointmentStatuses)[number];

/** One step of an appointment's life: who made it, and when. */
export interface AppointmentStep {
  status: AppointmentStatus;
  at: Date;
  /** The user; null for an import. */
  by: string | null;
}

export interface Appointment {
  appointment_id: string;
  patient_id: string;
  doctor_id: string;
  /** The doctor's department and hospital when it was booked. */
  department_id: string;
  hospital_id: string;
  date: Date;
  ended_at: Date | null;
  status: AppointmentStatus;
  disease: string | null;
  disease_code: string | null;
  reason: string | null;
  history: AppointmentStep[];
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** The news that an appointment is completed, as it goes to the billing store (payload of the outbox entry). */
export interface AppointmentCompleted {
  appointment_id: string;
  patient_id: string;
  doctor_id: string;
  department_id: string;
  hospital_id: string;
  disease: string | null;
  disease_code: string | null;
  /** The doctor's consultation fee at that moment. */
  consultation_fee: Money;
  completed_at: Date;
}

/** Its kind in the outbox. */
export const appointmentCompleted = 'appointment.completed';
