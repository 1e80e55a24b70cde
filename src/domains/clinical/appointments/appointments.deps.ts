import type { Clock } from '../../../lib/clock.js';
import type { ReachPoint } from '../../../contracts/crash-points.js';
import type { Announce } from '../../../contracts/hand-overs.js';
import type { NewNotification } from '../../../contracts/notifications.js';
import type { NewId } from '../../../lib/ids.js';
import type { Existing } from '../../../lib/references.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../../identity/audit/index.js';
import type { DoctorsService } from '../../network/doctors/index.js';
import type { HospitalsService } from '../../network/hospitals/index.js';
import type { AppointmentSummary, PatientsService } from '../patients/index.js';
import type { RefundPolicy } from './appointments.cancellation.js';
import type { AppointmentRepository } from './appointments.repository.js';
import type { FreedSlot } from './appointments.types.js';
import type { SlotClaimRepository } from './slot-claims.repository.js';
import type { VisitStateRepository } from './visit-states.repository.js';

/** What the services of this domain stand on. */
export interface AppointmentsDeps {
  readonly appointments: AppointmentRepository;
  readonly claims: SlotClaimRepository;
  readonly states: VisitStateRepository;
  readonly audit: Pick<AuditService, 'done'>;
  readonly doctors: Pick<DoctorsService, 'find' | 'duty' | 'existing'>;
  readonly patients: {
    find(patient_id: string, tx?: MongoTransaction): Promise<object | null>;
    /** Throws `not_found`, `patient_deceased`. */
    living(patient_id: string, tx: MongoTransaction): Promise<unknown>;
    readonly existing: Existing;
    /**
     * Both write to the patient's document, so that bookings and a removal of one patient come one after the other. Of a
     * patient who is gone, the first says null; of others, which user they are. It throws `patient_deceased`.
     */
    addRecentAppointment(
      patient_id: string,
      summary: AppointmentSummary,
      tx: MongoTransaction,
    ): Promise<{
      readonly user_id: string | null;
      readonly appointments: readonly AppointmentSummary[];
    } | null>;
    setRecentAppointments(
      patient_id: string,
      summaries: readonly AppointmentSummary[],
      care_team: readonly string[],
      tx: MongoTransaction,
    ): Promise<unknown>;
  } & Pick<PatientsService, 'isReadable' | 'idsInCareOf'>;
  readonly hospitals: Pick<HospitalsService, 'find' | 'idsOf'>;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  /** The way to the billing store. */
  readonly outbox: Announce<MongoTransaction>;
  /** What of the billing store's news is applied. */
  readonly inbox: { take(entry_id: string, tx: MongoTransaction): Promise<boolean> };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly reach: ReachPoint;
  /** How many days ahead an appointment may be booked. */
  readonly bookingDays: number;
  readonly holdMinutes: number;
  /** How many slots a patient may hold at a time. */
  readonly maxHolds: number;
  readonly refundPolicy: RefundPolicy;
  countPrescriptions(appointment_id: string, tx: MongoTransaction): Promise<number>;
  /** How many visits to come a patient may book without the desk. */
  readonly maxBookings: number;
  /** Whether money was taken for it and is still here. */
  isPaid(appointment_id: string): Promise<boolean>;
  /** Whether the billing store has ever heard of it: that it was paid, billed or called off. */
  isInBooks(appointment_id: string): Promise<boolean>;
  notify(message: NewNotification, tx: MongoTransaction): Promise<void>;
  /** A slot is free again: for anyone who waits for it. */
  offerFreed(slot: FreedSlot, tx: MongoTransaction): Promise<void>;
  /** A hold is booked or given back: maybe it was offered to somebody who waited. */
  offerAnswered(hold_id: string, answer: 'booked' | 'left', tx: MongoTransaction): Promise<void>;
}
