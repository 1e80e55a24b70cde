import type { Doctor } from '../../src/domains/network/doctors/doctors.types.js';
import type { Department } from '../../src/domains/network/departments/departments.types.js';
import type { Scope } from './filters.js';
import { anyOf, inScope } from './filters.js';
import type { Stage } from './types.js';

/** What time a doctor's appointments take, and what the doctor's time follows from. */
export interface DoctorTimeRow {
  readonly kind: 'doctor';
  readonly doctor_id: string;
  readonly appointments: number;
  /** Of those with a slot. */
  readonly minutes: number;
  /** Appointments from elsewhere, which have no end. */
  readonly open_ended: number;
  /** As it is now; empty when the record is gone. */
  readonly doctor: Partial<
    Pick<
      Doctor,
      | 'name'
      | 'hospital_id'
      | 'department_id'
      | 'registration_expiry'
      | 'availability'
      | 'leave_days'
      | 'slot_minutes'
      | 'slot_capacity'
    >
  >;
}

export type HoursRow = { readonly kind: 'department' } & Pick<
  Department,
  'department_id' | 'operating_start_hour' | 'operating_end_hour'
>;

export interface ZoneRow {
  readonly kind: 'hospital';
  readonly hospital_id: string;
  readonly time_zone: string;
}

export type DutyRow = DoctorTimeRow | HoursRow | ZoneRow;

const nothing = { appointments: { $literal: 0 }, minutes: { $literal: 0 }, open_ended: { $literal: 0 } };
const sums = {
  appointments: { $sum: '$appointments' },
  minutes: { $sum: '$minutes' },
  open_ended: { $sum: '$open_ended' },
};

/**
 * Behind `{ _id: doctor_id, appointments, minutes, open_ended }`: adds the doctors who are in the scope now and have no
 * appointments, the doctors' records, the hours of departments and the zones of hospitals: `DutyRow`s. The departments and
 * hospitals come once each, not by a `$lookup` for each doctor.
 */
export function onDuty({ hospital_ids, department_ids, doctor_ids }: Scope): Stage[] {
  const place = department_ids ? { _id: anyOf(department_ids) } : {};
  const nowInScope = Object.fromEntries(
    Object.entries(inScope({ hospital_ids, department_ids })).map(([field, value]) => [
      `doctor.${field}`,
      value,
    ]),
  );
  const doctor = {
    name: '$name',
    hospital_id: '$hospital_id',
    department_id: '$department_id',
    registration_expiry: '$registration_expiry',
    availability: '$availability',
    leave_days: '$leave_days',
    slot_minutes: '$slot_minutes',
    slot_capacity: '$slot_capacity',
  };
  // The few who had appointments in a department may be in another one now; those of hospitals are many, and all are read.
  const departed: Stage[] =
    department_ids === undefined
      ? []
      : [
          {
            $lookup: {
              ...{ from: 'doctors', localField: '_id', foreignField: '_id', as: 'doctor' },
              pipeline: [{ $project: { _id: 0, ...doctor } }],
            },
          },
          { $set: { doctor: { $first: '$doctor' } } },
        ];
  const present = {
    ...(doctor_ids && { _id: anyOf(doctor_ids) }),
    ...inScope({ department_ids }),
  };
  return [
    ...departed,
    {
      $unionWith: { coll: 'doctors', pipeline: [{ $match: present }, { $project: { ...nothing, doctor } }] },
    },
    { $group: { _id: '$_id', ...sums, doctor: { $mergeObjects: '$doctor' } } },
    {
      $match: { $or: [{ appointments: { $gt: 0 } }, { 'doctor.name': { $exists: true }, ...nowInScope }] },
    },
    {
      $project: {
        _id: 0,
        kind: 'doctor',
        doctor_id: '$_id',
        appointments: 1,
        minutes: 1,
        open_ended: 1,
        doctor: 1,
      },
    },
    {
      $unionWith: {
        coll: 'departments',
        pipeline: [
          { $match: { ...place, ...inScope({ hospital_ids }) } },
          {
            $project: {
              ...{ _id: 0, kind: 'department', department_id: '$_id' },
              ...{ operating_start_hour: 1, operating_end_hour: 1 },
            },
          },
        ],
      },
    },
    {
      $unionWith: {
        coll: 'hospitals',
        pipeline: [{ $project: { _id: 0, kind: 'hospital', hospital_id: '$_id', time_zone: 1 } }],
      },
    },
  ];
}
