import type { AllergyState } from '../patients/patients.types.js';

/** A record that a merge has moved, and the version that it has since; null: it has no versions. */
export interface MovedRecord {
  id: string;
  version: number | null;
}

export interface MovedRecords {
  /** The collection. */
  what: string;
  records: MovedRecord[];
}

/**
 * What has happened to a record since the merge that is undone: `changed`, and moved back with its change; `removed`; `added` about
 * a visit that was moved, and gone back with it; `kept`: added since to the record that stays, where it stays too.
 */
export const fates = ['changed', 'removed', 'added', 'kept'] as const;

export interface ChangedSince {
  /** The collection, and of the patient's own document its field. */
  what: string;
  id: string;
  fate: (typeof fates)[number];
}

export interface Undoing {
  at: Date;
  by: string;
  reason: string;
  changed: ChangedSince[];
}

/** PAT-7: two records of one patient that have become one. */
export interface PatientMerge {
  merge_id: string;
  from_patient_id: string;
  into_patient_id: string;
  reason: string;
  merged_at: Date;
  merged_by: string;
  moved: MovedRecords[];
  /** What the patient's own document took over. */
  folded: { filled: string[]; diagnoses: number[]; allergies: number[]; allergy_state: AllergyState };
  undone: Undoing | null;
  version: number;
}

/** Whether the books have followed, and what they moved. */
export const mergeStatuses = ['merging', 'merged', 'undoing', 'undone'] as const;

export interface ShownMerge extends Omit<PatientMerge, 'moved' | 'folded'> {
  status: (typeof mergeStatuses)[number];
  /** How many records of each collection or table. */
  moved: { what: string; records: number }[];
  filled: string[];
}
