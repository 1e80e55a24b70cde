import type { Document } from 'mongodb';
import { by } from '../../../databases/mongo/mongo-index.js';
import { isStatus } from './doctor-visits.js';
import { periodsOf, spans } from './periods.js';
import type { Cell, DocumentRollup } from './rollup.definition.js';

/**
 * How many appointments a period has, by status: of everything, of each hospital and of each of its departments (doctors have
 * theirs in `rollup_doctor_visits`). Figures `completed.appointments`, and in a month for each day `completed.days.15`.
 */
export const appointmentCounts: DocumentRollup = {
  version: 2,
  collection: 'rollup_appointments',
  key: ['level', 'hospital_id', 'department_id', 'span', 'period'],
  indexes: [
    {
      key: by('level', 'department_id', 'hospital_id', 'span', 'period'),
      serves: 'monthly-appointments-trend of everything, of hospitals or of a department',
    },
  ],
  source: 'appointments',
  fields: ['date', 'status', 'hospital_id', 'department_id'],
  cells({ date, status, hospital_id, department_id }: Document, { timeZone }) {
    if (!(date instanceof Date) || !isStatus(status)) return [];
    const [all, year, month, day] = periodsOf(date, timeZone);
    const total = `${status}.appointments`;
    const figures = [{ [total]: 1 }, { [total]: 1 }, { [total]: 1, [`${status}.days.${day.slice(8)}`]: 1 }];
    return [
      ['network', null, null],
      ['hospital', hospital_id, null],
      ['department', hospital_id, department_id],
    ].flatMap((level): Cell[] =>
      [all, year, month].map((period, n) => ({
        key: [...(level as Cell['key']), spans[n]!, period],
        figures: figures[n]!,
      })),
    );
  },
};
