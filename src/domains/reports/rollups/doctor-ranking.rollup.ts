import { by } from '../../../databases/mongo/mongo-index.js';
import { visitsOf, visitUnits } from './doctor-visits.js';
import type { Cell, UnitRollup } from './rollup.definition.js';

/** A doctor's distinct patients and appointments of a status, wherever they were, in a document that an index can rank. */
export const doctorRanking: UnitRollup = {
  ...visitUnits,
  version: 1,
  collection: 'rollup_doctor_ranking',
  key: ['period', 'status', 'doctor_id'],
  indexes: (['patients', 'appointments'] as const).map((figure) => ({
    key: {
      ...by('period', 'status'),
      [figure]: -1 as const,
      [figure === 'patients' ? 'appointments' : 'patients']: -1 as const,
      doctor_id: 1 as const,
    },
    serves: `top-doctors?by=${figure}: the first of them are the first in the index`,
  })),
  cells(unit, records) {
    const [doctor_id] = JSON.parse(unit) as [string, string];
    const appointments = new Map<string, Map<string, number>>();
    for (const visit of visitsOf(records)) {
      const { status, day } = visit;
      const sums = appointments.get(status) ?? new Map<string, number>();
      appointments.set(status, sums);
      for (const period of ['all', day.slice(0, 4), day.slice(0, 7)])
        sums.set(period, (sums.get(period) ?? 0) + visit.appointments);
    }
    return [...appointments].flatMap(([status, sums]) =>
      [...sums].map(([period, n]): Cell => ({
        key: [period, status, doctor_id],
        figures: { patients: 1, appointments: n },
      })),
    );
  },
};
