import type { AppointmentCancelled } from '../../../contracts/hand-overs.js';
import type { BulkResult } from '../../../lib/bulk.js';
import type { ImportedAppointment } from '../../clinical/appointments/appointments.types.js';
import type { BillingRow } from '../../money/billing/billing.types.js';
import type { PastPayment } from '../../money/payments/payments.past.types.js';
import type { Department } from '../../network/departments/departments.types.js';
import type { Doctor } from '../../network/doctors/doctors.types.js';
import type { Hospital } from '../../network/hospitals/hospitals.types.js';
import type { Patient } from '../../clinical/patients/patients.types.js';
import type { Prescription } from '../../clinical/prescriptions/prescriptions.types.js';

/** The systems whose files we can read. */
export const importSources = ['synthea', 'medscheduler'] as const;
export type ImportSource = (typeof importSources)[number];

/** Stores a batch idempotently by the records' ids: the domains' own bulk path. */
export interface BulkPath<R> {
  importMany(records: readonly R[]): Promise<BulkResult>;
}

/** Where records go: the domains' services, by the functions that an import needs. */
export interface ImportTargets {
  readonly hospitals: BulkPath<Hospital>;
  readonly departments: BulkPath<Department>;
  readonly doctors: BulkPath<Doctor>;
  readonly patients: BulkPath<Patient> & {
    existing(ids: readonly string[]): Promise<ReadonlySet<string>>;
    /** Recomputes the newest appointments and prescriptions in the patients' documents. */
    refreshRecent(patient_ids: readonly string[]): Promise<void>;
  };
  readonly appointments: BulkPath<ImportedAppointment> & {
    newsOfAbsence(visit: ImportedAppointment): AppointmentCancelled;
  };
  readonly prescriptions: BulkPath<Prescription>;
  readonly billing: BulkPath<BillingRow>;
  readonly payments: BulkPath<PastPayment>;
}

/** A row of a file: the columns that the reader was asked for, as text; an empty field is ''. */
export type Row<C extends string> = Readonly<Record<C, string>>;

/** What a mapper makes of a row. `rejected`: it can't be stored. `skipped`: it is not ours to store. Both say why. */
export type Mapped<T> = { readonly record: T; readonly adjusted?: string } | Rejected | Skipped;
export interface Rejected {
  readonly rejected: string;
}
export interface Skipped {
  readonly skipped: string;
}

/** A row that could not be stored: a line of the errors file. No value of the row but its id is in it. */
export interface ImportError {
  readonly file: string;
  /** The physical line where the row starts; the header is line 1. */
  readonly line: number;
  readonly id: string | null;
  readonly reason: string;
}

/** What became of a file's rows: `read` = stored + unchanged + skipped + rejected. */
export interface FileReport {
  readonly file: string;
  readonly read: number;
  readonly stored: number;
  /** Were there already. */
  readonly unchanged: number;
  /** Rows that have no place here, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Rows that could not be stored, by reason; each is in the errors file. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Rows that were stored with a value other than the file's, by reason. */
  readonly adjusted: Readonly<Record<string, number>>;
}

export interface ImportReport {
  readonly source: ImportSource;
  readonly directory: string;
  readonly files: readonly FileReport[];
  /** Records that no row of a file stands for, such as the departments that providers work in. */
  readonly made: { readonly stored: number; readonly unchanged: number };
  readonly rows_read: number;
  readonly rows_rejected: number;
  /** Rows stored and records made: 0 when everything was there already. */
  readonly changes: number;
  readonly seconds: number;
  readonly rows_per_second: number;
}

export interface ImportProgress {
  readonly file: string;
  readonly rows: number;
  /** Of all bytes of the import, 0 to 1. */
  readonly fraction: number;
}

export interface ImportOptions {
  readonly source: ImportSource;
  readonly directory: string;
  readonly onError?: (error: ImportError) => void;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Stops between two batches; what is stored stays, and the next run goes on from there. */
  readonly signal?: AbortSignal;
}

/** The files can't be used as they are: one line that names the file. (Told as it is: its name is that of any Error.) */
export class ImportFailure extends Error {}
