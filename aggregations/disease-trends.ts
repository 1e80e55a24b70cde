import { diseaseKey, ofDisease } from './stages/diseases.js';
import { durationHistogram, type DurationsRow } from './stages/durations.js';
import { joinEpisodes, unended } from './stages/episodes.js';
import { inScope, within, type Period, type Scope } from './stages/filters.js';
import type { Aggregation, Stage } from './stages/types.js';

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
  const endsAt = '$diagnoses.end_date';
  return {
    collection: 'patients',
    pipeline: [
      { $match: embedded },
      { $project: { diagnoses: 1 } },
      { $unwind: '$diagnoses' },
      { $match: within('diagnoses.start_date', params) },
      {
        $project: {
          _id: 0,
          key: diseaseKey('$diagnoses.code', '$diagnoses.disease'),
          name: '$diagnoses.disease',
          patient_id: '$_id',
          days: { $dateDiff: { startDate: '$diagnoses.start_date', endDate: endsAt, unit: 'day' } },
          records: { $literal: 1 },
        },
      },
      ...durationHistogram(),
    ],
  };
}

/** What `joinEpisodes` takes, of a document with disease, code and patient. */
const record = (start: unknown, end: unknown): Stage => ({
  $project: {
    key: diseaseKey('$disease_code', '$disease'),
    name: '$disease',
    patient_id: 1,
    start,
    end,
  },
});

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
      record('$start_date', { $ifNull: ['$end_date', unended] }),
      ...joinEpisodes(params.gapDays, 'UTC'),
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
      record('$date', { $max: ['$date', '$ended_at'] }),
      ...joinEpisodes(params.gapDays, params.timeZone),
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
