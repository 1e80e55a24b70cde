import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation } from './stages/types.js';

export interface ReturningPatientsParams extends Period, Scope {
  /** Of the IANA database: whose calendar the months are of. */
  readonly timeZone: string;
}

export interface ReturningPatientsRow {
  /** `YYYY-MM`. */
  readonly cohort: string;
  /** 0 to `mostMonthsLater`; 0 is the cohort's own month, and so the cohort itself. Months in which nobody came are not there. */
  readonly months_later: number;
  /** Distinct ones. */
  readonly patients: number;
  /** Theirs in that month. */
  readonly appointments: number;
}

export const mostMonthsLater = 12;

/**
 * REP-5: the patients by the month of their first completed appointment at the places asked for, ever; and how many of them had
 * another one there so many months later. The period is that of the first appointment.
 */
export function returningPatients(params: ReturningPatientsParams): Aggregation {
  const timezone = params.timeZone;
  const month = (date: string) => ({ $dateTrunc: { date, unit: 'month', timezone } });
  const monthsLater = {
    $dateDiff: { startDate: '$first', endDate: '$months.month', unit: 'month', timezone },
  };
  return {
    collection: 'appointments',
    pipeline: [
      { $match: { status: 'completed', ...inScope(params) } },
      {
        $group: {
          _id: { patient_id: '$patient_id', month: month('$date') },
          first: { $min: '$date' },
          appointments: { $sum: 1 },
        },
      },
      {
        $group: {
          _id: '$_id.patient_id',
          first: { $min: '$first' },
          months: { $push: { month: '$_id.month', appointments: '$appointments' } },
        },
      },
      { $match: within('first', params) },
      { $unwind: '$months' },
      {
        $group: {
          _id: { cohort: month('$first'), months_later: monthsLater },
          patients: { $sum: 1 },
          appointments: { $sum: '$months.appointments' },
        },
      },
      { $match: { '_id.months_later': { $lte: mostMonthsLater } } },
      { $sort: { '_id.cohort': 1, '_id.months_later': 1 } },
      {
        $project: {
          _id: 0,
          cohort: { $dateToString: { date: '$_id.cohort', format: '%Y-%m', timezone } },
          months_later: '$_id.months_later',
          patients: 1,
          appointments: 1,
        },
      },
    ],
  };
}

/** The completed appointments from `month.from` to `month.to` of the patients whose first one was in the period. */
export function appointmentsOfCohort(params: ReturningPatientsParams, month: Period): Aggregation {
  return {
    collection: 'appointments',
    pipeline: [
      { $match: { status: 'completed', ...inScope(params) } },
      { $setWindowFields: { partitionBy: '$patient_id', output: { first: { $min: '$date' } } } },
      { $match: { ...within('first', params), ...within('date', month) } },
    ],
  };
}
