import type { Stage } from './types.js';

/** A disease is its code where there is one, else its name: exactly one of the two is null. */
export interface DiseaseKey {
  readonly disease_code: string | null;
  readonly disease: string | null;
}

/** Which diseases a report is asked for: those with one of the codes, and the one without a code by its name. */
export interface DiseaseFilter {
  readonly codes: readonly string[];
  readonly name: string;
}

/**
 * The members of a `$group`'s `_id` that make a `DiseaseKey` of a document with these two fields. They stand beside the other
 * members: a key inside of the key makes grouping five times slower (mongod 6.0).
 */
export function diseaseKey(codeField: string, nameField: string): Stage {
  const code = { $ifNull: [codeField, null] };
  return { disease_code: code, disease: { $cond: [{ $eq: [code, null] }, nameField, null] } };
}

/** The conditions of a `$match` that leave out documents without a disease, or keep those of the filter. */
export function ofDisease(codeField: string, nameField: string, filter?: DiseaseFilter): Stage {
  if (filter === undefined) return { $or: [{ [codeField]: { $ne: null } }, { [nameField]: { $ne: null } }] };
  return {
    $or: [{ [codeField]: { $in: [...filter.codes] } }, { [codeField]: null, [nameField]: filter.name }],
  };
}
