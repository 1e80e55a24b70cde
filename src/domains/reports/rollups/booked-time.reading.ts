import type { DoctorUtilisationParams } from '../../../../aggregations/doctor-utilisation.js';
import { onDuty } from '../../../../aggregations/stages/duty.js';
import { inScope } from '../../../../aggregations/stages/filters.js';
import type { MongoQuery } from '../engine/reports.types.js';
import { bookedTime } from './booked-time.rollup.js';
import { coveringPeriods, monthParts, type MonthPart } from './periods.js';

function sumOf(figure: string, parts: readonly MonthPart[]): unknown {
  if (parts.length === 0) return { $sum: `$${figure}` };
  const branches = parts.map(({ month, days }) => ({
    case: { $eq: ['$period', month] },
    then: { $sum: days!.map((day) => `$days.${day}.${figure}`) },
  }));
  return { $sum: { $switch: { branches, default: `$${figure}` } } };
}

/** As the definition, from the sums of years, of months and of the days of months that are not asked for as a whole. */
export function readBookedTime(params: DoctorUtilisationParams, timeZone: string): MongoQuery | undefined {
  const { from, to } = params;
  const periods = coveringPeriods(params, timeZone);
  if (!periods || !from || !to) return undefined;
  const whole = periods.filter((period) => period.length <= 'YYYY-MM'.length);
  const parts = monthParts(from, to, timeZone)!.filter(({ days }) => days !== null);
  const period = { $in: [...whole, ...parts.map(({ month }) => month)] };
  return {
    collection: bookedTime.collection,
    pipeline: [
      { $match: { period, ...inScope(params) } },
      {
        $group: {
          _id: '$doctor_id',
          appointments: sumOf('appointments', parts),
          minutes: sumOf('minutes', parts),
          open_ended: sumOf('open_ended', parts),
        },
      },
      ...onDuty(params),
    ],
  };
}
