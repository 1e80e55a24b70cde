import type { Document } from 'mongodb';
import { bookedStatuses } from '../../../../aggregations/doctor-utilisation.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { periodsOf } from './periods.js';
import type { DocumentRollup } from './rollup.definition.js';

/**
 * The time of each doctor, at each place, that appointments take: `appointments`, the whole `minutes` of those with a slot, and how
 * many are `open_ended`; in a month for each day too, `days.15.minutes`.
 */
export const bookedTime: DocumentRollup = {
  version: 1,
  collection: 'rollup_booked_time',
  key: ['period', 'hospital_id', 'department_id', 'doctor_id'],
  indexes: [
    {
      key: by('period', 'hospital_id', 'department_id', 'doctor_id'),
      serves: 'doctor-utilisation',
    },
  ],
  source: 'appointments',
  fields: ['date', 'slot_end', 'status', 'hospital_id', 'department_id', 'doctor_id'],
  cells(document: Document, { timeZone }) {
    const { date, slot_end, status, hospital_id, department_id, doctor_id } = document;
    if (!(date instanceof Date) || !(bookedStatuses as readonly unknown[]).includes(status)) return [];
    const taken: [string, number] =
      slot_end instanceof Date
        ? ['minutes', Math.trunc((slot_end.getTime() - date.getTime()) / 60_000)]
        : ['open_ended', 1];
    const figures: [string, number][] = [['appointments', 1], taken];
    const [, year, month, day] = periodsOf(date, timeZone);
    const ofDay = figures.map(([name, n]) => [`days.${day.slice(8)}.${name}`, n] as const);
    const place = [hospital_id as string, department_id as string, doctor_id as string];
    return [
      { key: [year, ...place], figures: Object.fromEntries(figures) },
      { key: [month, ...place], figures: Object.fromEntries([...figures, ...ofDay]) },
    ];
  },
};
