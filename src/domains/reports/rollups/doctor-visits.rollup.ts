import { by } from '../../../databases/mongo/mongo-index.js';
import { periodsByStatus, visitsOf, visitUnits, type Visits } from './doctor-visits.js';
import { spans } from './periods.js';
import type { Cell, UnitRollup } from './rollup.definition.js';

/** A doctor's patients are counted at one place; by name where they see the doctor at several. */
type Key = readonly [
  hospital_id: string,
  department_id: string,
  doctor_id: string,
  patient_id: string | null,
];

const periodsOf = ({ day }: Visits): readonly string[] => ['all', day.slice(0, 4), day.slice(0, 7)];

/** A cell for each of the three periods that they are in. */
const inEachSpan = (visits: Visits, key: Key, figures: Cell['figures']): Cell[] =>
  periodsOf(visits).map((period, n) => ({ key: [spans[n]!, period, ...key], figures }));

/**
 * Of a patient who sees the doctor at one place only. Distinct patients do not add up over months. But each month also tells when
 * its patients were there the month before this one: those of some months in a row are, of each of these, those who were not
 * there in an earlier one of them.
 */
function patientCells(visits: readonly Visits[], key: Key): Cell[] {
  const cells: Cell[] = [];
  for (const [n, span] of (['all', 'year'] as const).entries())
    for (const [status, periods] of periodsByStatus(visits, (visit) => periodsOf(visit)[n]!))
      for (const period of periods)
        cells.push({ key: [span, period, ...key], figures: { [`${status}.patients`]: 1 } });
  for (const [status, months] of periodsByStatus(visits, ({ day }) => day.slice(0, 7)))
    months.forEach((month, n) => {
      const seen = n === 0 ? `${status}.first` : `${status}.again.${months[n - 1]}`;
      cells.push({ key: ['month', month, ...key], figures: { [`${status}.patients`]: 1, [seen]: 1 } });
    });
  return cells;
}

/**
 * A doctor's appointments and distinct patients at each place, by status. Figures `completed.appointments`; `completed.patients`,
 * those who see the doctor at this place alone; in a month for each day `completed.days.15`, and when its patients were there
 * before: `completed.first` never, `completed.again.2024-11` in that month at last. A patient who sees the doctor at several
 * places (when the doctor changes department) is not counted, but has documents of their own.
 */
export const doctorVisits: UnitRollup = {
  ...visitUnits,
  version: 2,
  collection: 'rollup_doctor_visits',
  key: ['span', 'period', 'hospital_id', 'department_id', 'doctor_id', 'patient_id'],
  indexes: [
    {
      key: by('doctor_id', 'span', 'period'),
      serves: 'monthly-appointments-trend of a doctor',
    },
    {
      key: by('span', 'period', 'hospital_id', 'department_id'),
      serves: 'top-doctors of some months, of hospitals or of a department',
    },
  ],
  cells(unit, records) {
    // An older record may name no patient: all of those are one, who is not the total.
    const [doctor_id, patient_id] = JSON.parse(unit) as [string, string | null];
    const visits = visitsOf(records);
    const places = new Set(visits.map(({ hospital_id, department_id }) => `${hospital_id} ${department_id}`));
    const cells = visits.flatMap((some) => {
      const { hospital_id, department_id, status, day, appointments } = some;
      const total = { [`${status}.appointments`]: appointments };
      const days = { [`${status}.days.${day.slice(8)}`]: appointments };
      const key = [hospital_id, department_id, doctor_id] as const;
      return [
        ...inEachSpan(some, [...key, null], total),
        { key: ['month', day.slice(0, 7), ...key, null], figures: days },
        ...(places.size > 1 ? inEachSpan(some, [...key, patient_id ?? ''], total) : []),
      ];
    });
    if (places.size > 1) return cells;
    const { hospital_id, department_id } = visits[0]!;
    return [...cells, ...patientCells(visits, [hospital_id, department_id, doctor_id, null])];
  },
};
