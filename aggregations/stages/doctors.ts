import type { Stage } from './types.js';

export interface Ranking {
  /** Which figure ranks first. */
  readonly by: 'patients' | 'appointments';
  readonly limit: number;
}

/** The first of all doctors, `{ _id, patients, appointments }`, and beside each how many there are, and their appointments. */
export function rankedDoctors({ by, limit }: Ranking): Stage[] {
  return [
    { $setWindowFields: { output: { rows_read: { $sum: '$appointments' }, doctors: { $sum: 1 } } } },
    { $sort: { [by]: -1, [by === 'patients' ? 'appointments' : 'patients']: -1, _id: 1 } },
    { $limit: limit },
  ];
}

/** Turns doctors by `_id` into rows with what their records say now; null where there is none. */
export function namedDoctors(): Stage[] {
  return [
    { $lookup: { from: 'doctors', localField: '_id', foreignField: '_id', as: 'doctor' } },
    { $set: { doctor: { $first: '$doctor' } } },
    {
      $project: {
        _id: 0,
        doctor_id: '$_id',
        name: { $ifNull: ['$doctor.name', null] },
        specialty: { $ifNull: ['$doctor.specialty', null] },
        department_id: { $ifNull: ['$doctor.department_id', null] },
        patients: 1,
        appointments: 1,
        rows_read: 1,
        doctors: 1,
      },
    },
  ];
}
