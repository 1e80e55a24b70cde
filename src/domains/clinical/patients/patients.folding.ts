import { isDeepStrictEqual } from 'node:util';
import { openDiseases } from './patients.diagnoses.js';
import type { Allergy, AllergyState, Diagnosis, Patient } from './patients.types.js';

/** What a patient's own document took from another's in a merge, so that it can be taken out again; of lists, which of the other's items. */
export interface Folded {
  /** Fields that were empty. */
  filled: string[];
  diagnoses: number[];
  allergies: number[];
  /** As it was before. */
  allergy_state: AllergyState;
}

type Changes = Partial<Patient>;

const contactFields = ['phone', 'email', 'address'] as const;

const without = <T>(items: readonly T[], there: readonly T[]): number[] =>
  items.flatMap((item, at) => (there.some((one) => isDeepStrictEqual(one, item)) ? [] : [at]));

function stateOf(items: readonly Allergy[], ...states: readonly AllergyState[]): AllergyState {
  if (items.length > 0) return 'listed';
  return states.includes('none_known') ? 'none_known' : 'not_asked';
}

/**
 * PAT-7: what `into` says after a merge. Its own word stands; what it does not know, the other one may; lists are joined, and what
 * both say to the letter is said once.
 */
export function fold(into: Patient, from: Patient): { changes: Changes; folded: Folded } {
  const changes: Changes = {};
  const filled: string[] = [];
  if (into.date_of_birth === null && from.date_of_birth !== null) {
    filled.push('date_of_birth');
    changes.date_of_birth = from.date_of_birth;
    changes.date_of_birth_estimated = from.date_of_birth_estimated;
  }
  if (into.sex === 'unknown' && from.sex !== 'unknown') {
    filled.push('sex');
    changes.sex = from.sex;
  }
  for (const field of ['department_id', 'user_id'] as const)
    if (into[field] === null && from[field] !== null) {
      filled.push(field);
      changes[field] = from[field];
    }
  const contact = { ...into.contact };
  for (const field of contactFields)
    if (contact[field] === null && from.contact[field] !== null) {
      filled.push(`contact.${field}`);
      contact[field] = from.contact[field];
    }
  if (!isDeepStrictEqual(contact, into.contact)) changes.contact = contact;
  const diagnoses = without(from.diagnoses, into.diagnoses);
  if (diagnoses.length > 0) {
    changes.diagnoses = [...into.diagnoses, ...diagnoses.map((at) => from.diagnoses[at]!)];
    changes.diseases = openDiseases(changes.diagnoses);
  }
  const allergies = without(from.allergies.items, into.allergies.items);
  const items = [...into.allergies.items, ...allergies.map((at) => from.allergies.items[at]!)];
  const allergy = { state: stateOf(items, into.allergies.state, from.allergies.state), items };
  if (!isDeepStrictEqual(allergy, into.allergies)) changes.allergies = allergy;
  return { changes, folded: { filled, diagnoses, allergies, allergy_state: into.allergies.state } };
}

/** The list without the named items of `from`, and how many of those were not found as they came. */
function takeOut<T>(list: readonly T[], from: readonly T[], which: readonly number[]): [T[], number] {
  const left = [...list];
  let missing = 0;
  for (const at of which) {
    const found = left.findLastIndex((item) => isDeepStrictEqual(item, from[at]));
    if (found < 0) missing += 1;
    else left.splice(found, 1);
  }
  return [left, missing];
}

/** The reverse of `fold`, of what has not been changed since; `changed`: the fields that have, and stay. */
export function unfold(
  into: Patient,
  from: Patient,
  { filled, diagnoses, allergies, allergy_state }: Folded,
): { changes: Changes; changed: string[] } {
  const changes: Changes = {};
  const changed: string[] = [];
  const contact = { ...into.contact };
  for (const path of filled) {
    const field = path.replace('contact.', '') as keyof Patient['contact'];
    const isContact = path.startsWith('contact.');
    const [is, came] = isContact
      ? [into.contact[field], from.contact[field]]
      : [into[path as keyof Patient], from[path as keyof Patient]];
    if (!isDeepStrictEqual(is, came)) changed.push(path);
    else if (isContact) contact[field] = null;
    else if (path === 'sex') changes.sex = 'unknown';
    else if (path === 'date_of_birth')
      Object.assign(changes, { date_of_birth: null, date_of_birth_estimated: false });
    else Object.assign(changes, { [path]: null });
  }
  if (!isDeepStrictEqual(contact, into.contact)) changes.contact = contact;
  const [kept, lost] = takeOut<Diagnosis>(into.diagnoses, from.diagnoses, diagnoses);
  if (lost > 0) changed.push('diagnoses');
  if (kept.length < into.diagnoses.length)
    Object.assign(changes, { diagnoses: kept, diseases: openDiseases(kept) });
  const [items, gone] = takeOut<Allergy>(into.allergies.items, from.allergies.items, allergies);
  if (gone > 0) changed.push('allergies');
  const allergy = { state: stateOf(items, allergy_state), items };
  if (!isDeepStrictEqual(allergy, into.allergies)) changes.allergies = allergy;
  return { changes, changed };
}
