import type { Stage } from './types.js';

/** What has not ended lasts to here: after an open record, nothing starts a new episode. */
export const unended = new Date('9999-12-31T00:00:00Z');

/**
 * Joins records `{ _id, key, name, patient_id, start, end }` of a patient and a disease into episodes
 * `{ key, name, patient_id, days, records }`. In the order of their start, a record begins a new episode when more than
 * `gapDays` calendar days (of `timeZone`) lie between the latest end so far and its start. `days` is the whole days from
 * the first start to the last end; null when a record of the episode has not ended (`end` is `unended`).
 */
export function joinEpisodes(gapDays: number, timeZone: string): Stage[] {
  const days = (startDate: string, endDate: string): Stage => ({
    $dateDiff: { startDate, endDate, unit: 'day', timezone: timeZone },
  });
  const partitionBy = { key: '$key', patient_id: '$patient_id' };
  // A total order: both windows must see records that start together in the same order.
  const sortBy = { start: 1, _id: 1 };
  const before = { documents: ['unbounded', -1] };
  const upToHere = { documents: ['unbounded', 'current'] };
  return [
    { $setWindowFields: { partitionBy, sortBy, output: { reached: { $max: '$end', window: before } } } },
    { $set: { begins: { $cond: [{ $gt: [days('$reached', '$start'), gapDays] }, 1, 0] } } },
    { $setWindowFields: { partitionBy, sortBy, output: { episode: { $sum: '$begins', window: upToHere } } } },
    {
      $group: {
        _id: { key: '$key', patient_id: '$patient_id', episode: '$episode' },
        name: { $min: '$name' },
        first: { $min: '$start' },
        last: { $max: '$end' },
        records: { $sum: 1 },
      },
    },
    {
      $project: {
        _id: 0,
        key: '$_id.key',
        name: 1,
        patient_id: '$_id.patient_id',
        days: { $cond: [{ $eq: ['$last', unended] }, null, days('$first', '$last')] },
        records: 1,
      },
    },
  ];
}
