import { toCents } from '../../../lib/money.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { everywhereAnd } from './levels.js';
import { periodsOf, spans } from './periods.js';
import type { Cell, UnitRollup } from './rollup.definition.js';

/** A prescription: the month of its first day, null when it has none; its drug as it was written; its cost. */
type Prescribed = readonly [month: string | null, drug: string, cents: number];

/** What a patient had of a drug in a period. */
interface Sums {
  readonly prescriptions: number;
  readonly cents: number;
}

function add(cells: Map<string, Map<string, Sums>>, period: string, drug: string, sums: Sums): void {
  const names = cells.get(period) ?? new Map<string, Sums>();
  cells.set(period, names);
  const { prescriptions, cents } = names.get(drug) ?? { prescriptions: 0, cents: 0 };
  names.set(drug, { prescriptions: prescriptions + sums.prescriptions, cents: cents + sums.cents });
}

/**
 * What was prescribed of each drug as it was written, everywhere (`hospital_id` null) and in each hospital: `prescriptions`, `cents`, and the
 * `patients`, each of whom counts for one of a code's names. Of the patients of a month it is told when they had the drug
 * before, as in `rollup_doctor_visits`: `first`, `again.2024-11`.
 */
export const drugSpendRollup: UnitRollup = {
  version: 2,
  collection: 'rollup_drug_spend',
  key: ['hospital_id', 'span', 'period', 'drug_code', 'drug'],
  indexes: [
    {
      key: by('hospital_id', 'span', 'period'),
      serves: 'drug-spend of whole months, everywhere or of one hospital',
    },
  ],
  source: 'prescriptions',
  fields: ['patient_id', 'hospital_id', 'drug', 'drug_code', 'cost', 'start_date'],
  records({ patient_id, hospital_id, drug, drug_code, cost, start_date }) {
    const month = start_date instanceof Date ? periodsOf(start_date, 'UTC')[2] : null;
    const prescribed: Prescribed = [month, drug as string, Number(toCents(String(cost)))];
    const record = JSON.stringify(prescribed);
    const code = (drug_code as string | null | undefined) ?? null;
    return everywhereAnd(hospital_id).map((hospital) => ({
      unit: JSON.stringify([hospital, code, code === null ? drug : null, patient_id]),
      record,
    }));
  },
  cells(unit, records) {
    const [hospital_id, drug_code] = JSON.parse(unit) as [string | null, string | null];
    const periods: readonly Map<string, Map<string, Sums>>[] = spans.map(() => new Map());
    for (const [text, n] of records) {
      const [month, drug, cents] = JSON.parse(text) as Prescribed;
      const sums = { prescriptions: n, cents: n * cents };
      const names = month === null ? ['all'] : ['all', month.slice(0, 4), month];
      names.forEach((period, span) => add(periods[span]!, period, drug, sums));
    }
    return spans.flatMap((span, index) => {
      let last: string | undefined;
      return [...periods[index]!]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([period, names]) => {
          const seen = last === undefined ? 'first' : `again.${last}`;
          last = period;
          const once = { patients: 1, ...(span === 'month' ? { [seen]: 1 } : {}) };
          // In an order of their own, so that the same records always make the same cells.
          return [...names]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([drug, sums], n): Cell => ({
              key: [hospital_id, span, period, drug_code, drug],
              figures: { ...sums, ...(n === 0 ? once : {}) },
            }));
        });
    });
  },
};
