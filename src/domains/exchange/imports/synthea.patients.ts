import type { Sex } from '../../../lib/sex.js';
import {
  blankPatient,
  type Allergy,
  type Diagnosis,
  type KnownPatient,
  type Patient,
} from '../../clinical/patients/patients.types.js';
import type { Mapped } from './imports.types.js';
import { address, type SyntheaRow } from './synthea.columns.js';
import { day, foreignId, optionalDay, requiredText, text, tryMap, Unusable } from './values.js';

const sexes: Readonly<Record<string, Sex>> = { M: 'male', F: 'female', '': 'unknown' };

/** The national id stays out until fields can be encrypted (PAT-4). */
export const toPatient = (
  row: SyntheaRow<'patients'>,
  diagnoses: readonly Diagnosis[],
  allergies: readonly Allergy[],
  now: Date,
): Mapped<Patient> =>
  tryMap(() => {
    const sex = sexes[row.GENDER];
    if (sex === undefined) throw new Unusable('GENDER is neither M nor F');
    const known: KnownPatient = {
      patient_id: foreignId(row, 'Id'),
      name: `${requiredText(row, 'FIRST')} ${requiredText(row, 'LAST')}`,
      date_of_birth: optionalDay(row, 'BIRTHDATE'),
      deceased_date: optionalDay(row, 'DEATHDATE'),
      sex,
      diagnoses: [...diagnoses],
      allergies: { state: allergies.length > 0 ? 'listed' : 'not_asked', items: [...allergies] },
      contact: { phone: null, email: null, address: address(row) },
    };
    return { record: blankPatient(known, now) };
  });

/** A row that is not a record but a part of a patient's. */
export interface PatientPart<T> {
  readonly patient_id: string;
  readonly part: T;
}

export const toDiagnosis = (row: SyntheaRow<'conditions'>): Mapped<PatientPart<Diagnosis>> =>
  tryMap(() => {
    const diagnosis = {
      disease: requiredText(row, 'DESCRIPTION'),
      code: text(row, 'CODE'),
      start_date: day(row, 'START'),
      end_date: optionalDay(row, 'STOP'),
    };
    if (diagnosis.end_date && diagnosis.end_date < diagnosis.start_date) {
      throw new Unusable('STOP is before START');
    }
    return { record: { patient_id: foreignId(row, 'PATIENT'), part: diagnosis } };
  });

const bySeverity = ['SEVERE', 'MODERATE', 'MILD'];

/** Synthea names up to two reactions; the severity is that of the worse one. */
export const toAllergy = (row: SyntheaRow<'allergies'>): Mapped<PatientPart<Allergy>> =>
  tryMap(() => {
    const reactions = [row.DESCRIPTION1, row.DESCRIPTION2].filter((reaction) => reaction !== '');
    const severity = bySeverity.find((word) => word === row.SEVERITY1 || word === row.SEVERITY2);
    const allergy = {
      substance: requiredText(row, 'DESCRIPTION'),
      code: text(row, 'CODE'),
      category: text(row, 'CATEGORY'),
      reaction: reactions.length > 0 ? reactions.join('; ') : null,
      severity: severity?.toLowerCase() ?? null,
    };
    return { record: { patient_id: foreignId(row, 'PATIENT'), part: allergy } };
  });
