import type { Money } from '../../../lib/money.js';

export const doseUnits = [
  'mg', 'g', 'mcg', 'ml', 'IU', '%', 'tablet', 'capsule', 'puff', 'drop', 'patch', 'unit',
] as const; // prettier-ignore
export type DoseUnit = (typeof doseUnits)[number];

export const frequencies = [
  'once', 'once_daily', 'twice_daily', 'three_times_daily', 'four_times_daily', 'every_4_hours', 'every_6_hours',
  'every_8_hours', 'every_12_hours', 'every_other_day', 'weekly', 'monthly', 'at_bedtime', 'as_needed',
] as const; // prettier-ignore

/** A word of the vocabulary, or times per day. */
export type Frequency = (typeof frequencies)[number] | number;

export interface Dosage {
  value: number;
  unit: DoseUnit;
}

export interface Prescription {
  prescription_id: string;
  patient_id: string;
  doctor_id: string;
  appointment_id: string | null;
  /** The doctor's department and hospital when it was written. */
  department_id: string;
  hospital_id: string;
  drug: string;
  drug_code: string | null;
  /** Null only in imported history that does not state it. */
  dosage: Dosage | null;
  frequency: Frequency | null;
  cost: Money;
  disease: string | null;
  disease_code: string | null;
  /** Calendar days, midnight UTC. */
  start_date: Date | null;
  end_date: Date | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** What a correction may change. */
export type PrescriptionWording = Pick<
  Prescription,
  'drug' | 'drug_code' | 'cost' | 'disease' | 'disease_code' | 'start_date' | 'end_date'
> & { dosage: Dosage; frequency: Frequency };

/** An earlier wording of a prescription, kept when it is corrected or removed. */
export interface PrescriptionVersion {
  version_id: string;
  prescription_id: string;
  version: number;
  replaced_at: Date;
  /** The user who corrected or removed it. */
  replaced_by: string;
  prescription: Prescription;
}
