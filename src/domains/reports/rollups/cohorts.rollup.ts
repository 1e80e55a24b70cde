import { mostMonthsLater } from '../../../../aggregations/returning-patients.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { everywhereAnd } from './levels.js';
import { dayOf } from './periods.js';
import type { Cell, UnitRollup } from './rollup.definition.js';

const monthNumber = (month: string): number => Number(month.slice(0, 4)) * 12 + Number(month.slice(5));

/**
 * The patients of a month's first visits, everywhere (`hospital_id` null) and in each hospital, by how many months later they had a
 * visit that took place; and how many visits. Whose first visit was in two departments is in no sum of theirs, so that there
 * are no figures by department or doctor.
 */
export const cohorts: UnitRollup = {
  version: 2,
  collection: 'rollup_cohorts',
  key: ['hospital_id', 'cohort', 'months_later'],
  indexes: [
    {
      key: by('hospital_id', 'cohort', 'months_later'),
      serves: 'returning-patients, everywhere or of one hospital',
    },
  ],
  source: 'appointments',
  fields: ['date', 'status', 'patient_id', 'hospital_id'],
  records({ date, status, patient_id, hospital_id }, { timeZone }) {
    if (status !== 'completed' || !(date instanceof Date)) return [];
    const record = dayOf(date, timeZone).slice(0, 7);
    return everywhereAnd(hospital_id).map((hospital) => ({
      unit: JSON.stringify([hospital, patient_id]),
      record,
    }));
  },
  cells(unit, records) {
    const [hospital_id] = JSON.parse(unit) as [string | null];
    const [cohort] = [...records.keys()].sort();
    return [...records].flatMap(([month, appointments]): Cell[] => {
      const later = monthNumber(month) - monthNumber(cohort!);
      if (later > mostMonthsLater) return [];
      return [{ key: [hospital_id, cohort!, later], figures: { patients: 1, appointments } }];
    });
  },
};
