/*
 * PAT-7: where a record of MongoDB says whose it is. A house test looks for the id of a patient in all that both stores hold, and
 * fails when a place is missing here (Postgres has its own list, in money/patient-moves).
 */

export interface Reference {
  readonly collection: string;
  readonly field: string;
  /** `version` counts its changes. */
  readonly versioned?: true;
  /** When one was made: what was made since a merge is told when it is undone. */
  readonly made?: string;
}

/** What a merge writes down, record by record, and its undo moves back. */
export const references: readonly Reference[] = [
  { collection: 'appointments', field: 'patient_id', versioned: true, made: 'created_at' },
  { collection: 'prescriptions', field: 'patient_id', versioned: true, made: 'created_at' },
  { collection: 'waiting_list', field: 'patient_id', versioned: true, made: 'created_at' },
  { collection: 'emergency_accesses', field: 'patient_id', versioned: true, made: 'opened_at' },
  { collection: 'users', field: 'patient_id', versioned: true },
  { collection: 'removed_appointments', field: 'patient_id' },
];

/** What goes with the record of another collection that it belongs to. */
export interface Follower {
  readonly collection: string;
  readonly field: string;
  readonly of: 'appointments' | 'prescriptions';
  /** Names that record. */
  readonly by: string;
  /** Of these only: the others are history. */
  readonly where?: Readonly<Record<string, unknown>>;
}

export const followers: readonly Follower[] = [
  { collection: 'slot_claims', field: 'patient_id', of: 'appointments', by: 'holder_id' },
  {
    ...{ collection: 'prescription_versions', field: 'prescription.patient_id' },
    ...{ of: 'prescriptions', by: 'prescription_id' },
  },
  {
    ...{
      collection: 'outbox',
      field: 'payload.patient_id',
      of: 'appointments',
      by: 'payload.appointment_id',
    },
    where: { applied_at: null },
  },
];

/** Where the id of a patient who was merged stays, collections and columns, and why. */
export const leftAlone: Readonly<Record<string, string>> = {
  merged_patients: 'what is left of the patient, under the id',
  patient_merges: 'says who was merged into whom',
  'patient_merges.from_patient_id': 'says so in Postgres',
  patient_duplicates: 'remembers of whom somebody said that they are not the same',
  audit_events: 'the trail says whom it named then, and is never rewritten',
  idempotency_keys: 'an answer is given again as it was given',
  'idempotency_keys.result': 'so is one of Postgres',
  outbox: 'news that is applied is kept for a week',
  'outbox.payload': 'so is that of Postgres',
  locks: 'names of locks are forgotten after an hour',
};
