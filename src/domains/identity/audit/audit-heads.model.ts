import { defineTable } from '../../../databases/postgres/postgres-table.js';

/** The head of each year's chain, in the other store: whoever cuts the tail off there is found here. */
export interface HeadRow {
  year: number;
  seq: number;
  mac: string;
  key_id: string;
  closed: boolean;
  kept_at: Date;
}

export const auditHeads = defineTable<HeadRow>({
  table: 'audit_heads',
  columns: {
    ...{ year: 'integer', seq: 'bigint', mac: 'text', key_id: 'text' },
    ...{ closed: 'boolean', kept_at: 'timestamptz(3)' },
  },
  primaryKey: ['year'],
  indexes: [],
});
