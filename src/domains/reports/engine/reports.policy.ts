import { Problem } from '../../../lib/errors.js';
import type { Asker, AskedOf, ReportPath } from './reports.types.js';

/**
 * Whose figures the asker may see: a doctor's query is held to that doctor, everybody else's stays as it is. Throws
 * `forbidden` for another doctor's figures, and where figures can't be told apart by doctor.
 */
export function confine<Q extends AskedOf>(asker: Asker, query: Q, namesDoctor: boolean): Q {
  if (asker.role !== 'doctor') return query;
  if (!namesDoctor)
    throw new Problem('forbidden', 'These figures name no doctor, so none of them are yours.');
  const { doctor_id } = asker;
  if (doctor_id === null || (query.doctor_id !== undefined && query.doctor_id !== doctor_id))
    throw new Problem('forbidden', 'A doctor sees their own figures.');
  return { ...query, doctor_id };
}

/** Plans show how the databases work: for admins. */
export function checkExplain(asker: Asker, explain = false): void {
  if (explain && asker.role !== 'admin') throw new Problem('forbidden', 'explain is for admins.');
}

/** Summing up the records costs the most there is: for admins, to prove a figure. */
export function checkPath(asker: Asker, path: ReportPath | undefined): void {
  if (path !== undefined && asker.role !== 'admin') throw new Problem('forbidden', 'path is for admins.');
}
