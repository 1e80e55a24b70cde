import type { Drilldown } from '../engine/reports.definition.js';
import { hideSmall } from '../engine/reports.small-cells.js';
import type { Column, MongoQuery, Row, SmallCells } from '../engine/reports.types.js';

/*
 * PAT-8: what a figure of a disease leads to for whom no person's disease is: how many records there are in each hospital and month.
 */

/** The records of a patient in a department and a month. */
export interface Share {
  readonly month: string | null;
  readonly hospital_id: string | null;
  readonly department_id: string | null;
  readonly patient_id: string | null;
  readonly records: number;
}

export const countColumns: readonly Column[] = [
  { name: 'month', type: 'month', title: 'Month', description: 'In which they began', nullable: true },
  { name: 'hospital_id', type: 'text', title: 'Hospital', description: 'The hospital then', nullable: true },
  { name: 'records', type: 'count', title: 'Records', description: 'How many there are' },
  { name: 'patients', type: 'count', title: 'Patients', description: 'Of so many people', persons: true },
];

/** The counts as a table. */
export const countTable = { columns: countColumns, key: ['month', 'hospital_id'] } as const;

/** The shares of the records that a list has. */
export function sharesOf(
  { mongodb, of }: Extract<Drilldown, { mongodb: MongoQuery }>,
  zone: string,
): MongoQuery {
  const { begin, isDay, patient } = of;
  const { collection, pipeline } = mongodb;
  const end = pipeline.findIndex((stage) => '$sort' in stage);
  const timezone = isDay ? 'UTC' : zone;
  const orNull = (field: string) => ({ $ifNull: [`$${field}`, null] });
  return {
    collection,
    pipeline: [
      ...pipeline.slice(0, end),
      {
        $group: {
          _id: {
            month: { $dateToString: { date: `$${begin}`, format: '%Y-%m', timezone, onNull: null } },
            hospital_id: orNull('hospital_id'),
            department_id: orNull('department_id'),
            patient_id: orNull(patient),
          },
          records: { $sum: 1 },
        },
      },
      { $replaceWith: { $mergeObjects: ['$_id', { records: '$records' }] } },
    ],
  };
}

function grouped(shares: readonly Share[], nameOf: (share: Share) => string): [string, Share[]][] {
  const groups = new Map<string, Share[]>();
  for (const share of shares) {
    const group = groups.get(nameOf(share));
    if (group) group.push(share);
    else groups.set(nameOf(share), [share]);
  }
  return [...groups];
}

const countedIn = (shares: readonly Share[]) => ({
  records: shares.reduce((sum, { records }) => sum + records, 0),
  patients: new Set(shares.map(({ patient_id }) => patient_id)).size,
});

/** Whether what one department has of it would tell what the others have. */
function isToldByDepartments(shares: readonly Share[], below: number): boolean {
  const whole = countedIn(shares);
  return grouped(shares, ({ department_id }) => JSON.stringify(department_id)).some(([, of]) => {
    const part = countedIn(of);
    return (['records', 'patients'] as const).some((name) => {
      const rest = whole[name] - part[name];
      return rest > 0 && rest < below && part[name] >= below;
    });
  });
}

/** By month and hospital, what is missing last; hidden ones after the others. `below`: the least count that is shown, of all by default. */
export function countRows(
  shares: readonly Share[],
  below: number | undefined,
): { readonly rows: readonly Row[]; readonly small_cells?: SmallCells } {
  const cells = grouped(shares, ({ month, hospital_id }) =>
    JSON.stringify([month ?? '~', hospital_id ?? '~']),
  ).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = cells.map(([, of]): Row => {
    const { month, hospital_id } = of[0]!;
    return { month, hospital_id, ...countedIn(of) };
  });
  if (below === undefined) return { rows };
  const told = new Set(cells.flatMap(([, of], at) => (isToldByDepartments(of, below) ? [rows[at]] : [])));
  const { rows: shown, hidden } = hideSmall(countTable, rows, below, (row) => told.has(row));
  return { rows: shown, small_cells: { below, hidden_rows: hidden } };
}
