/** What the text of every notification needs; times as `onClock` writes them. */
interface Visit {
  /** The doctor's name. */
  readonly doctor: string;
  /** When the visit begins, on the clock of the hospital. */
  readonly date: string;
}

/** With the sum and its currency, `USD 118.00`. */
interface Sum extends Visit {
  readonly amount: string;
}

/** The name that its owner has given a saved report. */
interface Saved {
  readonly name: string;
}

/** A figure that has come to the other side of its target, in words. */
interface Crossing {
  /** With its report: `Cancellation rate (Appointments by month and status)`. */
  readonly figure: string;
  readonly value: string;
  /** `at most 8%` */
  readonly target: string;
  /** Where targets are looked after. */
  readonly address: string;
}

/** What somebody is told of, and what its text needs. Never a diagnosis or why somebody comes: emails are read by others. */
export interface NotificationFacts {
  'appointment.booked': Visit;
  /** `from`: when it was to be before. */
  'appointment.rescheduled': Visit & { readonly from: string };
  'appointment.cancelled': Visit;
  /** `until`: how long the slot is kept. */
  'waiting_list.offered': Visit & { readonly until: string };
  'waiting_list.offer_expired': Visit;
  'payment.paid': Sum;
  'payment.refunded': Sum;
  'payment.voided': Sum;
  /** `address`: where the file is. */
  'report.delivered': Saved & { readonly address: string; readonly until: string };
  /** `why`: a sentence. */
  'report.not_delivered': Saved & { readonly why: string };
  'target.met': Crossing;
  'target.missed': Crossing;
  /** `host`: of its address; `failures`: how many deliveries in a row. */
  'webhook.turned_off': { readonly host: string; readonly failures: string };
}
export type NotificationKind = keyof NotificationFacts;

export const notificationKinds = [
  'appointment.booked',
  'appointment.rescheduled',
  'appointment.cancelled',
  'waiting_list.offered',
  'waiting_list.offer_expired',
  'payment.paid',
  'payment.refunded',
  'payment.voided',
  'report.delivered',
  'report.not_delivered',
  'target.met',
  'target.missed',
  'webhook.turned_off',
] as const satisfies readonly NotificationKind[];

/** A patient or a doctor by their record; by their account, where it is known, or null where they have none. */
type Addressee =
  { readonly patient_id: string } | { readonly doctor_id: string } | { readonly user_id: string | null };

/** For the account of a patient or a doctor; when they have none, nobody is told. */
export type NewNotification = {
  [K in NotificationKind]: {
    readonly kind: K;
    readonly to: Addressee;
    readonly appointment_id: string | null;
    readonly facts: NotificationFacts[K];
    /** A kept file that goes with the email. */
    readonly file_id?: string;
  };
}[NotificationKind];
