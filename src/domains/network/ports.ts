import type { MongoTransaction } from '../../lib/transaction.js';

/** What the network of hospitals asks about what happens in them. */
export interface NetworkPorts {
  countPatientsInDepartment(department_id: string, tx: MongoTransaction): Promise<number>;
  /** Appointments that are still to be held. */
  countOpenAppointments(doctor_id: string, tx: MongoTransaction): Promise<number>;
  /** Visits of the doctor that are to be held and begin in the half-open period, in order. */
  scheduledVisits(
    doctor_id: string,
    period: { readonly from: Date; readonly to: Date },
    tx: MongoTransaction,
  ): Promise<readonly { readonly appointment_id: string; readonly date: Date }[]>;
  /** Whether anything is kept of a doctor of this id, who may be gone. */
  hadRecords(doctor_id: string, tx: MongoTransaction): Promise<boolean>;
}
