import type { Row } from './imports.types.js';

/*
 * Rows of Synthea's CSV exporter → our records: pure, one row at a time. What other rows must tell (the doctor's
 * department, the encounter's doctor, the disease of a charged medication) comes as an argument; undefined means that
 * no usable row told it. `now` is the time of the import, for records that the files do not date.
 */

/** The columns that are read of each file. */
export const syntheaColumns = {
  organizations: ['Id', 'NAME', 'ADDRESS', 'CITY', 'STATE', 'ZIP', 'LAT', 'LON'],
  providers: ['Id', 'ORGANIZATION', 'NAME', 'SPECIALITY'],
  patients: [
    'Id', 'BIRTHDATE', 'DEATHDATE', 'FIRST', 'LAST', 'GENDER', 'ADDRESS', 'CITY', 'STATE', 'ZIP',
  ],
  conditions: ['START', 'STOP', 'PATIENT', 'CODE', 'DESCRIPTION'],
  allergies: [
    'PATIENT', 'CODE', 'DESCRIPTION', 'CATEGORY', 'DESCRIPTION1', 'SEVERITY1', 'DESCRIPTION2', 'SEVERITY2',
  ],
  encounters: ['Id', 'START', 'STOP', 'PATIENT', 'PROVIDER', 'DESCRIPTION', 'REASONCODE', 'REASONDESCRIPTION'],
  medications: [
    'START', 'STOP', 'PATIENT', 'ENCOUNTER', 'CODE', 'DESCRIPTION', 'TOTALCOST', 'REASONCODE', 'REASONDESCRIPTION',
  ],
  claims_transactions: ['ID', 'PATIENTID', 'TYPE', 'AMOUNT', 'FROMDATE', 'PROCEDURECODE', 'APPOINTMENTID'],
} as const; // prettier-ignore

type Columns = typeof syntheaColumns;
export type SyntheaRow<F extends keyof Columns> = Row<Columns[F][number]>;

/** `964 Heidenreich Gate Unit 39, Marshfield Hills, Massachusetts 02051`; null when all of it is empty. */
export function address(row: Row<'ADDRESS' | 'CITY' | 'STATE' | 'ZIP'>): string | null {
  const parts = [row.ADDRESS, row.CITY, `${row.STATE} ${row.ZIP}`.trim()].filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join(', ');
}
