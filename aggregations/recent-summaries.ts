import type { Document } from 'mongodb';

/** A collection whose newest documents a patient's own document summarises (PAT-1). */
interface RecentOf {
  readonly collection: 'appointments' | 'prescriptions';
  /** What "newest" goes by; the id decides a tie. */
  readonly newestBy: string;
  readonly id: string;
  readonly fields: readonly string[];
  /** PAT-8: whether its doctors treat the patient, all of them and not the newest alone. */
  readonly treats: boolean;
}

export const recents: readonly RecentOf[] = [
  {
    collection: 'appointments',
    newestBy: 'date',
    id: 'appointment_id',
    fields: ['doctor_id', 'date', 'status', 'disease'],
    treats: true,
  },
  {
    collection: 'prescriptions',
    newestBy: 'created_at',
    id: 'prescription_id',
    fields: ['doctor_id', 'drug', 'cost', 'disease', 'start_date', 'end_date'],
    treats: false,
  },
];

/** Doctors whose visits are not called off. */
const treating: Document = {
  care_team: { $addToSet: { $cond: [{ $eq: ['$status', 'cancelled'] }, '$$REMOVE', '$doctor_id'] } },
};

/**
 * Over one of `recents`: writes the newest `count` summaries of each of those patients into the patients' documents,
 * under the collection's name, and who treats them. A patient without any keeps what is there. ($topN needs MongoDB 5.2.)
 */
export function recentSummaries(of: RecentOf, patient_ids: readonly string[], count: number): Document[] {
  const { collection, newestBy, id, fields, treats } = of;
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
        ...(treats ? treating : {}),
      },
    },
    // An order that does not depend on which documents come first.
    ...(treats ? [{ $set: { care_team: { $sortArray: { input: '$care_team', sortBy: 1 } } } }] : []),
    { $merge: { into: 'patients', on: '_id', whenMatched: 'merge', whenNotMatched: 'discard' } },
  ];
}
