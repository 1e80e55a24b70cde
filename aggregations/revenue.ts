import { anyOf, type Scope } from './stages/filters.js';
import type { Aggregation, Stage } from './stages/types.js';

interface RevenueParams extends Scope {
  readonly by: 'department' | 'doctor';
}

export interface RevenueRow {
  readonly id: string;
  readonly name: string | null;
  /** The name of its hospital. */
  readonly hospital: string | null;
}

/** REP-5, MongoDB's side: the names of the departments or doctors; the money is in Postgres (`revenue.sql.ts`). */
export function revenue({ by, department_ids, doctor_ids }: RevenueParams): Aggregation {
  const [collection, ids, name] =
    by === 'doctor' ? ['doctors', doctor_ids, '$name'] : ['departments', department_ids, '$department_name'];
  const match: Stage = ids ? { _id: anyOf(ids) } : {};
  return {
    collection,
    pipeline: [
      { $match: match },
      { $lookup: { from: 'hospitals', localField: 'hospital_id', foreignField: '_id', as: 'hospitals' } },
      {
        $project: {
          ...{ _id: 0, id: '$_id', name: { $ifNull: [name, null] } },
          hospital: { $ifNull: [{ $first: '$hospitals.name' }, null] },
        },
      },
    ],
  };
}
