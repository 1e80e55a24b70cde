import type { NotificationKind } from '../../contracts/notifications.js';
import type { MongoTransaction } from '../../lib/transaction.js';
import type { Sex } from '../../lib/sex.js';

/** What somebody who registers as a patient says of themselves. */
export interface PatientOfUser {
  readonly user_id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly date_of_birth?: Date | undefined;
  readonly age?: number | undefined;
  readonly sex?: Sex | undefined;
}

/** What a user wants by email; the app keeps everything. */
export interface NoticePreferences {
  email: boolean;
  muted_kinds: NotificationKind[];
}

/** What accounts need of the records that their owners are. */
export interface IdentityPorts {
  readonly patients: {
    createForUser(patient: PatientOfUser, tx: MongoTransaction): Promise<{ readonly patient_id: string }>;
    /** Throws `unknown_reference`, and `already_exists` when the patient has another account. */
    linkUser(patient_id: string, user_id: string, tx: MongoTransaction): Promise<unknown>;
    /** The records that have become a part of this one (PAT-7). */
    partsOf(patient_id: string): Promise<readonly string[]>;
  };
  readonly messages: {
    preferencesOf(user_id: string): Promise<NoticePreferences>;
    setPreferences(user_id: string, preferences: NoticePreferences, tx: MongoTransaction): Promise<unknown>;
  };
  readonly money: {
    /** Whether the books name the user: who paid, asked for a refund, decided on one. */
    knowsUser(user_id: string): Promise<boolean>;
  };
  readonly doctors: {
    /** Throws `unknown_reference`, and `already_exists` when the doctor has another account. */
    linkUser(doctor_id: string, user_id: string, tx: MongoTransaction): Promise<unknown>;
  };
}
