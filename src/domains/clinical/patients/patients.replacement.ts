import type { Actor } from '../../../lib/actor.js';
import { differences, given } from '../../../lib/changes.js';
import { invalidField } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import { ageOn } from './patients.age.js';
import { withOpenDiseases } from './patients.diagnoses.js';
import { canSet } from './patients.policy.js';
import type { replacePatientBody, updatePatientBody } from './patients.schema.js';
import type { Patient } from './patients.types.js';

/** What a PUT changes of a patient. Throws `invalid_request`. */
export function replacementOf(
  actor: Actor,
  patient: Patient,
  body: Infer<typeof replacePatientBody>,
  today: Date,
): Infer<typeof updatePatientBody> {
  const { patient_id = patient.patient_id, age, diseases, diagnoses, contact, ...rest } = body;
  if (patient_id !== patient.patient_id)
    throw invalidField('/body/patient_id', 'is not the one of the address');
  if (diseases && diagnoses) throw invalidField('/body/diseases', 'goes without diagnoses');
  const department_id = canSet(actor, 'department_id') ? null : patient.department_id;
  const wanted = {
    department_id,
    ...given(rest),
    ...(diagnoses ? { diagnoses } : {}),
    ...(diseases ? { diagnoses: withOpenDiseases(patient.diagnoses, diseases, today) } : {}),
    ...(contact ? { contact: { ...patient.contact, ...contact } } : {}),
  };
  // The age that they have says nothing new of the day they were born.
  const isNews = age !== undefined && age !== ageOn(today, patient.date_of_birth);
  return { ...differences(patient, wanted), ...(isNews ? { age } : {}) };
}
