import { diseaseKey, ofDisease } from './stages/diseases.js';
import { durationHistogram, type DurationsRow } from './stages/durations.js';
import { joinEpisodes } from './stages/episodes.js';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation } from './stages/types.js';

export const bases = ['diagnoses', 'prescriptions', 'appointments'] as const;

export interface DiseaseTrendsParams extends Period, Scope {
  /** What a treatment is told from. The period is that of its start; diagnoses name no place and no doctor. */
  readonly basis: (typeof bases)[number];
  /** A longer gap between two records starts a new episode. */
  readonly gapDays: number;
  /** Whose calendar days appointments are of; diagnoses and prescriptions carry days. */
  readonly timeZone: string;
}

export type DiseaseTrendsRow = DurationsRow;

/** A diagnosis is a treatment of its own, from its start to its end. */
function fromDiagnoses(params: DiseaseTrendsParams): Aggregation {
  const started = within('start_date', params);
  const embedded = Object.keys(started).length > 0 ? { diagnoses: { $elemMatch: started } } : {};
  const [startDate, endDate] = ['$diagnoses.start_date', '$diagnoses.end_date'];
  const isOpen = { $eq: [{ $ifNull: [endDate, null] }, null] };
  const days = { $dateDiff: { startDate, endDate, unit: 'day' } };
  return {
    collection: 'patients',
    pipeline: [
      { $match: embedded },
      { $project: { diagnoses: 1 } },
      { $unwind: '$diagnoses' },
      { $match: within('diagnoses.start_date', params) },
      {
        $group: {
          _id: { ...diseaseKey('$diagnoses.code', '$diagnoses.disease'), patient_id: '$_id' },
          name: { $min: '$diagnoses.disease' },
          days: { $push: { $cond: [isOpen, '$$REMOVE', days] } },
          open: { $sum: { $cond: [isOpen, 1, 0] } },
          records: { $sum: 1 },
        },
      },
      ...durationHistogram(),
    ],
  };
}

function fromPrescriptions(params: DiseaseTrendsParams): Aggregation {
  return {
    collection: 'prescriptions',
    pipeline: [
      {
        $match: {
          ...ofDisease('disease_code', 'disease'),
          start_date: { $ne: null },
          ...within('start_date', params),
          ...inScope(params),
        },
      },
      ...joinEpisodes('$start_date', '$end_date', params.gapDays, 'UTC'),
      ...durationHistogram(),
    ],
  };
}

/** Visits that took place; one without an end ended on the day it began. */
function fromAppointments(params: DiseaseTrendsParams): Aggregation {
  return {
    collection: 'appointments',
    pipeline: [
      {
        $match: {
          status: 'completed',
          ...ofDisease('disease_code', 'disease'),
          ...within('date', params),
          ...inScope(params),
        },
      },
      ...joinEpisodes('$date', { $max: ['$date', '$ended_at'] }, params.gapDays, params.timeZone),
      ...durationHistogram(),
    ],
  };
}

const builders = {
  diagnoses: fromDiagnoses,
  prescriptions: fromPrescriptions,
  appointments: fromAppointments,
} as const satisfies Record<(typeof bases)[number], (params: DiseaseTrendsParams) => Aggregation>;

/** REP-2: how long the treatments of each disease took, as a histogram over whole days. */
export function diseaseTrends(params: DiseaseTrendsParams): Aggregation {
  return builders[params.basis](params);
}
