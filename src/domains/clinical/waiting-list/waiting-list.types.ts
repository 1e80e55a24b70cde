/** `waiting` until a slot is freed; `offered` while one is held for them; then `booked`, `expired` or `left`. */
export const waitingStatuses = ['waiting', 'offered', 'booked', 'expired', 'left'] as const;
export type WaitingStatus = (typeof waitingStatuses)[number];

/** A slot that is held for anyone who waits, until `expires_at`: at the latest until it begins. */
export interface Offer {
  /** To book with. */
  hold_id: string;
  date: Date;
  slot_end: Date;
  expires_at: Date;
}

/** BOOK-7: a patient who waits for a slot of a doctor on a day (of the hospital's calendar, as midnight UTC). */
export interface WaitingEntry {
  waiting_id: string;
  doctor_id: string;
  hospital_id: string;
  patient_id: string;
  day: Date;
  status: WaitingStatus;
  /** The one made last. */
  offer: Offer | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}
