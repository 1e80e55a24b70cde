import type { BulkResult } from '../../../lib/bulk.js';
import type { ImportRun } from './imports.run.js';
import { clinic, medschedulerColumns as columns, toAppointment, toPatient } from './medscheduler.js';

export const medschedulerFiles = Object.keys(columns) as (keyof typeof columns)[];

export async function importMedscheduler(run: ImportRun): Promise<void> {
  const { hospitals, departments, doctors, patients, appointments } = run.targets;
  const made = ({ stored, unchanged }: BulkResult): void => {
    run.made.stored += stored;
    run.made.unchanged += unchanged;
  };
  const { hospital, department, doctor } = clinic(run.now);
  made(await hospitals.importMany([hospital]));
  made(await departments.importMany([department]));
  made(await doctors.importMany([doctor]));

  const ids = new Set<string>();
  await run.load('patients', columns.patients, {
    id: (row) => row.patient_id,
    map(row, id) {
      ids.add(id);
      return toPatient(row, run.now);
    },
    store: (records) => patients.importMany(records),
  });
  await run.load('appointments', columns.appointments, {
    id: (row) => row.appointment_id,
    map: toAppointment,
    store: (records) => appointments.importMany(records),
  });
  await run.refreshPatients(ids);
}
