import type { DiseaseKey } from './diseases.js';
import type { Stage } from './types.js';

/**
 * One bar of a disease's histogram: how many treatments took so many whole days. The average, the median and the
 * percentiles follow from the bars exactly, and no array grows with the number of treatments (mongod 6.0 has neither
 * `$median` nor `$percentile`, and those of later versions are estimates).
 */
export interface DurationsRow extends DiseaseKey {
  /** The least of the names that the code goes by. */
  readonly name: string | null;
  /** Null where the disease has open treatments only. */
  readonly days: number | null;
  readonly episodes: number;
  /** Patients who are counted in this bar and in no other of the disease: their sum is the distinct patients. */
  readonly patients: number;
  readonly open_excluded: number;
  /** The records that the figures are made of. */
  readonly records: number;
}

/**
 * Turns treatments `{ key: DiseaseKey, name, patient_id, days, records }` into `DurationsRow`s. `days` is null for an open
 * one. The arrays on the way hold one patient's treatments of one disease.
 */
export function durationHistogram(): Stage[] {
  const isOpen = { $eq: ['$days', null] };
  return [
    {
      $group: {
        _id: { key: '$key', patient_id: '$patient_id' },
        name: { $min: '$name' },
        days: { $push: { $cond: [isOpen, '$$REMOVE', '$days'] } },
        open: { $sum: { $cond: [isOpen, 1, 0] } },
        records: { $sum: '$records' },
      },
    },
    { $unwind: { path: '$days', includeArrayIndex: 'index', preserveNullAndEmptyArrays: true } },
    {
      $group: {
        _id: { key: '$_id.key', days: { $ifNull: ['$days', null] } },
        name: { $min: '$name' },
        // `index` is null where the patient has open treatments only, and null is less than any number.
        episodes: { $sum: { $cond: [{ $gte: ['$index', 0] }, 1, 0] } },
        patients: { $sum: { $cond: [{ $eq: ['$index', 0] }, 1, 0] } },
        open_excluded: { $sum: { $cond: [{ $lte: ['$index', 0] }, '$open', 0] } },
        records: { $sum: { $cond: [{ $lte: ['$index', 0] }, '$records', 0] } },
      },
    },
    {
      $project: {
        _id: 0,
        disease_code: '$_id.key.disease_code',
        disease: '$_id.key.disease',
        name: 1,
        days: '$_id.days',
        episodes: 1,
        patients: 1,
        open_excluded: 1,
        records: 1,
      },
    },
  ];
}
