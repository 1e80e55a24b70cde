import type { Stage } from './types.js';

/*
 * The records as they were known at a moment, for any pipeline to go on from: what was written down later has not happened
 * yet. Other fields stay as they are now: only those that a report may then use are put back.
 */

const later = (list: string, at: Date): Stage => ({
  $filter: { input: { $ifNull: [list, []] }, cond: { $gt: ['$$this.at', at] } },
});

const isStepless = { $eq: [{ $size: { $ifNull: ['$history', []] } }, 0] };

/** Appointments: their status, date and end; those that have been removed since are there again. */
const appointmentsAt = (at: Date): Stage[] => [
  { $match: { created_at: { $lte: at } } },
  {
    $unionWith: {
      coll: 'removed_appointments',
      pipeline: [
        { $match: { created_at: { $lte: at }, removed_at: { $gt: at } } },
        { $set: { _id: { $first: { $split: ['$_id', ' '] } } } },
      ],
    },
  },
  {
    $set: {
      status: {
        $let: {
          vars: {
            steps: { $filter: { input: { $ifNull: ['$history', []] }, cond: { $lte: ['$$this.at', at] } } },
          },
          // Where no step is kept, the record has never had another status.
          in: { $ifNull: [{ $last: '$$steps.status' }, { $cond: [isStepless, '$status', 'scheduled'] }] },
        },
      },
      // The first move that was made later says where the appointment was before it.
      date: {
        $let: {
          vars: { moves: later('$reschedules', at) },
          in: { $ifNull: [{ $first: '$$moves.from' }, '$date'] },
        },
      },
      ended_at: { $cond: [{ $lte: ['$ended_at', at] }, '$ended_at', null] },
    },
  },
];

/** Prescriptions: the wording of then; one that has been corrected or removed since is kept as a version. */
const prescriptionsAt = (at: Date): Stage[] => [
  { $match: { updated_at: { $lte: at } } },
  {
    $unionWith: {
      coll: 'prescription_versions',
      pipeline: [
        { $match: { replaced_at: { $gt: at }, 'prescription.updated_at': { $lte: at } } },
        { $replaceWith: { $mergeObjects: ['$prescription', { _id: '$prescription_id' }] } },
      ],
    },
  },
];

const known: Readonly<Record<string, (at: Date) => Stage[]>> = {
  appointments: appointmentsAt,
  prescriptions: prescriptionsAt,
};

/** The stages to put before a pipeline over `collection`; undefined for a collection that keeps nothing of its past. */
export const knownAt = (collection: string, at: Date): readonly Stage[] | undefined =>
  known[collection]?.(at);
