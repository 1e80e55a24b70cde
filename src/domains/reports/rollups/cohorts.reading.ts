import type { ReturningPatientsParams } from '../../../../aggregations/returning-patients.js';
import type { MongoQuery } from '../engine/reports.types.js';
import { cohorts } from './cohorts.rollup.js';
import { monthRun } from './periods.js';

/** `ReturningPatientsRow`s, of whole months, everywhere or in one hospital: people do not add up over hospitals. */
export function readCohorts(params: ReturningPatientsParams): MongoQuery | undefined {
  const { hospital_ids, department_id, doctor_id, timeZone } = params;
  const run = monthRun(params, timeZone);
  if (!run || department_id !== undefined || doctor_id !== undefined) return undefined;
  if (hospital_ids !== undefined && hospital_ids.length !== 1) return undefined;
  const months = { ...(run.from ? { $gte: run.from } : {}), ...(run.to ? { $lt: run.to } : {}) };
  return {
    collection: cohorts.collection,
    pipeline: [
      {
        $match: {
          hospital_id: hospital_ids?.[0] ?? null,
          ...(run.from || run.to ? { cohort: months } : {}),
          // Who is gone leaves a zero behind.
          patients: { $gt: 0 },
        },
      },
      { $project: { _id: 0, cohort: 1, months_later: 1, patients: 1, appointments: 1 } },
    ],
  };
}
