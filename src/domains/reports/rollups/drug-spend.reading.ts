import { drugKey, type DrugSpendParams, type DrugSpendRow } from '../../../../aggregations/drug-spend.js';
import type { MongoQuery } from '../engine/reports.types.js';
import { drugSpendRollup } from './drug-spend.rollup.js';
import { inRun, monthRun, type MonthRun } from './periods.js';

export type KeptDrug = Omit<DrugSpendRow, 'cost'> & { readonly cents: number };

/** Patients of some months in a row: of each month, those who were not there in an earlier one of them. */
function patients({ single, from }: MonthRun): unknown {
  if (single) return '$patients';
  if (from === null) return '$first';
  const months = { $objectToArray: { $ifNull: ['$again', {}] } };
  const before = { $filter: { input: months, cond: { $lt: ['$$this.k', from] } } };
  return { $sum: ['$first', { $sum: { $map: { input: before, in: '$$this.v' } } }] };
}

/** The sums of whole months, everywhere or in one hospital: people do not add up over hospitals. */
export function readDrugSpend(params: DrugSpendParams): MongoQuery | undefined {
  const { hospital_ids, department_id, doctor_id } = params;
  const run = monthRun(params, 'UTC');
  if (!run || department_id !== undefined || doctor_id !== undefined) return undefined;
  if (hospital_ids !== undefined && hospital_ids.length !== 1) return undefined;
  return {
    collection: drugSpendRollup.collection,
    pipeline: [
      // A name that nobody goes by any more stays as a document of zeros.
      { $match: { hospital_id: hospital_ids?.[0] ?? null, ...inRun(run), prescriptions: { $gt: 0 } } },
      {
        $group: {
          _id: drugKey(),
          drug: { $min: '$drug' },
          prescriptions: { $sum: '$prescriptions' },
          patients: { $sum: patients(run) },
          cents: { $sum: '$cents' },
        },
      },
      {
        $project: { _id: 0, drug_code: '$_id.drug_code', drug: 1, prescriptions: 1, patients: 1, cents: 1 },
      },
    ],
  };
}
