import type { Money } from '../../../lib/money.js';

/** What happens to a patient, by what it is about. Some of it MongoDB knows, the rest Postgres. */
export const eventKinds = {
  appointments: [
    'appointment.booked',
    'appointment.rescheduled',
    'appointment.checked_in',
    'appointment.completed',
    'appointment.cancelled',
    'appointment.no_show',
  ],
  prescriptions: ['prescription.written'],
  emergency_accesses: ['emergency_access.opened'],
  bills: ['bill.charged'],
  payments: ['payment.paid', 'payment.failed', 'refund.posted'],
} as const;

export type EventType = keyof typeof eventKinds;
export type EventKind = (typeof eventKinds)[EventType][number];

export const eventTypes = Object.keys(eventKinds) as EventType[];
/** Those of the ledger's store. */
export const moneyTypes: readonly EventType[] = ['bills', 'payments'];

export interface TimelineEvent {
  /** The kind and the record, and which of its events: in the order of these letters where two happened at one moment. */
  event_id: string;
  at: Date;
  kind: EventKind;
  record_id: string;
  appointment_id: string | null;
  doctor_id: string | null;
  hospital_id: string | null;
  /** Of a visit: when it takes place, after this step. */
  date: Date | null;
  /** What was prescribed, and how much it costs, was billed, paid or went back. */
  drug: string | null;
  amount: Money | null;
}

/** The newest first, before `before` where a page ends there; the period is half-open. */
export interface EventQuery {
  readonly patient_id: string;
  readonly types: readonly EventType[];
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly before?: { readonly at: Date; readonly event_id: string } | undefined;
  readonly limit: number;
}
