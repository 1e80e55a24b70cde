import type { Document } from 'mongodb';

/** A collection whose newest documents a patient's own document summarises (PAT-1). */
interface RecentOf {
  readonly collection: 'appointments' | 'prescriptions';
  /** What "newest" goes by; the id decides a tie. */
  readonly newestBy: string;
  readonly id: string;
  readonly fields: readonly string[];
}

export const recents: readonly RecentOf[] = [
  {
    collection: 'appointments',
    newestBy: 'date',
    id: 'appointment_id',
    fields: ['doctor_id', 'date', 'status', 'disease'],
  },
  {
    collection: 'prescriptions',
    newestBy: 'created_at',
    id: 'prescription_id',
    fields: ['doctor_id', 'drug', 'cost', 'disease', 'start_date', 'end_date'],
  },
];

/**
 * Over one of `recents`: writes the newest `count` summaries of each of those patients into the patients' documents,
 * under the collection's name. A patient without any keeps what is there. ($topN needs MongoDB 5.2.)
 */
export function recentSummaries(of: RecentOf, patient_ids: readonly string[], count: number): Document[] {
  const { collection, newestBy, id, fields } = of;
  const output = Object.fromEntries([
    [id, '$_id'],
    ...fields.map((field) => [field, `$${field}`]),
  ]) as Document;
  return [
    { $match: { patient_id: { $in: [...patient_ids] } } },
    {
      $group: {
        _id: '$patient_id',
        [collection]: { $topN: { n: count, sortBy: { [newestBy]: -1, _id: -1 }, output } },
      },
    },
    { $merge: { into: 'patients', on: '_id', whenMatched: 'merge', whenNotMatched: 'discard' } },
  ];
}
