import type { ImportRun } from './imports.run.js';
import type { Mapped, Row } from './imports.types.js';
import {
  prescriptionId,
  toAppointment,
  toBillingRow,
  toPrescription,
  type Charged,
  type Place,
} from './synthea.care.js';
import { syntheaColumns as columns, type SyntheaRow } from './synthea.columns.js';
import { toDoctor, toHospital } from './synthea.network.js';
import { toAllergy, toDiagnosis, toPatient, type PatientPart } from './synthea.patients.js';
import type { Tally } from './tally.js';
import { createTextKeeper, ownText } from './values.js';
import { together } from './writer.js';

export const syntheaFiles = Object.keys(columns) as (keyof typeof columns)[];

/** What later files need of earlier ones: ids and what hangs on them, never rows. */
interface Known {
  /** By doctor; one object is shared by all the doctor's appointments. */
  readonly doctors: Map<string, Place>;
  readonly appointments: Map<string, Place>;
  readonly patients: Set<string>;
  /** By prescription id. */
  readonly medications: Map<string, Charged>;
  readonly keepText: (text: string) => string;
}

const keepRow = <C extends string>(row: Row<C>, { keepText }: Known): Row<C> =>
  Object.fromEntries(
    Object.entries<string>(row).map(([column, value]) => [column, keepText(value)]),
  ) as Record<C, string>;

async function importNetwork(run: ImportRun, known: Known): Promise<void> {
  const { hospitals, departments, doctors } = run.targets;
  await run.load('organizations', columns.organizations, {
    id: (row) => row.Id,
    map: (row) => toHospital(row, run.now),
    store: (records) => hospitals.importMany(records),
  });
  await run.load('providers', columns.providers, {
    id: (row) => row.Id,
    map: (row) => toDoctor(row, run.now),
    async store(records) {
      const made = new Map(records.map(({ department }) => [department.department_id, department]));
      const { stored, unchanged } = await departments.importMany([...made.values()]);
      run.made.stored += stored;
      run.made.unchanged += unchanged;
      for (const { doctor } of records) {
        const { doctor_id, department_id, hospital_id } = doctor;
        known.doctors.set(doctor_id, { doctor_id, department_id, hospital_id });
      }
      return doctors.importMany(records.map(({ doctor }) => doctor));
    },
    // The next batch may need the departments of this one.
    atOnce: 1,
  });
}

/** The rows of a file that are parts of patients, by patient. */
type Parts<T> = Map<string, { readonly line: number; readonly part: T }[]>;

async function readParts<C extends string, T>(
  run: ImportRun,
  name: 'conditions' | 'allergies',
  columns: readonly C[],
  map: (row: Row<C>) => Mapped<PatientPart<T>>,
): Promise<Parts<T>> {
  const parts: Parts<T> = new Map();
  await run.eachRow(name, columns, (row, line) => {
    const taken = run.take(name, line, null, map(row));
    if (!taken) return;
    const { patient_id, part } = taken;
    const list = parts.get(patient_id);
    if (list) list.push({ line, part });
    else parts.set(patient_id, [{ line, part }]);
  });
  return parts;
}

/** A patient is stored once, with the diagnoses and allergies; those rows share what becomes of their patient. */
async function importPatients(run: ImportRun, known: Known): Promise<void> {
  const { patients } = run.targets;
  const diagnoses = await readParts(run, 'conditions', columns.conditions, (row) =>
    toDiagnosis(keepRow(row, known)),
  );
  const allergies = await readParts(run, 'allergies', columns.allergies, (row) =>
    toAllergy(keepRow(row, known)),
  );
  const parts = { conditions: diagnoses, allergies };
  const settle = (id: string, tell: (tally: Tally, line: number) => void): void => {
    for (const [name, byPatient] of Object.entries(parts)) {
      for (const { line } of byPatient.get(id) ?? []) tell(run.tally(name), line);
      byPatient.delete(id);
    }
  };
  const of = <T>(byPatient: Parts<T>, id: string): T[] => (byPatient.get(id) ?? []).map(({ part }) => part);

  await run.load('patients', columns.patients, {
    id: (row) => row.Id,
    map: (row, id) => toPatient(row, of(diagnoses, id), of(allergies, id), run.now),
    async store(records) {
      const ids = records.map(({ patient_id }) => patient_id);
      const before = await patients.existing(ids);
      const result = await patients.importMany(records);
      const rejected = new Set(result.rejected.map(({ id }) => id));
      for (const id of ids) {
        known.patients.add(id);
        if (rejected.has(id)) continue;
        settle(id, (tally) => (before.has(id) ? tally.unchanged(1) : tally.stored(1)));
      }
      return result;
    },
  });
  for (const byPatient of Object.values(parts)) {
    for (const id of [...byPatient.keys()]) {
      settle(id, (tally, line) => tally.reject(line, id, 'PATIENT names no stored row of patients'));
    }
  }
}

async function importAppointments(run: ImportRun, known: Known): Promise<void> {
  await run.load('encounters', columns.encounters, {
    id: (row) => row.Id,
    map(row, id) {
      const place = known.doctors.get(row.PROVIDER);
      if (place) known.appointments.set(id, place);
      return toAppointment(row, place);
    },
    store: (records) => run.targets.appointments.importMany(records),
  });
}

/** Numbers the rows of each key from 0, in the order in which they come. */
function createCounter(): (key: readonly string[]) => number {
  const counts = new Map<string, number>();
  return (key) => {
    const text = ownText(key.join(' '));
    const k = counts.get(text) ?? 0;
    counts.set(text, k + 1);
    return k;
  };
}

async function importPrescriptions(run: ImportRun, known: Known): Promise<void> {
  const { medications, keepText, appointments } = known;
  const nth = createCounter();
  await run.load('medications', columns.medications, {
    id: ({ ENCOUNTER, CODE, START }) => prescriptionId(ENCOUNTER, CODE, START, nth([ENCOUNTER, CODE, START])),
    map(row, prescription_id) {
      // A row that can't be stored keeps its place among those of its key, so that the others keep theirs.
      medications.set(prescription_id, {
        prescription_id,
        disease: keepText(row.REASONDESCRIPTION) || null,
        disease_code: keepText(row.REASONCODE) || null,
      });
      return toPrescription(row, prescription_id, appointments.get(row.ENCOUNTER));
    },
    store: (records) => run.targets.prescriptions.importMany(records),
  });
}

async function importBilling(run: ImportRun, known: Known): Promise<void> {
  const { medications, appointments } = known;
  const nth = createCounter();
  const charged = (row: SyntheaRow<'claims_transactions'>): Charged | undefined => {
    const key = [row.APPOINTMENTID, row.PROCEDURECODE, row.FROMDATE] as const;
    return medications.get(prescriptionId(...key, nth(key)));
  };
  await run.load('claims_transactions', columns.claims_transactions, {
    id: (row) => row.ID,
    map: (row) =>
      toBillingRow(
        row,
        appointments.get(row.APPOINTMENTID),
        row.TYPE === 'CHARGE' ? charged(row) : undefined,
      ),
    store: (records) => run.targets.billing.importMany(records),
  });
}

/** See docs/import.md. What refers to something is stored after it. */
export async function importSynthea(run: ImportRun): Promise<void> {
  const known: Known = {
    doctors: new Map(),
    appointments: new Map(),
    patients: new Set(),
    medications: new Map(),
    keepText: createTextKeeper(),
  };
  await together(importNetwork(run, known), importPatients(run, known));
  await importAppointments(run, known);
  await importPrescriptions(run, known);
  await together(importBilling(run, known), run.refreshPatients(known.patients));
}
