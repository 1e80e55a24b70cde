import type { Money } from '../../../lib/money.js';

/** A weekly window of availability, in the hospital's zone. `weekday` is ISO 8601: Monday is 1, Sunday 7; that of the start, when the window is a night's. */
export interface AvailabilityWindow {
  weekday: number;
  start: string;
  end: string;
}

export interface Doctor {
  doctor_id: string;
  name: string;
  specialty: string;
  department_id: string;
  /** The department's hospital, kept here so that lists and reports filter without a join. */
  hospital_id: string;
  registration_number: string;
  /** The last day of the registration (midnight UTC of that calendar day). */
  registration_expiry: Date;
  consultation_fee: Money;
  availability: AvailabilityWindow[];
  /** A multiple of five, as the times of the windows are: slots are claimed in grains of five minutes. */
  slot_minutes: number;
  /** How many patients a slot takes. */
  slot_capacity: number;
  /** Calendar days (midnight UTC) without appointments. */
  leave_days: Date[];
  /** Takes new appointments. */
  accepting: boolean;
  user_id: string | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** What tells one from another to who chooses. */
export type DoctorName = Pick<Doctor, 'doctor_id' | 'name' | 'specialty'>;
