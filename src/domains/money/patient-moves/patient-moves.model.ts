import { defineTable } from '../../../databases/postgres/postgres-table.js';

/* The tables of migration 0007. */

export interface PatientMergeRow {
  merge_id: string;
  from_patient_id: string;
  into_patient_id: string;
  merged_at: Date;
  undone_at: Date | null;
}

export const patientMergesTable = defineTable<PatientMergeRow>({
  table: 'patient_merges',
  columns: {
    merge_id: 'text',
    from_patient_id: 'text',
    into_patient_id: 'text',
    merged_at: 'timestamptz(3)',
    undone_at: 'timestamptz(3)',
  },
  primaryKey: ['merge_id'],
  indexes: [
    {
      name: 'patient_merges_one_at_a_time',
      unique: true,
      columns: '(from_patient_id) WHERE (undone_at IS NULL)',
      serves:
        'PAT-7: whose is what is written in the name of a patient who is merged (made by migration 0007)',
    },
  ],
});

/** A row that a merge has moved. */
export interface MovedRow {
  merge_id: string;
  table_name: string;
  row_id: string;
}

export const movedRowsTable = defineTable<MovedRow>({
  table: 'moved_rows',
  columns: { merge_id: 'text', table_name: 'text', row_id: 'text' },
  primaryKey: ['merge_id', 'table_name', 'row_id'],
  references: { merge_id: 'patient_merges' },
  indexes: [],
});
