import { defineTable } from '../../../databases/postgres/postgres-table.js';

/* The tables of migration 0003: its functions keep them, and reports read them with SQL of their own. */

const all = <Type extends string>(type: Type, ...columns: readonly string[]): Record<string, Type> =>
  Object.fromEntries(columns.map((column) => [column, type]));

const places = all('text', 'hospital_id', 'department_id', 'doctor_id');
const ledgerFigures = all(
  'bigint',
  ...['billed', 'cancellation_fees', 'given_back', 'tax', 'collected', 'voided', 'refunded', 'outstanding'],
  ...['bills', 'transactions', 'entries'],
);

const kept = (table: string, primaryKey: readonly string[], columns: Readonly<Record<string, string>>) =>
  defineTable<Record<string, unknown>>({ table, columns, primaryKey, indexes: [] });

export const sqlRollupTables = [
  kept('rollup_settings', ['one'], { one: 'boolean', time_zone: 'text' }),
  kept('rollup_versions', ['stripe'], { stripe: 'smallint', n: 'bigint' }),
  kept('rollup_diseases', [], {
    ...{ disease_key: 'text', disease: 'text', stripe: 'smallint' },
    ...all('bigint', 'prescriptions', 'cost', 'consultation_rows', 'consultation_total'),
    ...all('bigint', 'prescription_rows', 'prescription_total'),
  }),
  kept('rollup_patient_diseases', ['disease_key', 'patient_id'], {
    ...{ disease_key: 'text', patient_id: 'text' },
    ...all('integer', 'prescriptions', 'consultation_rows', 'prescription_rows'),
  }),
  kept('rollup_disease_patients', ['disease_key', 'stripe'], {
    ...{ disease_key: 'text', stripe: 'smallint' },
    ...all('bigint', 'prescribed', 'consultation', 'prescription', 'either'),
    ...all('bigint', 'both_consultation', 'both_prescription', 'both_either'),
  }),
  kept('rollup_ledger', [], { level: 'text', grain: 'text', start: 'date', ...places, ...ledgerFigures }),
  kept('rollup_ledger_deltas', [], { day: 'date', ...places, ...ledgerFigures }),
  kept('projections', ['name'], { name: 'text', state: 'jsonb' }),
];
