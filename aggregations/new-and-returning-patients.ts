import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation, Stage } from './stages/types.js';

export interface NewAndReturningPatientsParams extends Period, Scope {
  /** Of the IANA database: whose calendar the months are of. */
  readonly timeZone: string;
}

export interface NewAndReturningPatientsRow {
  /** `YYYY-MM`. Months in which nobody came are not there. */
  readonly month: string;
  /** Distinct ones. */
  readonly patients: number;
  /** Those of them whose first one ever is in this month. */
  readonly new_patients: number;
  /** Those who had one before the period, and their first one of the period in this month: over all months, each once. */
  readonly returned: number;
  readonly appointments: number;
}

/**
 * WEB-4: of the patients with a completed appointment in the period, month by month, how many had their first one ever, at the
 * places asked for. Who had one before the period is returning, whoever had none is new: each patient of the period is one of the two.
 */
export function newAndReturningPatients(params: NewAndReturningPatientsParams): Aggregation {
  const timezone = params.timeZone;
  const month = (date: string) => ({ $dateTrunc: { date, unit: 'month', timezone } });
  const isIn = params.from ? { $gte: ['$date', params.from] } : true;
  const count = (...conditions: readonly Stage[]) => ({ $sum: { $cond: [{ $and: conditions }, 1, 0] } });
  return {
    collection: 'appointments',
    pipeline: [
      {
        $match: { status: 'completed', ...within('date', { from: null, to: params.to }), ...inScope(params) },
      },
      {
        $group: {
          _id: { patient_id: '$patient_id', month: month('$date') },
          first: { $min: '$date' },
          first_in_period: { $min: { $cond: [isIn, '$date', null] } },
          appointments: { $sum: { $cond: [isIn, 1, 0] } },
        },
      },
      {
        $group: {
          _id: '$_id.patient_id',
          first: { $min: '$first' },
          first_in_period: { $min: '$first_in_period' },
          months: { $push: { month: '$_id.month', appointments: '$appointments' } },
        },
      },
      { $unwind: '$months' },
      { $match: { 'months.appointments': { $gt: 0 } } },
      {
        $group: {
          _id: '$months.month',
          patients: { $sum: 1 },
          new_patients: count(
            { $eq: ['$first', '$first_in_period'] },
            { $eq: [month('$first'), '$months.month'] },
          ),
          returned: count(
            { $lt: ['$first', '$first_in_period'] },
            { $eq: [month('$first_in_period'), '$months.month'] },
          ),
          appointments: { $sum: '$months.appointments' },
        },
      },
      { $sort: { _id: 1 } },
      {
        $project: {
          _id: 0,
          month: { $dateToString: { date: '$_id', format: '%Y-%m', timezone } },
          patients: 1,
          new_patients: 1,
          returned: 1,
          appointments: 1,
        },
      },
    ],
  };
}
