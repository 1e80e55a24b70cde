import type { Actor } from '../../../lib/actor.js';
import type { Money } from '../../../lib/money.js';
import type { Appointment } from '../../clinical/appointments/index.js';
import type { BillingRow } from '../billing/index.js';
import type { TransactionRow } from './payments.model.js';

/** Who can be asked about a visit: the doors of the domains that know. */
export interface VisitDeps {
  readonly appointments: {
    readonly forActors: { get(actor: Actor, appointment_id: string): Promise<Appointment> };
  };
  readonly patients: {
    find(patient_id: string): Promise<{ name: string; deceased_date: Date | null } | null>;
  };
  readonly doctors: {
    find(doctor_id: string): Promise<{ name: string; specialty: string; consultation_fee: Money } | null>;
  };
  readonly departments: { find(department_id: string): Promise<{ department_name: string } | null> };
  readonly hospitals: {
    find(hospital_id: string): Promise<{ name: string; address: string | null; time_zone: string } | null>;
  };
}

export type Snapshot = Pick<
  TransactionRow,
  | 'appointment_id'
  | 'patient_id'
  | 'patient_name'
  | 'doctor_id'
  | 'doctor_name'
  | 'department_id'
  | 'department_name'
  | 'hospital_id'
  | 'hospital_name'
  | 'hospital_address'
  | 'visit_date'
  | 'time_zone'
>;

export interface Visit {
  readonly appointment: Appointment;
  /** What the papers will say of it. A record that is gone since is called by its id. */
  readonly snapshot: Snapshot;
  /** The patient has died. */
  readonly deceased: boolean;
  /** null when the doctor is gone. */
  readonly specialty: string | null;
  /** What the visit costs by its booking, or else by the doctor; null: nobody knows. */
  readonly fee: Money | null;
}

/** Reads the visit as this actor may see it. Throws `not_found`. */
export const visitReader =
  (deps: VisitDeps) =>
  async (actor: Actor, appointment_id: string): Promise<Visit> => {
    const appointment = await deps.appointments.forActors.get(actor, appointment_id);
    const { patient_id, doctor_id, department_id, hospital_id, date, consultation_fee } = appointment;
    const [patient, doctor, department, hospital] = await Promise.all([
      deps.patients.find(patient_id),
      deps.doctors.find(doctor_id),
      deps.departments.find(department_id),
      deps.hospitals.find(hospital_id),
    ]);
    return {
      appointment,
      snapshot: {
        ...{ appointment_id, patient_id, doctor_id, department_id, hospital_id, visit_date: date },
        patient_name: patient?.name ?? patient_id,
        doctor_name: doctor?.name ?? doctor_id,
        department_name: department?.department_name ?? department_id,
        hospital_name: hospital?.name ?? hospital_id,
        hospital_address: hospital?.address ?? null,
        time_zone: hospital?.time_zone ?? 'UTC',
      },
      deceased: Boolean(patient?.deceased_date),
      specialty: doctor?.specialty ?? null,
      fee: consultation_fee ?? doctor?.consultation_fee ?? null,
    };
  };

/** What the papers will say of a bill that is paid by itself. What it does not name is not stated. */
export const billReader =
  (deps: VisitDeps) =>
  async (bill: BillingRow): Promise<Snapshot> => {
    const { patient_id, appointment_id, doctor_id, department_id, hospital_id, created_at } = bill;
    const of = <T>(id: string | null, find: (id: string) => Promise<T | null>): Promise<T | null> =>
      id === null ? Promise.resolve(null) : find(id);
    const [patient, doctor, department, hospital] = await Promise.all([
      deps.patients.find(patient_id),
      of(doctor_id, deps.doctors.find),
      of(department_id, deps.departments.find),
      of(hospital_id, deps.hospitals.find),
    ]);
    return {
      ...{ appointment_id, patient_id, doctor_id, department_id, hospital_id, visit_date: created_at },
      patient_name: patient?.name ?? patient_id,
      doctor_name: doctor?.name ?? 'a doctor who is not stated',
      department_name: department?.department_name ?? 'department not stated',
      hospital_name: hospital?.name ?? 'Hospital not stated',
      hospital_address: hospital?.address ?? null,
      time_zone: hospital?.time_zone ?? 'UTC',
    };
  };
