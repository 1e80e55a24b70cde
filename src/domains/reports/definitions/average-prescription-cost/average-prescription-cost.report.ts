import {
  averagePrescriptionCost,
  type AveragePrescriptionCostRow,
} from '../../../../../aggregations/average-prescription-cost.js';
import {
  flag,
  integer,
  money as moneyField,
  oneOf,
  optional,
  shape,
  term,
  withDefault,
} from '../../../../lib/fields.js';
import { billingKinds } from '../../../money/billing/billing.types.js';
import {
  billedByDisease,
  unpacked,
  type LeftOutRow,
  type PackedRow,
  type TotalRow,
} from './average-prescription-cost.sql.js';
import { costRows, joinSums, type CostReceipt, type SummedRows } from './average-prescription-cost.join.js';
import { costsSql } from './average-prescription-cost.mirror.js';
import { costChart, costDrilldown, type CostRow } from './average-prescription-cost.view.js';
import { knownIn } from '../../engine/reports.known-at.js';
import { defineReport } from '../../engine/reports.definition.js';
import { sumOf } from '../../engine/reports.figures.js';

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
  { groups: PackedRow[]; left_out: LeftOutRow[]; total: TotalRow[] }
>()({
  id: 'average-prescription-cost',
  operationId: 'getAveragePrescriptionCost',
  version: 2,
  title: 'What prescriptions for each disease cost and what was billed for them',
  question: 'What a prescription for each disease costs on average, and what patients were billed for it.',
  description:
    'Prescriptions (MongoDB, by start date) and billing rows (Postgres, by creation), joined by patient and disease; by `average_billed` ' +
    'descending, then `disease_code`. `disease` is a code or a name. `kind=all` takes every kind of billing row. The receipt says how ' +
    'many patients, and patients with a disease, are in both stores or in one only, and that attributed and unattributed money are ' +
    'together the total of the ledger (of the period, places and kind asked for); `prescribed`, what prescriptions for no disease cost ' +
    'beside those in the rows, unless a disease is asked for.',
  params: {
    disease: optional(term(500)),
    kind: withDefault(oneOf(...billingKinds, 'all'), 'prescription'),
  },
  key: ['disease_code', 'disease'],
  namesDiseases: true,
  columns: [
    { name: 'disease', type: 'text', title: 'Disease', description: 'Its name', nullable: true },
    { name: 'disease_code', type: 'text', title: 'Code', description: 'Its code', nullable: true },
    { ...count('patients', 'Patients', 'Distinct patients with a prescription'), persons: true },
    count('prescriptions', 'Prescriptions', 'Prescriptions (MongoDB)'),
    {
      ...amount('total_prescription_cost', 'Prescribed', 'The sum of their costs'),
      total: 'sum',
      headline: true,
    },
    {
      ...amount('average_prescription_cost', 'Average', 'Their average cost'),
      nullable: true,
      nothing: 'no prescriptions',
      total: { part: 'total_prescription_cost', whole: ['prescriptions'] },
      headline: true,
    },
    count('billed_rows', 'Bills', 'Billing rows (Postgres)'),
    { ...amount('billed_total', 'Billed', 'The sum of the billing rows'), total: 'sum', headline: true },
    {
      ...amount('average_billed', 'Average billed', 'The average of the billing rows'),
      nullable: true,
      nothing: 'no bills',
      total: { part: 'billed_total', whole: ['billed_rows'] },
      headline: true,
    },
  ],
  receipt: shape({
    patients: matchedShape,
    patient_diseases: matchedShape,
    prescribed: shape({ attributed: sum(), without_disease: sum(), total: sum() }),
    billed: shape({
      attributed: sum(),
      unattributed: shape({ without_disease: sum(), filtered_out: sum(), total: sum() }),
      total: sum(),
      balanced: flag(),
    }),
  }),
  counts_differently: [
    {
      ...{ about: 'total_prescription_cost', than: 'drug-spend' },
      why: 'Prescriptions for no disease are in no row; what is spent on drugs counts them too.',
      leftOut: (receipt: CostReceipt) => receipt.prescribed.without_disease,
    },
    {
      ...{ about: 'billed_total', than: 'revenue' },
      why: 'Bills for no disease, or for one that was not asked for, are in no row; revenue counts them too.',
      leftOut: (receipt: CostReceipt) => receipt.billed.unattributed.total,
    },
    {
      ...{ about: 'billed_total', than: 'revenue' },
      why: 'Bills are those for prescriptions, unless another kind is asked for; revenue is of every kind of bill, by when it was posted.',
    },
  ],
  parts: (query) => (query.kind === 'all' ? billingKinds.map((kind) => ({ ...query, kind })) : []),
  knownAt: () => true,
  sources: ({ query, period, known_at, days, scope, diseases }) => ({
    mongodb: averagePrescriptionCost({ ...days, ...scope, diseases }),
    postgres: billedByDisease({
      ...knownIn({ period, known_at }),
      ...scope,
      diseases,
      kind: query.kind === 'all' ? undefined : query.kind,
    }),
  }),
  merge({ mongodb, postgres: { groups, left_out, total } }) {
    const joined = costRows(mongodb, groups.map(unpacked), left_out[0]!, total[0]!.total);
    const prescribed = sumOf(joined.rows, ({ prescriptions }) => prescriptions);
    return { ...joined, rows_read: { mongodb: prescribed, postgres: total[0]!.rows } };
  },
  drilldown: costDrilldown,
  chart: costChart,
  mirror: {
    of: () => ['mongodb', 'postgres'],
    postgres: costsSql,
    merge: ({ postgres }, { diseases }) => joinSums(postgres as unknown as SummedRows, diseases),
  },
});
