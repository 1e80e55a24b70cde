import type { AveragePrescriptionCostRow } from '../../../../../aggregations/average-prescription-cost.js';
import type { DiseaseFilter, DiseaseKey } from '../../../../../aggregations/stages/diseases.js';
import { averageMoney, fromCents, toCents, type Money } from '../../../../lib/money.js';
import type { BilledRow, LeftOutRow } from './average-prescription-cost.sql.js';
import type { CostRow } from './average-prescription-cost.view.js';
import { sumOf } from '../../engine/reports.figures.js';
import { byAverage, keyText, lesser, type Fraction } from '../../engine/reports.ranking.js';

/** How many are in both stores, and in one only. */
interface Matched {
  both: number;
  only_mongodb: number;
  only_postgres: number;
}

export interface CostReceipt {
  readonly patients: Matched;
  readonly patient_diseases: Matched;
  /** What the prescriptions cost that the rows show, and those that they don't: for no disease, where none was asked for. */
  readonly prescribed: { readonly attributed: Money; readonly without_disease: Money; readonly total: Money };
  /** The billed money that the rows show, that they don't, and the ledger's own sum of the same rows. */
  readonly billed: {
    readonly attributed: Money;
    readonly unattributed: {
      readonly without_disease: Money;
      readonly filtered_out: Money;
      readonly total: Money;
    };
    readonly total: Money;
    readonly balanced: boolean;
  };
}

interface Joined {
  readonly rows: CostRow[];
  readonly receipt: CostReceipt;
}

/** A disease's figures, in cents, while both sides are added up. */
interface Sums {
  readonly disease_code: string | null;
  disease: string | null;
  prescriptions: number;
  cost: bigint;
  billed_rows: number;
  billed: bigint;
}

/** Distinct patients in each store and in both. */
interface Counted {
  readonly prescribed: number;
  readonly billed: number;
  readonly both: number;
}

const nobody: Counted = { prescribed: 0, billed: 0, both: 0 };

const matched = ({ prescribed, billed, both }: Counted): Matched => ({
  both,
  only_mongodb: prescribed - both,
  only_postgres: billed - both,
});

const noSums = ({ disease_code, disease }: DiseaseKey): Sums => ({
  ...{ disease_code, disease, prescriptions: 0, cost: 0n, billed_rows: 0, billed: 0n },
});

/** The sums of each disease by its key; the least of the names that a code goes by stands for it. */
function sumsByKey() {
  const byKey = new Map<string, Sums>();
  return {
    byKey,
    of(key: string, row: DiseaseKey): Sums {
      const sums = byKey.get(key) ?? noSums(row);
      sums.disease = lesser(sums.disease, row.disease);
      byKey.set(key, sums);
      return sums;
    },
  };
}

function costRow({ disease, disease_code, prescriptions, cost, ...sums }: Sums, patients: number): CostRow {
  const [total_prescription_cost, billed_total] = [fromCents(cost), fromCents(sums.billed)];
  const { billed_rows } = sums;
  return {
    disease,
    disease_code,
    patients,
    prescriptions,
    total_prescription_cost,
    average_prescription_cost: averageMoney(total_prescription_cost, prescriptions),
    billed_rows,
    billed_total,
    average_billed: averageMoney(billed_total, billed_rows),
  };
}

const exactAverage = ({ billed_total, billed_rows }: CostRow): Fraction => ({
  sum: toCents(billed_total),
  count: BigInt(billed_rows),
});

interface LeftOut {
  /** Of prescriptions. */
  readonly cost_without_disease: bigint;
  /** Of bills, as is all below. */
  readonly without_disease: bigint;
  readonly filtered_out: bigint;
  /** Not summed from the groups. */
  readonly total: bigint;
}

/** The ranked rows, and the receipt that says what of both stores is in them. `everybody`: of all diseases asked for. */
function joined(
  sums: ReadonlyMap<string, Sums>,
  patients: ReadonlyMap<string, Counted>,
  everybody: Counted,
  { cost_without_disease, without_disease, filtered_out, total }: LeftOut,
): Joined {
  const pairs = { prescribed: 0, billed: 0, both: 0 };
  let attributed = 0n;
  let cost = 0n;
  const rows = [...sums].map(([key, one]) => {
    const counted = patients.get(key) ?? nobody;
    for (const name of ['prescribed', 'billed', 'both'] as const) pairs[name] += counted[name];
    attributed += one.billed;
    cost += one.cost;
    return costRow(one, counted.prescribed);
  });
  const left = without_disease + filtered_out;
  return {
    rows: rows.sort(byAverage(exactAverage)),
    receipt: {
      patients: matched(everybody),
      patient_diseases: matched(pairs),
      prescribed: {
        attributed: fromCents(cost),
        without_disease: fromCents(cost_without_disease),
        total: fromCents(cost + cost_without_disease),
      },
      billed: {
        attributed: fromCents(attributed),
        unattributed: {
          without_disease: fromCents(without_disease),
          filtered_out: fromCents(filtered_out),
          total: fromCents(left),
        },
        total: fromCents(total),
        balanced: attributed + left === total,
      },
    },
  };
}

/**
 * Counts patients by number: each is looked up by its id once, however many diseases there are. The lists of a disease name a
 * patient as often as there are records.
 */
function countPatients(pairs: ReadonlyMap<string, Lists>): {
  byKey: Map<string, Counted>;
  everybody: Counted;
} {
  const numbers = new Map<string, number>();
  const numbered = (lists: readonly (readonly string[])[]): number[][] =>
    lists.map((list) =>
      list.map((patient_id) => {
        const known = numbers.get(patient_id);
        if (known !== undefined) return known;
        numbers.set(patient_id, numbers.size);
        return numbers.size - 1;
      }),
    );
  const byNumber = [...pairs].map(
    ([key, { prescribed, billed }]) => [key, numbered(prescribed), numbered(billed)] as const,
  );
  const [prescribedAny, billedAny] = [new Uint8Array(numbers.size), new Uint8Array(numbers.size)];
  // Of the disease that is counted; 1 prescribed, 2 billed, 3 both.
  const stores = new Uint8Array(numbers.size);
  const byKey = new Map<string, Counted>();
  for (const [key, prescribed, billed] of byNumber) {
    stores.fill(0);
    for (const list of prescribed) for (const one of list) prescribedAny[one] = stores[one] = 1;
    for (const list of billed)
      for (const one of list) {
        stores[one]! |= 2;
        billedAny[one] = 2;
      }
    byKey.set(key, countStores(stores));
  }
  return { byKey, everybody: countStores(prescribedAny.map((is, one) => is | billedAny[one]!)) };
}

function countStores(stores: Uint8Array): Counted {
  const found = [0, 0, 0, 0];
  for (const which of stores) found[which]! += 1;
  const [, one = 0, other = 0, both = 0] = found;
  return { prescribed: one + both, billed: other + both, both };
}

/** The patients of a disease's records, in the parts in which they came. */
interface Lists {
  readonly prescribed: (readonly string[])[];
  readonly billed: (readonly string[])[];
}

/** A full outer join of what both stores grouped by disease and packed. `total` was not summed from the groups. */
export function costRows(
  prescribed: readonly AveragePrescriptionCostRow[],
  billed: readonly BilledRow[],
  leftOut: LeftOutRow,
  total: string,
): Joined {
  const sums = sumsByKey();
  const lists = new Map<string, Lists>();
  const listsOf = (key: string): Lists => {
    const found = lists.get(key) ?? { prescribed: [], billed: [] };
    lists.set(key, found);
    return found;
  };
  let cost_without_disease = 0n;
  for (const row of prescribed) {
    const cost = toCents(row.cost.toString());
    if (row.disease_code === null && row.disease === null) {
      cost_without_disease += cost;
      continue;
    }
    const key = keyText(row);
    const one = sums.of(key, row);
    one.prescriptions += row.prescriptions;
    one.cost += cost;
    listsOf(key).prescribed.push(row.patient_ids);
  }
  for (const row of billed) {
    const key = keyText(row);
    const one = sums.of(key, row);
    one.billed_rows += row.billed_rows;
    one.billed += toCents(row.billed_total);
    listsOf(key).billed.push(row.patient_ids);
  }
  const { byKey, everybody } = countPatients(lists);
  return joined(sums.byKey, byKey, everybody, {
    cost_without_disease,
    without_disease: toCents(leftOut.without_disease),
    filtered_out: toCents(leftOut.filtered_out),
    total: toCents(total),
  });
}

/** What a disease comes to in both stores; amounts in cents, as text. Of the key `` is what has no disease. */
interface DiseaseRow {
  readonly disease_key: string;
  readonly disease: string | null;
  readonly prescriptions: number;
  readonly cost: string;
  readonly billed_rows: number;
  readonly billed: string;
}

/** Distinct patients of a disease, or with the key `*` of all that are asked for. */
interface DiseasePatientsRow {
  readonly disease_key: string;
  readonly prescribed: number;
  readonly billed: number;
  readonly both: number;
}

export interface SummedRows {
  readonly diseases: readonly DiseaseRow[];
  readonly patients: readonly DiseasePatientsRow[];
}

const keysOf = ({ codes, name }: DiseaseFilter): string[] => [
  ...codes.map((disease_code) => keyText({ disease_code, disease: null })),
  keyText({ disease_code: null, disease: name }),
];

/** Of rows of all diseases: those asked for, and what was prescribed and billed beside them. */
function partSums(
  diseases: readonly DiseaseRow[],
  filter: DiseaseFilter | undefined,
): LeftOut & { readonly asked: readonly DiseaseRow[] } {
  const keys = filter && new Set(keysOf(filter));
  const parted = {
    ...{ asked: [] as DiseaseRow[], cost_without_disease: 0n },
    ...{ without_disease: 0n, filtered_out: 0n, total: 0n },
  };
  for (const row of diseases) {
    const billed = BigInt(row.billed);
    parted.total += billed;
    if (row.disease_key === '') {
      parted.without_disease += billed;
      if (!filter) parted.cost_without_disease += BigInt(row.cost);
    } else if (keys && !keys.has(row.disease_key)) parted.filtered_out += billed;
    else parted.asked.push(row);
  }
  return parted;
}

/** The same from sums, and how many records they are of. */
export function joinSums({ diseases, patients }: SummedRows, filter: DiseaseFilter | undefined) {
  const parted = partSums(diseases, filter);
  const sums = sumsByKey();
  for (const { disease_key, disease, ...row } of parted.asked) {
    const disease_code = disease_key.startsWith('code ') ? disease_key.slice('code '.length) : null;
    const one = sums.of(disease_key, { disease_code, disease });
    one.prescriptions += row.prescriptions;
    one.cost += BigInt(row.cost);
    one.billed_rows += row.billed_rows;
    one.billed += BigInt(row.billed);
  }
  const byKey = new Map(patients.map((row) => [row.disease_key, row]));
  return {
    ...joined(sums.byKey, byKey, byKey.get('*') ?? nobody, parted),
    // As the definition reads them.
    rows_read: {
      mongodb: sumOf(parted.asked, ({ prescriptions }) => prescriptions),
      postgres: sumOf(diseases, ({ billed_rows }) => billed_rows),
    },
  };
}
