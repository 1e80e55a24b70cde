import type { MongoTransaction } from '../../lib/transaction.js';

/** What the network of hospitals asks about what happens in them. */
export interface NetworkPorts {
  countPatientsInDepartment(department_id: string, tx: MongoTransaction): Promise<number>;
  /** Appointments that are still to be held. */
  countOpenAppointments(doctor_id: string, tx: MongoTransaction): Promise<number>;
  /** Whether anything is kept of a doctor of this id, who may be gone. */
  hadRecords(doctor_id: string, tx: MongoTransaction): Promise<boolean>;
}
