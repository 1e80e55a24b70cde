import type { NoShowRateParams, NoShowRateRow } from '../../../../aggregations/no-show-rate.js';
import type { PatientFlowParams, PatientFlowRow } from '../../../../aggregations/patient-flow.js';
import type { Period, Scope } from '../../../../aggregations/stages/filters.js';
import type { MongoQuery } from '../engine/reports.types.js';
import { levelMatch } from './levels.js';
import { visitTimes } from './visit-times.rollup.js';

/** Two levels of names above figures, as they are kept. */
type Nested = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface KeptTimes {
  readonly figures?: Nested;
}

function read(field: string, params: Period & Scope & { timeZone: string }): MongoQuery | undefined {
  const match = levelMatch(params, params, params.timeZone);
  return (
    match && {
      collection: visitTimes.collection,
      pipeline: [{ $match: match }, { $project: { _id: 0, figures: `$${field}` } }],
    }
  );
}

export const readNoShows = (params: NoShowRateParams): MongoQuery | undefined => read(params.by, params);
export const readArrivals = (params: PatientFlowParams): MongoQuery | undefined => read('arrivals', params);

function add(kept: readonly KeptTimes[]): Map<string, Map<string, number>> {
  const sums = new Map<string, Map<string, number>>();
  for (const { figures = {} } of kept)
    for (const [outer, inner] of Object.entries(figures)) {
      const sum = sums.get(outer) ?? new Map<string, number>();
      sums.set(outer, sum);
      for (const [name, n] of Object.entries(inner)) sum.set(name, (sum.get(name) ?? 0) + n);
    }
  return sums;
}

/** What `aggregations/no-show-rate.ts` gives. */
export const noShowCounts = (kept: readonly KeptTimes[]): NoShowRateRow[] =>
  [...add(kept)].flatMap(([group, counts]) =>
    [...counts].map(([status, appointments]) => ({
      group,
      status: status as NoShowRateRow['status'],
      appointments,
    })),
  );

/** What `aggregations/patient-flow.ts` gives. */
export const arrivalCounts = (kept: readonly KeptTimes[]): PatientFlowRow[] =>
  [...add(kept)].flatMap(([weekday, counts]) =>
    [...counts].map(([hour, appointments]) => ({
      weekday: Number(weekday),
      hour: Number(hour),
      appointments,
    })),
  );
