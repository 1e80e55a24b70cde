import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { System } from '../../../src/system.js';
import { forgetMoney } from '../../support/stored.js';

/* Directories with CSV files, made by a test, and what an import has left in the stores. */

export type Table = Record<string, string>[];
export type Tables = Record<string, Table>;

/** A slice of what the generators give: see its PROVENANCE.md. */
export const sliceDir = join(import.meta.dirname, 'data');

const made: string[] = [];

export function makeDirectory(files: Record<string, string | Uint8Array>): string {
  const directory = mkdtempSync(join(tmpdir(), 'import-test-'));
  made.push(directory);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

export function removeDirectories(): void {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
}

const toCsv = (name: string, rows: Table): string =>
  stringify(rows, { header: true, columns: Object.keys(rows[0] ?? sliceTables()[name]![0]!) });

/** A directory with each table as `name.csv`. */
export const makeTables = (tables: Tables): string =>
  makeDirectory(
    Object.fromEntries(Object.entries(tables).map(([name, rows]) => [`${name}.csv`, toCsv(name, rows)])),
  );

const readSlice = (name: string): Table =>
  parse(gunzipSync(readFileSync(join(sliceDir, 'synthea', `${name}.csv.gz`))), { columns: true });

const patientColumn: Record<string, string> = {
  patients: 'Id',
  encounters: 'PATIENT',
  conditions: 'PATIENT',
  allergies: 'PATIENT',
  medications: 'PATIENT',
  claims_transactions: 'PATIENTID',
};

/** Loaded once. */
let slice: Tables | undefined;
function sliceTables(): Tables {
  const names = ['organizations', 'providers', ...Object.keys(patientColumn)];
  slice ??= Object.fromEntries(names.map((name) => [name, readSlice(name)]));
  return slice;
}

/** The tables with the rows of some patients only; hospitals and doctors stay. */
export function ofPatients(tables: Tables, isChosen: (patient: string) => boolean): Tables {
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => {
      const column = patientColumn[name];
      return [name, column === undefined ? rows : rows.filter((row) => isChosen(row[column]!))];
    }),
  );
}

/** Patients of the slice with the most interesting rows: those with a medication that stands twice, and a few more. */
export function smallTables(): Tables {
  const all = sliceTables();
  const keys = new Map<string, number>();
  const chosen = new Set<string>();
  for (const { PATIENT, ENCOUNTER, CODE, START } of all['medications']!) {
    const key = [ENCOUNTER, CODE, START].join();
    keys.set(key, (keys.get(key) ?? 0) + 1);
    if (keys.get(key) === 2 && chosen.size < 3) chosen.add(PATIENT!);
  }
  for (const { PATIENT } of all['allergies']!) chosen.add(PATIENT!);
  for (const { Id } of all['patients']!.slice(0, 8)) chosen.add(Id!);
  const small = ofPatients(all, (patient) => chosen.has(patient));
  const providers = new Set(small['encounters']!.map(({ PROVIDER }) => PROVIDER));
  small['providers'] = small['providers']!.filter(({ Id }) => providers.has(Id));
  const organizations = new Set(small['providers'].map(({ ORGANIZATION }) => ORGANIZATION));
  small['organizations'] = small['organizations']!.filter(({ Id }) => organizations.has(Id));
  // A test may change the rows; the demo's are shared.
  return structuredClone(small);
}

const collections = [
  'hospitals',
  'departments',
  'doctors',
  'patients',
  'appointments',
  'prescriptions',
] as const;

/** Each table's order, and what another run of the same gives other values to: transactions and numbers of its own. */
const tables: Readonly<Record<string, readonly [order: readonly string[], own: readonly string[]]>> = {
  billing: [['id'], ['written_by']],
  booking_accounts: [['appointment_id'], []],
  transactions: [['transaction_id'], ['invoice_number', 'receipt_number']],
  refunds: [['refund_id'], ['credit_note_number']],
  ledger_entries: [
    ['journal_id', 'line'],
    ['entry_number', 'written_by'],
  ],
};

/** All records of both stores, in the order of their ids. */
export async function dump({ around }: System): Promise<Record<string, Record<string, unknown>[]>> {
  const { connection, knex } = around.stores;
  const state: Record<string, Record<string, unknown>[]> = {};
  for (const name of collections)
    state[name] = await connection
      .collection(name)
      .find({}, { sort: { _id: 1 } })
      .project({ 'payment.as_of': 0 })
      .toArray();
  for (const [table, [order, own]] of Object.entries(tables)) {
    const rows: Record<string, unknown>[] = await knex(table).orderBy([...order]);
    state[table] = rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([column]) => !own.includes(column))),
    );
  }
  return JSON.parse(JSON.stringify(state)) as typeof state;
}

export async function clear({ around }: System): Promise<void> {
  const { connection } = around.stores;
  for (const name of [...collections, 'slot_claims', 'loadings'])
    await connection.collection(name).deleteMany({});
  await forgetMoney(around);
}
