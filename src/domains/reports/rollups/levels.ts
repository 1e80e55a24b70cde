import type { Document } from 'mongodb';
import { inScope, type Scope } from '../../../../aggregations/stages/filters.js';
import type { Stage } from '../../../../aggregations/stages/types.js';
import { coveringPeriods, periodsOf } from './periods.js';
import type { Cell } from './rollup.definition.js';
import type { Period } from '../../../lib/period.js';

/*
 * Figures that add up, by place and period: of everything, of each hospital, of each of its departments and of each doctor in them.
 * A question takes the coarsest level that tells its places apart.
 */

export const levelKey = ['level', 'hospital_id', 'department_id', 'doctor_id', 'period'] as const;

type Level = 'network' | 'hospital' | 'department' | 'doctor';

/** Single days are kept of what has many appointments in each. */
const daily: readonly Level[] = ['network', 'hospital'];

/** Where a record of a hospital counts: in all of them together, and in its own, where it names one. */
export const everywhereAnd = (hospital_id: unknown): readonly (string | null)[] =>
  typeof hospital_id === 'string' ? [null, hospital_id] : [null];

/** Of a document with these three: all its keys. */
export function levelKeys(
  { hospital_id, department_id, doctor_id }: Document,
  date: Date,
  timeZone: string,
): Cell['key'][] {
  const [all, year, month, day] = periodsOf(date, timeZone);
  const places: readonly (readonly [Level, ...Cell['key']])[] = [
    ['network', null, null, null],
    ['hospital', hospital_id as string, null, null],
    ['department', hospital_id as string, department_id as string, null],
    ['doctor', hospital_id as string, department_id as string, doctor_id as string],
  ];
  return places.flatMap((place) =>
    [all, year, month, ...(daily.includes(place[0]) ? [day] : [])].map((period) => [...place, period]),
  );
}

const levelOf = ({ hospital_ids, department_id, doctor_id }: Scope): Level => {
  if (doctor_id !== undefined) return 'doctor';
  if (department_id !== undefined) return 'department';
  return hospital_ids !== undefined ? 'hospital' : 'network';
};

/** The condition for the documents that add up to a question; undefined where none do. */
export function levelMatch(scope: Scope, period: Period, timeZone: string): Stage | undefined {
  const periods = coveringPeriods(period, timeZone);
  const level = levelOf(scope);
  const isDay = (name: string): boolean => name.length > 'YYYY-MM'.length;
  if (!periods || (!daily.includes(level) && periods.some(isDay))) return undefined;
  return {
    level,
    ...(level === 'doctor' ? {} : { doctor_id: null }),
    ...(level === 'doctor' || level === 'department' ? {} : { department_id: null }),
    ...(level === 'network' ? { hospital_id: null } : {}),
    ...inScope(scope),
    period: { $in: periods },
  };
}
