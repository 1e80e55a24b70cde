import type { AppointmentStatus } from '../src/domains/clinical/appointments/appointments.types.js';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation, Stage } from './stages/types.js';

export const waitingGroups = ['department', 'hospital', 'doctor', 'month'] as const;

export interface WaitingTimesParams extends Period, Scope {
  /** What the visits are told apart by. */
  readonly by: (typeof waitingGroups)[number];
  /** Of the IANA database: whose days and months are meant. */
  readonly timeZone: string;
}

export interface WaitingTimesRow {
  /** An id, or a month `YYYY-MM`. */
  readonly key: string | null;
  /** Of the key, now; null when its record is gone, and for a month. */
  readonly name: string | null;
  /** The name of the hospital of a department or a doctor. */
  readonly hospital: string | null;
  /** From the booking to the visit, midnights in between; null when it was written down after its date. */
  readonly days: number | null;
  readonly visits: number;
}

/** Who stays away has waited too, and is in the report on missed visits; who cancels has not. */
export const waitedStatuses = [
  'scheduled',
  'checked_in',
  'completed',
] as const satisfies readonly AppointmentStatus[];

/** As the lead time of `no-show-rate`. */
function daysWaited(timezone: string): Stage {
  // Nothing is greater than null but what is there.
  const booked = { $and: [{ $gt: ['$created_at', null] }, { $lte: ['$created_at', '$date'] }] };
  const days = { $dateDiff: { startDate: '$created_at', endDate: '$date', unit: 'day', timezone } };
  return { $cond: [booked, days, null] };
}

const recordsOf = {
  department: { from: 'departments', name: '$place.department_name' },
  doctor: { from: 'doctors', name: '$place.name' },
  hospital: { from: 'hospitals', name: '$place.name' },
} as const;

/** Names each key once, not each of its numbers of days. */
function named(by: Exclude<WaitingTimesParams['by'], 'month'>): Stage[] {
  const { from, name } = recordsOf[by];
  const first = (names: string): Stage => ({ $ifNull: [{ $first: names }, null] });
  return [
    { $group: { _id: '$_id.key', bars: { $push: { days: '$_id.days', visits: '$visits' } } } },
    { $lookup: { from, localField: '_id', foreignField: '_id', as: 'place' } },
    { $set: { place: { $first: '$place' } } },
    {
      $lookup: { from: 'hospitals', localField: 'place.hospital_id', foreignField: '_id', as: 'hospitals' },
    },
    { $unwind: '$bars' },
    {
      $project: {
        ...{ _id: 0, key: '$_id', days: '$bars.days', visits: '$bars.visits' },
        name: { $ifNull: [name, null] },
        hospital: first('$hospitals.name'),
      },
    },
  ];
}

/** WEB-4: how many visits were booked how many days ahead, by place, doctor or month: a histogram, of which any median can be told. */
export function waitingTimes(params: WaitingTimesParams): Aggregation {
  const { by, timeZone: timezone } = params;
  const key =
    by === 'month'
      ? { $dateToString: { date: '$date', format: '%Y-%m', timezone } }
      : { $ifNull: [`$${by}_id`, null] };
  return {
    collection: 'appointments',
    pipeline: [
      { $match: { status: { $in: [...waitedStatuses] }, ...within('date', params), ...inScope(params) } },
      { $group: { _id: { key, days: daysWaited(timezone) }, visits: { $sum: 1 } } },
      ...(by === 'month'
        ? [
            {
              $project: {
                ...{ _id: 0, key: '$_id.key', days: '$_id.days', visits: 1 },
                ...{ name: { $literal: null }, hospital: { $literal: null } },
              },
            },
          ]
        : named(by)),
    ],
  };
}
