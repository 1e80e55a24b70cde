import { doctorOrder, namedDoctors, rankedDoctors } from '../../../../aggregations/stages/doctors.js';
import { inScope, type Scope } from '../../../../aggregations/stages/filters.js';
import type { Stage } from '../../../../aggregations/stages/types.js';
import type { TopDoctorsParams } from '../../../../aggregations/top-doctors.js';
import type { MongoQuery } from '../engine/reports.types.js';
import { appointmentCounts } from './appointment-counts.rollup.js';
import { doctorRanking } from './doctor-ranking.rollup.js';
import { doctorVisits } from './doctor-visits.rollup.js';
import { inRun, monthRun, type MonthRun } from './periods.js';
import { rollupId } from './rollup.definition.js';

type Single = NonNullable<MonthRun['single']>;

/** The first in the index, however many doctors there are. */
function ranked(params: TopDoctorsParams, { span, period }: Single): MongoQuery {
  const { by, status, limit } = params;
  const total = { _id: rollupId(['network', null, null, span, period]) };
  return {
    collection: doctorRanking.collection,
    pipeline: [
      { $match: { period, status, [by]: { $gt: 0 } } },
      { $sort: doctorOrder(by, 'doctor_id') },
      { $limit: limit },
      {
        $lookup: {
          from: appointmentCounts.collection,
          pipeline: [{ $match: total }, { $project: { _id: 0, sum: `$${status}.appointments` } }],
          as: 'all',
        },
      },
      { $project: { _id: '$doctor_id', patients: 1, appointments: 1, rows_read: { $first: '$all.sum' } } },
      ...namedDoctors(),
    ],
  };
}

/** Those of a month's patients who were not there in an earlier month of the run. */
function newPatients(status: string, { from, single }: MonthRun): unknown {
  const patients = `$${status}.patients`;
  if (single) return patients;
  if (from === null) return `$${status}.first`;
  const again = { $objectToArray: { $ifNull: [`$${status}.again`, {}] } };
  const inTheRun = { $filter: { input: again, cond: { $gte: ['$$this.k', from] } } };
  const seen = { $sum: { $map: { input: inTheRun, in: '$$this.v' } } };
  return { $subtract: [patients, seen] };
}

/** Sums what the doctors of a scope had in a run of months; patients who are kept by name are told apart here. */
function summed(params: TopDoctorsParams, run: MonthRun, scope: Scope): MongoQuery {
  const { status } = params;
  const appointments = `$${status}.appointments`;
  const isNamed = { $ne: ['$patient_id', null] };
  const groups: Stage[] = [
    {
      $group: {
        _id: { doctor_id: '$doctor_id', patient_id: '$patient_id' },
        appointments: { $sum: appointments },
        patients: { $sum: { $cond: [isNamed, 0, newPatients(status, run)] } },
      },
    },
    {
      $group: {
        _id: '$_id.doctor_id',
        appointments: { $sum: { $cond: [{ $eq: ['$_id.patient_id', null] }, '$appointments', 0] } },
        patients: {
          $sum: {
            $cond: [
              { $eq: ['$_id.patient_id', null] },
              '$patients',
              { $cond: [{ $gt: ['$appointments', 0] }, 1, 0] },
            ],
          },
        },
      },
    },
    { $match: { appointments: { $gt: 0 } } },
  ];
  return {
    collection: doctorVisits.collection,
    pipeline: [
      { $match: { ...inRun(run), ...inScope(scope) } },
      ...groups,
      ...rankedDoctors(params),
      ...namedDoctors(),
    ],
  };
}

/** The rows of the definition, from figures that are kept; undefined unless it is asked for whole months. */
export function readTopDoctors(params: TopDoctorsParams, timeZone: string): MongoQuery | undefined {
  const run = monthRun(params, timeZone);
  if (!run) return undefined;
  const { hospital_ids, department_id, doctor_id } = params;
  const isEverywhere = hospital_ids === undefined && department_id === undefined && doctor_id === undefined;
  if (isEverywhere && run.single) return ranked(params, run.single);
  return summed(params, run, { hospital_ids, department_id, doctor_id });
}
