import type { Decimal128 } from 'mongodb';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation, Stage } from './stages/types.js';

export interface DrugSpendParams extends Period, Scope {}

export interface DrugSpendRow {
  readonly drug_code: string | null;
  /** The least of the names that the code goes by. */
  readonly drug: string;
  readonly prescriptions: number;
  /** Distinct ones. */
  readonly patients: number;
  /** Exact, whatever engine has summed it. */
  readonly cost: Decimal128 | string;
}

/** A drug is its code, or its name where it has none: the members of a `$group`'s `_id`, side by side. */
function drugKey(): Stage {
  const code = { $ifNull: ['$drug_code', null] };
  return { drug_code: code, name: { $cond: [{ $eq: [code, null] }, '$drug', null] } };
}

/** REP-5: what was prescribed of each drug, by start date. Patients are told apart by grouping twice, as in `top-doctors`. */
export function drugSpend(params: DrugSpendParams): Aggregation {
  return {
    collection: 'prescriptions',
    pipeline: [
      { $match: { ...within('start_date', params), ...inScope(params) } },
      {
        $group: {
          _id: { ...drugKey(), patient_id: '$patient_id' },
          drug: { $min: '$drug' },
          prescriptions: { $sum: 1 },
          cost: { $sum: '$cost' },
        },
      },
      {
        $group: {
          _id: { drug_code: '$_id.drug_code', name: '$_id.name' },
          drug: { $min: '$drug' },
          prescriptions: { $sum: '$prescriptions' },
          patients: { $sum: 1 },
          cost: { $sum: '$cost' },
        },
      },
      { $project: { _id: 0, drug_code: '$_id.drug_code', drug: 1, prescriptions: 1, patients: 1, cost: 1 } },
    ],
  };
}
