import type { ImportedAppointment } from '../../clinical/appointments/appointments.types.js';
import type { BillingRow } from '../../money/billing/billing.types.js';
import type { Patient } from '../../clinical/patients/patients.types.js';
import type { Prescription } from '../../clinical/prescriptions/prescriptions.types.js';

/** The same options give the same records, to the byte, on any machine. */
export interface SeedOptions {
  readonly patients: number;
  /** Years of history before `until`. */
  readonly years: number;
  readonly seed: number;
  /** The day (midnight UTC) on which the history ends and the booked future begins. */
  readonly until: Date;
}

/** A patient and all that happened to them. */
export interface SeededPatient {
  readonly patient: Patient;
  readonly appointments: readonly ImportedAppointment[];
  readonly prescriptions: readonly Prescription[];
  readonly billing: readonly BillingRow[];
}

export interface SeedCounts {
  readonly stored: number;
  /** Were there already. */
  readonly unchanged: number;
  readonly rejected: number;
}

export const seededKinds = [
  'hospitals',
  'departments',
  'doctors',
  'patients',
  'appointments',
  'prescriptions',
  'billing',
] as const;
export type SeededKind = (typeof seededKinds)[number];

export interface SeedReport {
  readonly options: SeedOptions;
  readonly records: Readonly<Record<SeededKind, SeedCounts>>;
  /** Records stored: 0 when all of them were there already. */
  readonly changes: number;
  readonly rejected: number;
  readonly seconds: number;
  readonly records_per_second: number;
}
