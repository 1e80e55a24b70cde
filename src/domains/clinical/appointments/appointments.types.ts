import type { ProblemCode } from '../../../lib/errors.js';
import type { Money } from '../../../lib/money.js';

export const appointmentStatuses = ['scheduled', 'checked_in', 'completed', 'cancelled', 'no_show'] as const;
export type AppointmentStatus = (typeof appointmentStatuses)[number];

/** One step of an appointment's life: who made it, and when. */
export interface AppointmentStep {
  status: AppointmentStatus;
  at: Date;
  /** The user; null for an import. */
  by: string | null;
}

/**
 * Why a visit was called off: codes of HL7's appointment-cancellation-reason (terminology.hl7.org), with whose reason it
 * was. The patient's own reasons are refunded by policy, all others whole.
 */
export const cancellationReasons = {
  pat: { party: 'patient', title: 'Patient' },
  'pat-fb': { party: 'patient', title: 'Feeling better' },
  'pat-lt': { party: 'patient', title: 'Lack of transportation' },
  'pat-mv': { party: 'patient', title: 'Moved' },
  'pat-uwo': { party: 'patient', title: 'Changed provider' },
  'oth-fin': { party: 'patient', title: 'Financial' },
  // Ours: HL7 has no code for a patient who did not say.
  'not-stated': { party: 'patient', title: 'Not stated' },
  prov: { party: 'doctor', title: 'Provider' },
  'prov-pers': { party: 'doctor', title: 'Provider, personal' },
  'prov-edu': { party: 'doctor', title: 'Provider, education or meeting' },
  'prov-hosp': { party: 'doctor', title: 'Provider, hospitalized' },
  'pat-dec': { party: 'hospital', title: 'Patient deceased' },
  maint: { party: 'hospital', title: 'Equipment maintenance or repair' },
  'oth-room': { party: 'hospital', title: 'Room or resource maintenance' },
  'oth-err': { party: 'hospital', title: 'Error' },
  'oth-weath': { party: 'hospital', title: 'Weather' },
  other: { party: 'hospital', title: 'Other' },
} as const satisfies Record<string, { party: 'patient' | 'doctor' | 'hospital'; title: string }>;
export type CancellationReason = keyof typeof cancellationReasons;
export const cancellationCodes = Object.keys(cancellationReasons) as CancellationReason[];

/** BOOK-8: one move of a booking to another time; it is still one appointment, and never a cancellation. */
export interface Reschedule {
  from: Date;
  to: Date;
  at: Date;
  by: string;
  /** Who wanted it: an admin moves for the hospital. */
  party: 'patient' | 'hospital';
  /** Why, in the words of the one who moved it. */
  reason: string | null;
}

/** How often an appointment can be moved: each move is kept. */
export const mostReschedules = 100;

export const paymentStatuses = ['paid', 'partially_refunded', 'refunded', 'voided'] as const;

/**
 * What the ledger says of the money for a visit, carried over from Postgres by the outbox (never decided here).
 * `as_of` is the number of the ledger entry it was read at: an older one never replaces a newer one.
 */
export interface PaymentMark {
  transaction_id: string;
  status: (typeof paymentStatuses)[number];
  total_fee: Money;
  refunded: Money;
  as_of: number;
}

export interface Appointment {
  appointment_id: string;
  patient_id: string;
  doctor_id: string;
  /** The doctor's department and hospital when it was booked. */
  department_id: string;
  hospital_id: string;
  date: Date;
  /** The end of the booked slot; null for a record from elsewhere. */
  slot_end: Date | null;
  /** When the visit was over. */
  ended_at: Date | null;
  status: AppointmentStatus;
  disease: string | null;
  disease_code: string | null;
  reason: string | null;
  /** The doctor's fee when it was booked: what is paid and billed. null for a record from elsewhere. */
  consultation_fee: Money | null;
  /** Why it was booked beyond what the slot takes; null when it was not. */
  overbooking_reason: string | null;
  cancellation_reason: CancellationReason | null;
  reschedules: Reschedule[];
  payment: PaymentMark | null;
  history: AppointmentStep[];
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** What a record has that was not booked here: history from elsewhere. */
export const notBooked = {
  slot_end: null,
  consultation_fee: null,
  overbooking_reason: null,
  cancellation_reason: null,
  reschedules: [],
  payment: null,
} satisfies Partial<Appointment>;

/** A visit as another system tells of it; maybe why it was called off. */
export type ImportedAppointment = Omit<Appointment, keyof typeof notBooked> &
  Partial<Pick<Appointment, 'cancellation_reason'>>;

/** A slot that somebody keeps while they book: theirs until `expires_at`, and nobody's afterwards. */
export interface Hold {
  hold_id: string;
  doctor_id: string;
  patient_id: string;
  date: Date;
  slot_end: Date;
  expires_at: Date;
}

/**
 * BOOK-4: that somebody has a place of a slot, for each grain of five minutes of that slot: two slots that overlap share a
 * grain, whatever their grids. A unique key over doctor, grain and place lets nobody have it twice.
 */
export interface SlotClaim {
  doctor_id: string;
  grain: Date;
  /** Counted from 0. */
  place: number;
  /** The appointment, or the hold. */
  holder_id: string;
  patient_id: string;
  date: Date;
  slot_end: Date;
  /** null: booked. A hold counts before this moment, and not at it. */
  expires_at: Date | null;
  /** A visit for which the patient can be nowhere else. Not of a hold, nor of a record from elsewhere or from before. */
  is_visit?: boolean;
}

/** DOC-3: a slot that can be booked, and for how many patients. */
export interface FreeSlot {
  date: Date;
  slot_end: Date;
  free: number;
}

/** Why a time can't be taken. */
export const timeRefusals = [
  'no_such_time',
  'outside_booking_window',
  'doctor_registration_expired',
  'doctor_not_accepting',
  'doctor_on_leave',
  'outside_availability',
  'department_closed',
  'off_slot_grid',
  'slot_taken',
] as const satisfies readonly ProblemCode[];

/** A place that a cancellation, a move or a removal gave back. */
export interface FreedSlot {
  doctor_id: string;
  hospital_id: string;
  date: Date;
  slot_end: Date;
}
