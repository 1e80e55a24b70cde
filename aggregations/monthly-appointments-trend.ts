import type { AppointmentStatus } from '../src/domains/clinical/appointments/appointments.types.js';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation } from './stages/types.js';

interface MonthlyAppointmentsTrendParams extends Period, Scope {
  /** Of the IANA database: whose calendar the months are of. */
  readonly timeZone: string;
}

export interface MonthlyAppointmentsTrendRow {
  /** `YYYY-MM`. Months without appointments are not there: anyone who asked knows which months there are. */
  readonly month: string;
  readonly status: AppointmentStatus;
  readonly appointments: number;
}

/** REP-3: how many appointments of each status a calendar month has, by the month of their date. */
export function monthlyAppointmentsTrend(params: MonthlyAppointmentsTrendParams): Aggregation {
  const timezone = params.timeZone;
  return {
    collection: 'appointments',
    pipeline: [
      { $match: { ...within('date', params), ...inScope(params) } },
      {
        $group: {
          _id: { month: { $dateTrunc: { date: '$date', unit: 'month', timezone } }, status: '$status' },
          appointments: { $sum: 1 },
        },
      },
      { $sort: { '_id.month': 1, '_id.status': 1 } },
      {
        $project: {
          _id: 0,
          month: { $dateToString: { date: '$_id.month', format: '%Y-%m', timezone } },
          status: '$_id.status',
          appointments: 1,
        },
      },
    ],
  };
}
