import { diseaseKey } from './diseases.js';
import type { Stage } from './types.js';

/** What has not ended lasts to here: after an open record, nothing starts a new episode. */
const unended = new Date('9999-12-31T00:00:00Z');

/**
 * Joins the records of a patient and a disease, documents with `disease`, `disease_code` and `patient_id`, into episodes, as
 * `durationHistogram` takes them. In the order of their start, a record begins a new episode when more than `gapDays` calendar
 * days (of `timeZone`) lie between the latest end so far and its start. An episode has the whole days from its first start to
 * its last end; it is open when a record in it has none. The arrays hold one patient's records of one disease. (Two
 * `$setWindowFields`, over a running latest end and a running count of beginnings, say the same and cost twice as much.)
 */
export function joinEpisodes(start: string, end: unknown, gapDays: number, timeZone: string): Stage[] {
  const days = (startDate: string, endDate: string): Stage => ({
    $dateDiff: { startDate, endDate, unit: 'day', timezone: timeZone },
  });
  const goesOn = {
    first: '$$value.first',
    last: { $max: ['$$value.last', '$$end'] },
    past: '$$value.past',
  };
  const beginsAnew = {
    first: '$$start',
    last: '$$end',
    past: { $concatArrays: ['$$value.past', [days('$$value.first', '$$value.last')]] },
  };
  const next = {
    $let: {
      // A foreign record may end before it starts: its start is a day of it all the same.
      vars: {
        start: { $first: '$$this' },
        end: { $max: [{ $first: '$$this' }, { $ifNull: [{ $last: '$$this' }, unended] }] },
      },
      in: { $cond: [{ $gt: [days('$$value.last', '$$start'), gapDays] }, beginsAnew, goesOn] },
    },
  };
  const open = { $eq: ['$current.last', unended] };
  return [
    // `$push` keeps this order.
    { $sort: { [start.slice(1)]: 1 } },
    {
      $group: {
        _id: { ...diseaseKey('$disease_code', '$disease'), patient_id: '$patient_id' },
        name: { $min: '$disease' },
        starts: { $push: start },
        ends: { $push: end },
      },
    },
    {
      $set: {
        current: {
          $reduce: {
            input: { $zip: { inputs: ['$starts', '$ends'] } },
            initialValue: { first: { $first: '$starts' }, last: { $first: '$starts' }, past: [] },
            in: next,
          },
        },
      },
    },
    {
      $project: {
        name: 1,
        days: {
          $concatArrays: ['$current.past', { $cond: [open, [], [days('$current.first', '$current.last')]] }],
        },
        open: { $cond: [open, 1, 0] },
        records: { $size: '$starts' },
      },
    },
  ];
}
