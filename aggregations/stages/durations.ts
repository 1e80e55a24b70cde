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
 * Turns the treatments of a patient and a disease, `{ _id: { …DiseaseKey, patient_id }, name, days, open, records }`, into
 * `DurationsRow`s. `days` holds the whole days of each that has ended, `open` the number of those that have not.
 */
export function durationHistogram(): Stage[] {
  return [
    { $unwind: { path: '$days', includeArrayIndex: 'index', preserveNullAndEmptyArrays: true } },
    {
      $group: {
        _id: {
          disease_code: '$_id.disease_code',
          disease: '$_id.disease',
          days: { $ifNull: ['$days', null] },
        },
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
        disease_code: '$_id.disease_code',
        disease: '$_id.disease',
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
