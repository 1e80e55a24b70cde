import type { Money } from '../../../lib/money.js';
import type { Sex } from '../../../lib/sex.js';
import type { AppointmentStatus } from '../appointments/appointments.types.js';

/** "No known allergies" and "nobody asked" are different facts, so the list has a state of its own. */
export const allergyStates = ['not_asked', 'none_known', 'listed'] as const;
export type AllergyState = (typeof allergyStates)[number];

export interface Diagnosis {
  disease: string;
  code: string | null;
  /** Calendar days, midnight UTC. A diagnosis without an end is open. */
  start_date: Date;
  end_date: Date | null;
}

export interface Allergy {
  substance: string;
  code: string | null;
  category: string | null;
  reaction: string | null;
  severity: string | null;
}

export interface Contact {
  phone: string | null;
  email: string | null;
  address: string | null;
}

/** What a patient's own document says of an appointment: in step with `appointments` by the same transaction. */
export interface AppointmentSummary {
  appointment_id: string;
  doctor_id: string;
  date: Date;
  status: AppointmentStatus;
  disease: string | null;
}

export interface PrescriptionSummary {
  prescription_id: string;
  doctor_id: string;
  drug: string;
  cost: Money;
  disease: string | null;
  start_date: Date | null;
  end_date: Date | null;
}

/** How many summaries a patient's document keeps: the newest. */
export const recentCount = 20;

export interface Patient {
  patient_id: string;
  name: string;
  /** Calendar day, midnight UTC; null when nobody knows. */
  date_of_birth: Date | null;
  /** The date of birth was worked out from an age. */
  date_of_birth_estimated: boolean;
  deceased_date: Date | null;
  sex: Sex;
  /** The distinct diseases of the open diagnoses, in the order of their first start. Derived, never set. */
  diseases: string[];
  diagnoses: Diagnosis[];
  allergies: { state: AllergyState; items: Allergy[] };
  contact: Contact;
  department_id: string | null;
  user_id: string | null;
  /** Newest first, at most `recentCount`. */
  appointments: AppointmentSummary[];
  prescriptions: PrescriptionSummary[];
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** PAT-7: a record that has become part of another one, as it was then, without its summaries. */
export interface MergedPatient extends Patient {
  into_patient_id: string;
  merge_id: string;
}

export type KnownPatient = Partial<Patient> & Pick<Patient, 'patient_id' | 'name'>;

/** A patient of whom nobody knows more than this. What is derived from it is for the service to derive. */
export const blankPatient = (known: KnownPatient, created_at: Date): Patient => ({
  date_of_birth: null,
  date_of_birth_estimated: false,
  deceased_date: null,
  sex: 'unknown',
  diseases: [],
  diagnoses: [],
  allergies: { state: 'not_asked', items: [] },
  contact: { phone: null, email: null, address: null },
  department_id: null,
  user_id: null,
  appointments: [],
  prescriptions: [],
  version: 1,
  created_at,
  updated_at: created_at,
  ...known,
});
