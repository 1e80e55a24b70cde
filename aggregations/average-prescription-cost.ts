import type { Decimal128 } from 'mongodb';
import { diseaseKey, ofDisease, type DiseaseFilter, type DiseaseKey } from './stages/diseases.js';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation } from './stages/types.js';

export interface AveragePrescriptionCostParams extends Period, Scope {
  readonly diseases?: DiseaseFilter | undefined;
}

/** A patient's prescriptions for a disease; the other side of the join comes from Postgres. */
export interface AveragePrescriptionCostRow extends DiseaseKey {
  /** The least of the names that the code goes by with this patient. */
  readonly name: string | null;
  readonly patient_id: string;
  readonly prescriptions: number;
  /** Exact. */
  readonly cost: Decimal128;
}

/** REP-4, MongoDB's side: prescriptions that start in the period, by disease and patient. */
export function averagePrescriptionCost(params: AveragePrescriptionCostParams): Aggregation {
  return {
    collection: 'prescriptions',
    pipeline: [
      {
        $match: {
          ...ofDisease('disease_code', 'disease', params.diseases),
          ...within('start_date', params),
          ...inScope(params),
        },
      },
      {
        $group: {
          _id: { key: diseaseKey('$disease_code', '$disease'), patient_id: '$patient_id' },
          name: { $min: '$disease' },
          prescriptions: { $sum: 1 },
          cost: { $sum: '$cost' },
        },
      },
      {
        $project: {
          _id: 0,
          disease_code: '$_id.key.disease_code',
          disease: '$_id.key.disease',
          name: 1,
          patient_id: '$_id.patient_id',
          prescriptions: 1,
          cost: 1,
        },
      },
    ],
  };
}
