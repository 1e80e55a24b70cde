import { invalidField, Problem } from '../../../lib/errors.js';
import type { Patient } from './patients.types.js';

/** One thing that is wrong with a patient by itself: the field, as a path, and why. */
interface PatientFault {
  readonly field: string;
  readonly message: string;
}

type Checked = Pick<Patient, 'date_of_birth' | 'deceased_date' | 'diagnoses' | 'allergies'>;

/** What no shape can say, because it compares fields or needs to know which day it is. Undefined when all is well. */
export function findFault(patient: Checked, today: Date): PatientFault | undefined {
  const { date_of_birth, deceased_date, diagnoses, allergies } = patient;
  if (date_of_birth && date_of_birth > today) return { field: 'date_of_birth', message: 'is in the future' };
  if (deceased_date && deceased_date > today) return { field: 'deceased_date', message: 'is in the future' };
  if (date_of_birth && deceased_date && deceased_date < date_of_birth)
    return { field: 'deceased_date', message: 'must not be before date_of_birth' };
  const backwards = diagnoses.findIndex(({ start_date, end_date }) => end_date && end_date < start_date);
  if (backwards >= 0)
    return { field: `diagnoses/${backwards}/end_date`, message: 'must not be before start_date' };
  if ((allergies.state === 'listed') !== allergies.items.length > 0)
    return { field: 'allergies/state', message: 'is `listed` when there are items, and only then' };
  return undefined;
}

/** Throws `invalid_request` that names the field of the body. */
export function checkPatient(patient: Checked, today: Date): void {
  const fault = findFault(patient, today);
  if (fault) throw invalidField(`/body/${fault.field}`, fault.message);
}

/** PAT-9: what is still to come is not for the dead. Throws `patient_deceased`. */
export function checkLiving({ deceased_date }: Pick<Patient, 'deceased_date'>): void {
  if (deceased_date) throw new Problem('patient_deceased');
}
