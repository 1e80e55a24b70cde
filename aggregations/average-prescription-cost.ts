import type { Decimal128 } from 'mongodb';
import { ofDisease, type DiseaseFilter } from './stages/diseases.js';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation } from './stages/types.js';

interface AveragePrescriptionCostParams extends Period, Scope {
  readonly diseases?: DiseaseFilter | undefined;
}

/** Prescriptions for a disease, or for none, of one department. A disease has several such rows. */
export interface AveragePrescriptionCostRow {
  readonly disease_code: string | null;
  /** As it was written: a code may go by several names. */
  readonly disease: string | null;
  readonly prescriptions: number;
  /** Exact. */
  readonly cost: Decimal128;
  /** Of each prescription for a disease; the other side of the join comes from Postgres. */
  readonly patient_ids: readonly string[];
}

/**
 * REP-4, MongoDB's side: prescriptions that start in the period, by disease as it was written. The department parts the lists,
 * so that one of them is far from the 16 MB of a document (400,000 prescriptions of one disease in one department). Distinct
 * patients are for the one who reads: sets in the database take twice its time.
 */
export function averagePrescriptionCost(params: AveragePrescriptionCostParams): Aggregation {
  // Nothing is greater than null but what is there.
  const hasNone = {
    $not: [{ $or: [{ $gt: ['$_id.disease_code', null] }, { $gt: ['$_id.disease', null] }] }],
  };
  return {
    collection: 'prescriptions',
    pipeline: [
      {
        $match: {
          ...(params.diseases ? ofDisease('disease_code', 'disease', params.diseases) : {}),
          ...within('start_date', params),
          ...inScope(params),
        },
      },
      {
        $group: {
          _id: { disease_code: '$disease_code', disease: '$disease', department_id: '$department_id' },
          prescriptions: { $sum: 1 },
          cost: { $sum: '$cost' },
          patient_ids: { $push: '$patient_id' },
        },
      },
      {
        $project: {
          _id: 0,
          disease_code: { $ifNull: ['$_id.disease_code', null] },
          disease: { $ifNull: ['$_id.disease', null] },
          prescriptions: 1,
          cost: 1,
          // What is for no disease is summed only: nothing is joined to it.
          patient_ids: { $cond: [hasNone, [], '$patient_ids'] },
        },
      },
    ],
  };
}
