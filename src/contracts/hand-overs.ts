import type { CancellationReason, PaymentMark } from '../domains/clinical/appointments/appointments.types.js';
import type { AuditEvent } from '../domains/identity/audit/audit.types.js';
import type { Money } from '../lib/money.js';
import type { ModuleName } from './modules.js';

/** A visit has taken place, and is to be billed (BILL-1). */
export interface AppointmentCompleted {
  appointment_id: string;
  patient_id: string;
  doctor_id: string;
  department_id: string;
  hospital_id: string;
  disease: string | null;
  disease_code: string | null;
  /** As booked; of a record from elsewhere, the doctor's at that moment. */
  consultation_fee: Money;
  completed_at: Date;
}

/** A visit does not take place: what was paid for it goes back by this percentage (BOOK-6). */
export interface AppointmentCancelled {
  appointment_id: string;
  patient_id: string;
  doctor_id: string;
  /** null: nobody cancelled it, the patient did not come. */
  reason: CancellationReason | null;
  refund_percent: number;
  cancelled_at: Date;
  /** Who cancelled: never the second person who approves its refund. An entry of an older version does not say. */
  cancelled_by?: string | null;
}

/** What the ledger says of a payment now: for the mark in the appointment and the notification of the patient. */
export interface PaymentChanged extends PaymentMark {
  appointment_id: string;
  patient_id: string;
  change: 'paid' | 'refunded' | 'voided';
  /** What was paid, went back, or was voided. */
  amount: Money;
  currency: string;
}

/** Two records of one patient have become one, or two again (PAT-7): their money follows. */
export interface PatientMerged {
  merge_id: string;
  from_patient_id: string;
  into_patient_id: string;
  act: 'merge' | 'undo';
  at: Date;
}

/** An email is to be sent; its address is read when it is. */
interface NotificationEmail {
  notification_id: string;
  /** Goes with it, if it is still there. */
  file_id?: string;
}

/** What the owner of an account is told of it by email, whatever notices they want. */
export const accountNotices = [
  'password_changed',
  'new_device',
  'identity_linked',
  'factor_confirmed',
  'factor_removed',
  'factor_reset',
  'recovery_code_used',
  'role_changed',
] as const;
export type AccountNotice = (typeof accountNotices)[number];

/** An email to the owner of an account: a one-time link to it, or what was done to it. Link and address are made when it is sent. */
type AccountEmail = { link_id: string } | { user_id: string; notice: AccountNotice };

/**
 * The queue that a hand-over waits in: `mongodb` and `postgres` are the stores that decide, and the other one follows. `mail`
 * is decided by MongoDB too and has a relay of its own: a mail server that hangs holds up nothing else.
 */
export const queues = ['mongodb', 'postgres', 'mail'] as const;
export type Queue = (typeof queues)[number];

const waitsIn =
  <Q extends Queue>(queue: Q) =>
  <Payload>(module: ModuleName): { queue: Q; module: ModuleName; payload?: Payload } => ({ queue, module });
const mongodb = waitsIn('mongodb');
const postgres = waitsIn('postgres');
const mail = waitsIn('mail');

/** What one module decides and another applies, by its name: the one table behind outbox, inbox and crash points. */
export const handOvers = {
  'appointment.completed': mongodb<AppointmentCompleted>('money'),
  'appointment.cancelled': mongodb<AppointmentCancelled>('money'),
  'patient.merged': mongodb<PatientMerged>('money'),
  'payment.changed': postgres<PaymentChanged>('clinical'),
  /** AUTH-8: what was done to a patient's record in a transaction of Postgres. */
  'audit.event': postgres<AuditEvent>('identity'),
  'notification.email': mail<NotificationEmail>('messages'),
  'account.email': mail<AccountEmail>('messages'),
};

export type HandOver = keyof typeof handOvers;

/** Those between the two stores: an email that waits for its mail server is no difference between them. */
export type BetweenStores = {
  [K in HandOver]: (typeof handOvers)[K]['queue'] extends 'mail' ? never : K;
}[HandOver];

const names = Object.keys(handOvers) as HandOver[];
export const isBetweenStores = (name: string): name is BetweenStores =>
  Object.hasOwn(handOvers, name) && handOvers[name as HandOver].queue !== 'mail';
export const betweenStores = names.filter(isBetweenStores);
export const inQueue = (queue: Queue): HandOver[] => names.filter((name) => handOvers[name].queue === queue);

/** Each hand-over's name with what crosses. */
export type HandOvers = { [K in HandOver]: NonNullable<(typeof handOvers)[K]['payload']> };

/** Hand-overs that nobody applies while these modules alone run. */
export const unattended = (running: ReadonlySet<ModuleName>): HandOver[] =>
  names.filter((name) => !running.has(handOvers[name].module));

/** What waits in a queue, as who applies it takes it. */
export interface Entry<K extends HandOver> {
  readonly entry_id: string;
  readonly kind: K;
  readonly payload: HandOvers[K];
  readonly created_at: Date;
}

/** Each applies its hand-over at least once; that it counts once, the inbox of its store sees to. */
export type Consumers = { readonly [K in HandOver]?: (entry: Entry<K>) => Promise<void> };

/** The way to a queue, in the transaction that decides. */
export interface Announce<Tx> {
  add<K extends HandOver>(kind: K, payload: HandOvers[K], tx: Tx): Promise<void>;
  /** After the commit: has what waits applied now, if it can be within 2 s, and never throws. */
  drain(): Promise<void>;
}
