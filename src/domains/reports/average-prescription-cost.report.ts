import {
  averagePrescriptionCost,
  type AveragePrescriptionCostRow,
} from '../../../aggregations/average-prescription-cost.js';
import type { DiseaseKey } from '../../../aggregations/stages/diseases.js';
import {
  flag,
  integer,
  money as moneyField,
  oneOf,
  optional,
  shape,
  text,
  withDefault,
} from '../../lib/fields.js';
import { averageMoney, fromCents, money, sumMoney, toCents, type Money } from '../../lib/money.js';
import { billingKinds } from '../billing/billing.types.js';
import {
  billedByDisease,
  type BilledRow,
  type LeftOutRow,
  type TotalRow,
} from './average-prescription-cost.sql.js';
import { defineReport } from './reports.definition.js';
import { byAverage, keyText, lesser, type Fraction } from './reports.ranking.js';

export interface CostRow {
  readonly disease: string | null;
  readonly disease_code: string | null;
  readonly patients: number;
  readonly prescriptions: number;
  readonly total_prescription_cost: Money;
  readonly average_prescription_cost: Money | null;
  readonly billed_rows: number;
  readonly billed_total: Money;
  readonly average_billed: Money | null;
}

/** How many are in both stores, and in one only. */
interface Matched {
  both: number;
  only_mongodb: number;
  only_postgres: number;
}

export interface CostReceipt {
  readonly patients: Matched;
  readonly patient_diseases: Matched;
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

/** A disease's figures, in cents, and its patients in each store, while both sides are added up. */
interface Sums {
  readonly disease_code: string | null;
  disease: string | null;
  prescriptions: number;
  cost: bigint;
  readonly prescribed_to: Set<string>;
  billed_rows: number;
  billed: bigint;
  readonly billed_to: Set<string>;
}

const noSums = ({ disease_code, disease }: DiseaseKey): Sums => ({
  ...{ disease_code, disease, prescriptions: 0, cost: 0n, billed_rows: 0, billed: 0n },
  ...{ prescribed_to: new Set(), billed_to: new Set() },
});

function countMatched(mongodb: ReadonlySet<string>, postgres: ReadonlySet<string>): Matched {
  let both = 0;
  for (const key of mongodb) if (postgres.has(key)) both += 1;
  return { both, only_mongodb: mongodb.size - both, only_postgres: postgres.size - both };
}

/** A full outer join of the two stores' diseases, however each of them writes a name beside the code. */
function sumByDisease(
  prescribed: readonly AveragePrescriptionCostRow[],
  billed: readonly BilledRow[],
): Sums[] {
  const byDisease = new Map<string, Sums>();
  const sumsOf = (row: DiseaseKey): Sums => {
    const sums = byDisease.get(keyText(row)) ?? noSums(row);
    sums.disease = lesser(sums.disease, row.disease);
    byDisease.set(keyText(row), sums);
    return sums;
  };
  for (const row of prescribed) {
    const sums = sumsOf(row);
    sums.prescriptions += row.prescriptions;
    sums.cost += toCents(row.cost.toString());
    for (const patient of row.patient_ids) sums.prescribed_to.add(patient);
  }
  for (const row of billed) {
    const sums = sumsOf(row);
    sums.billed_rows += row.billed_rows;
    sums.billed += toCents(row.billed_total);
    for (const patient of row.patient_ids) sums.billed_to.add(patient);
  }
  return [...byDisease.values()];
}

function costRow({
  disease,
  disease_code,
  prescriptions,
  cost,
  prescribed_to,
  billed_rows,
  billed,
}: Sums): CostRow {
  const [total_prescription_cost, billed_total] = [fromCents(cost), fromCents(billed)];
  return {
    disease,
    disease_code,
    patients: prescribed_to.size,
    prescriptions,
    total_prescription_cost,
    average_prescription_cost: averageMoney(total_prescription_cost, prescriptions),
    billed_rows,
    billed_total,
    average_billed: averageMoney(billed_total, billed_rows),
  };
}

function countPatients(sums: readonly Sums[]): Pick<CostReceipt, 'patients' | 'patient_diseases'> {
  const patientsOf = (side: 'prescribed_to' | 'billed_to') => new Set(sums.flatMap((one) => [...one[side]]));
  const pairs = sums.map((one) => countMatched(one.prescribed_to, one.billed_to));
  const sum = (which: keyof Matched): number => pairs.reduce((total, one) => total + one[which], 0);
  return {
    patients: countMatched(patientsOf('prescribed_to'), patientsOf('billed_to')),
    patient_diseases: {
      both: sum('both'),
      only_mongodb: sum('only_mongodb'),
      only_postgres: sum('only_postgres'),
    },
  };
}

const exactAverage = ({ billed_total, billed_rows }: CostRow): Fraction => ({
  sum: toCents(billed_total),
  count: BigInt(billed_rows),
});

/** The ranked rows, and the receipt that says what of both stores is in them. `total` was not summed from the groups. */
export function costRows(
  prescribed: readonly AveragePrescriptionCostRow[],
  billed: readonly BilledRow[],
  leftOut: LeftOutRow,
  total: string,
): { rows: CostRow[]; receipt: CostReceipt } {
  const sums = sumByDisease(prescribed, billed);
  const rows = sums.map(costRow);
  const attributed = sumMoney(rows.map(({ billed_total }) => billed_total));
  const left = sumMoney([leftOut.without_disease, leftOut.filtered_out]);
  return {
    rows: rows.sort(byAverage(exactAverage)),
    receipt: {
      ...countPatients(sums),
      billed: {
        attributed,
        unattributed: {
          without_disease: money(leftOut.without_disease),
          filtered_out: money(leftOut.filtered_out),
          total: left,
        },
        total: money(total),
        balanced: toCents(attributed) + toCents(left) === toCents(total),
      },
    },
  };
}

const count = (name: keyof CostRow, title: string, description: string) =>
  ({ name, type: 'count', title, description }) as const;
const amount = (name: keyof CostRow, title: string, description: string) =>
  ({ name, type: 'money', title, description }) as const;
const whole = integer(0, Number.MAX_SAFE_INTEGER);
const sum = () => moneyField({ max: Number.MAX_SAFE_INTEGER });
const matchedShape = shape({ both: whole, only_mongodb: whole, only_postgres: whole });

/** REP-4. */
export const averagePrescriptionCostReport = defineReport<
  CostRow,
  AveragePrescriptionCostRow,
  { groups: BilledRow[]; left_out: LeftOutRow[]; total: TotalRow[] }
>()({
  id: 'average-prescription-cost',
  operationId: 'getAveragePrescriptionCost',
  version: 1,
  title: 'What prescriptions for each disease cost and what was billed for them',
  description:
    'Prescriptions (MongoDB, by start date) and billing rows (Postgres, by creation), joined by patient and disease; by `average_billed` ' +
    'descending, then `disease_code`. `disease` is a code or a name. `kind=all` takes every kind of billing row. The receipt says how ' +
    'many patients, and patients with a disease, are in both stores or in one only, and that attributed and unattributed money are ' +
    'together the total of the ledger (of the period, places and kind asked for).',
  params: {
    disease: optional(text(500)),
    kind: withDefault(oneOf(...billingKinds, 'all'), 'prescription'),
  },
  key: ['disease_code', 'disease'],
  columns: [
    { name: 'disease', type: 'text', title: 'Disease', description: 'Its name', nullable: true },
    { name: 'disease_code', type: 'text', title: 'Code', description: 'Its code', nullable: true },
    count('patients', 'Patients', 'Distinct patients with a prescription'),
    count('prescriptions', 'Prescriptions', 'Prescriptions (MongoDB)'),
    amount('total_prescription_cost', 'Prescribed', 'The sum of their costs'),
    { ...amount('average_prescription_cost', 'Average', 'Their average cost'), nullable: true },
    count('billed_rows', 'Bills', 'Billing rows (Postgres)'),
    amount('billed_total', 'Billed', 'The sum of the billing rows'),
    { ...amount('average_billed', 'Average billed', 'The average of the billing rows'), nullable: true },
  ],
  receipt: shape({
    patients: matchedShape,
    patient_diseases: matchedShape,
    billed: shape({
      attributed: sum(),
      unattributed: shape({ without_disease: sum(), filtered_out: sum(), total: sum() }),
      total: sum(),
      balanced: flag(),
    }),
  }),
  sources: ({ query, period, days, scope, diseases }) => ({
    mongodb: averagePrescriptionCost({ ...days, ...scope, diseases }),
    postgres: billedByDisease({
      ...period,
      ...scope,
      diseases,
      kind: query.kind === 'all' ? undefined : query.kind,
    }),
  }),
  merge({ mongodb, postgres: { groups, left_out, total } }) {
    return {
      ...costRows(mongodb, groups, left_out[0]!, total[0]!.total),
      rows_read: { mongodb: mongodb.reduce((n, row) => n + row.prescriptions, 0), postgres: total[0]!.rows },
    };
  },
});
