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

/** What accounts need of the records that their owners are. */
export interface IdentityPorts {
  readonly patients: {
    createForUser(patient: PatientOfUser, tx: MongoTransaction): Promise<{ readonly patient_id: string }>;
    /** Throws `unknown_reference`, and `already_exists` when the patient has another account. */
    linkUser(patient_id: string, user_id: string, tx: MongoTransaction): Promise<unknown>;
  };
  readonly doctors: {
    /** Throws `unknown_reference`, and `already_exists` when the doctor has another account. */
    linkUser(doctor_id: string, user_id: string, tx: MongoTransaction): Promise<unknown>;
  };
}
