/** What somebody is told of. */
export const notificationKinds = [
  'appointment.booked',
  'appointment.rescheduled',
  'appointment.cancelled',
  'waiting_list.offered',
  'waiting_list.offer_expired',
  'payment.paid',
  'payment.refunded',
  'payment.voided',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** For the account of a patient or a doctor; when they have none, nobody is told. Never a diagnosis: emails are read by others. */
export interface NewNotification {
  kind: NotificationKind;
  to: { patient_id: string } | { doctor_id: string };
  appointment_id: string | null;
  /** What the text needs, by the kind: names, times on the clock of the hospital, amounts with their currency. */
  facts: Readonly<Record<string, string>>;
}

export interface Notification {
  notification_id: string;
  user_id: string;
  kind: NotificationKind;
  title: string;
  body: string;
  appointment_id: string | null;
  created_at: Date;
  read_at: Date | null;
}

/** Which channels a user wants for which kinds; what is not named is on. The inbox is always kept. */
export interface NotificationPreferences {
  user_id: string;
  email: boolean;
  muted_kinds: NotificationKind[];
}
