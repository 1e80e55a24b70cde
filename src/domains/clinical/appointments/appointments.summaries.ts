import type { MongoTransaction } from '../../../lib/transaction.js';
import type { AppointmentSummary } from '../patients/index.js';
import { recentCount } from '../patients/patients.types.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import type { Appointment } from './appointments.types.js';

export const toSummary = ({
  appointment_id,
  doctor_id,
  date,
  status,
  disease,
}: Appointment): AppointmentSummary => ({ appointment_id, doctor_id, date, status, disease });

/** PAT-1, PAT-8: the patient's document says what the collection says, in the same transaction. */
export type KeepRecent = (patient_id: string, tx: MongoTransaction) => Promise<void>;

export const createKeepRecent =
  ({ appointments, patients }: Pick<AppointmentsDeps, 'appointments' | 'patients'>): KeepRecent =>
  async (patient_id, tx) => {
    const newest = await appointments.newestOfPatient(patient_id, recentCount, tx);
    const care_team = await appointments.doctorsOfPatient(patient_id, tx);
    await patients.setRecentAppointments(patient_id, newest.map(toSummary), care_team, tx);
  };
