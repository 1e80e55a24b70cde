import {
  appointmentsOfCohort,
  mostMonthsLater,
  type ReturningPatientsParams,
} from '../../../../../aggregations/returning-patients.js';
import type { Chart } from '../../../../lib/chart.types.js';
import { monthPeriod, type Period } from '../../../../lib/period.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { appointmentDrilldown } from '../../drilldown/drilldowns.js';
import { percent } from '../../engine/reports.figures.js';
import type { Row } from '../../engine/reports.types.js';

export interface CohortRow {
  readonly cohort: string;
  readonly cohort_patients: number;
  readonly months_later: number;
  readonly patients: number;
  readonly share: number;
}

type Question = Asked<object>;

export const cohortParams = ({ period, scope, timeZone }: Question): ReturningPatientsParams => ({
  ...period,
  ...scope,
  timeZone,
});

/** `YYYY-MM`, so many months later. */
export function monthAfter(month: string, later: number): string {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year!, number! - 1 + later)).toISOString().slice(0, 7);
}

const mostCohorts = 36;

export function cohortChart(rows: readonly CohortRow[]): Chart | null {
  const cohorts = [...new Set(rows.map(({ cohort }) => cohort))].slice(-mostCohorts);
  // The cohort itself is all of it.
  const later = Array.from({ length: mostMonthsLater }, (_, n) => n + 1);
  const indices = new Map(rows.map((row, index) => [`${row.cohort} ${row.months_later}`, index]));
  const cells = cohorts.map((cohort) => later.map((n) => indices.get(`${cohort} ${n}`) ?? null));
  const values = cells.map((row) =>
    row.map((index) => (index === null ? null : percent(rows[index]!.share))),
  );
  if (values.flat().every((value) => value === null)) return null;
  return {
    kind: 'heat-map',
    title: 'Patients who came again',
    description:
      'How many of a hundred patients of a month’s first visits came again, by how many months later.',
    x: later.map((n) => (n === 1 ? '1 month' : `${n} months`)),
    y: cohorts,
    values,
    rows: cells,
    unit: '%',
  };
}

function both(one: Period, other: Period): Period {
  const ends = (times: readonly (Date | null)[]): number[] =>
    times.flatMap((time) => (time ? [time.getTime()] : []));
  const [from, to] = [ends([one.from, other.from]), ends([one.to, other.to])];
  return {
    from: from.length > 0 ? new Date(Math.max(...from)) : null,
    to: to.length > 0 ? new Date(Math.min(...to)) : null,
  };
}

/** What the patients of the cohort had in that month. */
export function cohortDrilldown(asked: Question, key: Row): Drilldown {
  const cohort = String(key['cohort']);
  const month = monthAfter(cohort, Number(key['months_later']));
  const params = cohortParams(asked);
  const { pipeline } = appointmentsOfCohort(
    { ...params, ...both(params, monthPeriod(cohort, asked.timeZone)) },
    monthPeriod(month, asked.timeZone),
  );
  return appointmentDrilldown(...pipeline);
}
