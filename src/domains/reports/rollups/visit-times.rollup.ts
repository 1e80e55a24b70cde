import type { Document } from 'mongodb';
import { leadTimes, longLeadTime, noLeadTime } from '../../../../aggregations/no-show-rate.js';
import { arrivedStatuses } from '../../../../aggregations/patient-flow.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { hourOf, weekdayOf } from './hours.js';
import { levelKey, levelKeys } from './levels.js';
import { dayNumber } from './periods.js';
import type { DocumentRollup } from './rollup.definition.js';

/** Of `leadTimes`, as the definition has it. */
function leadTimeOf(created_at: unknown, date: Date, timeZone: string): string {
  if (!(created_at instanceof Date) || created_at > date) return noLeadTime;
  const days = dayNumber(date, timeZone) - dayNumber(created_at, timeZone);
  return leadTimes.find(({ last }) => days <= last)?.band ?? longLeadTime;
}

/**
 * When patients come and when they do not: `arrivals.1.9` of a Monday's hour from nine; `weekday.1.completed`,
 * `hour.9.no_show`, `lead_time.same_day.completed` of visits that took place or were missed.
 */
export const visitTimes: DocumentRollup = {
  version: 1,
  collection: 'rollup_visit_times',
  key: levelKey,
  indexes: [
    {
      key: by('level', 'doctor_id', 'department_id', 'hospital_id', 'period'),
      serves: 'no-show-rate, patient-flow',
    },
  ],
  source: 'appointments',
  fields: ['date', 'status', 'created_at', 'hospital_id', 'department_id', 'doctor_id'],
  cells(document: Document, { timeZone }) {
    const { date, status, created_at } = document;
    if (!(date instanceof Date)) return [];
    const figures: Record<string, number> = {};
    const [weekday, hour] = [weekdayOf(date, timeZone), hourOf(date, timeZone)];
    if ((arrivedStatuses as readonly unknown[]).includes(status)) figures[`arrivals.${weekday}.${hour}`] = 1;
    if (status === 'completed' || status === 'no_show') {
      figures[`weekday.${weekday}.${status}`] = 1;
      figures[`hour.${hour}.${status}`] = 1;
      figures[`lead_time.${leadTimeOf(created_at, date, timeZone)}.${status}`] = 1;
    }
    if (Object.keys(figures).length === 0) return [];
    return levelKeys(document, date, timeZone).map((key) => ({ key, figures }));
  },
};
