import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation } from './stages/types.js';

export const noShowGroups = ['weekday', 'hour', 'lead_time'] as const;

export interface NoShowRateParams extends Period, Scope {
  /** What the appointments are told apart by. */
  readonly by: (typeof noShowGroups)[number];
  /** Of the IANA database: whose days and hours are meant. */
  readonly timeZone: string;
}

export interface NoShowRateRow {
  /** An ISO weekday 1 to 7, an hour 0 to 23 or a band of `leadTimes`, as text. Groups without appointments are not there. */
  readonly group: string;
  readonly status: 'completed' | 'no_show';
  readonly appointments: number;
}

/** How long ahead visits are booked, in calendar days: each band ends with its last day. */
export const leadTimes = [
  { band: 'same_day', last: 0 },
  { band: '1_day', last: 1 },
  { band: '2_to_3_days', last: 3 },
  { band: '4_to_7_days', last: 7 },
  { band: '8_to_14_days', last: 14 },
  { band: '15_to_30_days', last: 30 },
] as const;
export const longLeadTime = 'over_30_days';
/** History from elsewhere is written down after its date. */
export const noLeadTime = 'unknown';

function leadTime(timezone: string): unknown {
  const days = { $dateDiff: { startDate: '$created_at', endDate: '$date', unit: 'day', timezone } };
  // Nothing is greater than null but what is there.
  const booked = { $and: [{ $gt: ['$created_at', null] }, { $lte: ['$created_at', '$date'] }] };
  const bands = leadTimes.map(({ band, last }) => ({ case: { $lte: [days, last] }, then: band }));
  return {
    $switch: { branches: [{ case: { $not: [booked] }, then: noLeadTime }, ...bands], default: longLeadTime },
  };
}

/** The expression of an appointment's group. */
export function noShowGroup({ by, timeZone: timezone }: Pick<NoShowRateParams, 'by' | 'timeZone'>): unknown {
  if (by === 'lead_time') return leadTime(timezone);
  const part = by === 'weekday' ? '$isoDayOfWeek' : '$hour';
  return { $toString: { [part]: { date: '$date', timezone } } };
}

/** REP-5: visits that took place and visits to which nobody came, by weekday, by hour or by how long before they were booked. */
export function noShowRate(params: NoShowRateParams): Aggregation {
  return {
    collection: 'appointments',
    pipeline: [
      {
        $match: { status: { $in: ['completed', 'no_show'] }, ...within('date', params), ...inScope(params) },
      },
      { $group: { _id: { group: noShowGroup(params), status: '$status' }, appointments: { $sum: 1 } } },
      { $sort: { '_id.group': 1, '_id.status': 1 } },
      { $project: { _id: 0, group: '$_id.group', status: '$_id.status', appointments: 1 } },
    ],
  };
}
