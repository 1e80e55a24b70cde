import { drugSpend, type DrugSpendRow } from '../../../../../aggregations/drug-spend.js';
import { integer, money as moneyField, shape, withDefault } from '../../../../lib/fields.js';
import { averageMoney, fromCents, toCents, type Money } from '../../../../lib/money.js';
import { drugSpendMirror } from './drug-spend.mirror.js';
import { drugChart, drugDrilldown, type DrugRow } from './drug-spend.view.js';
import { defineReport, type Merged } from '../../engine/reports.definition.js';
import { sumOf } from '../../engine/reports.figures.js';

/** What the stores sum, exact. */
type DrugSums = Omit<DrugSpendRow, 'cost'> & { readonly cents: bigint };

/** What some of the drugs come to. */
interface Part {
  readonly drugs: number;
  readonly prescriptions: number;
  readonly total_cost: Money;
}

interface DrugReceipt {
  readonly shown: Part;
  readonly others: Part;
  readonly total: Part;
}

const partOf = (drugs: readonly DrugSums[]): Part => ({
  drugs: drugs.length,
  prescriptions: sumOf(drugs, (drug) => drug.prescriptions),
  total_cost: fromCents(drugs.reduce((sum, { cents }) => sum + cents, 0n)),
});

const compare = (a: string | null, b: string | null): number => {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
};

const byCost = (a: DrugSums, b: DrugSums): number =>
  (a.cents === b.cents ? 0 : a.cents > b.cents ? -1 : 1) ||
  compare(a.drug, b.drug) ||
  compare(a.drug_code, b.drug_code);

function drugRow({ drug, drug_code, prescriptions, patients, cents }: DrugSums): DrugRow {
  const total_cost = fromCents(cents);
  const average_cost = averageMoney(total_cost, prescriptions);
  return { drug, drug_code, prescriptions, patients, total_cost, average_cost };
}

/** The `limit` drugs that cost most, and what they and all others come to. */
export function drugRows(sums: readonly DrugSums[], limit: number): Merged<DrugRow> {
  const ranked = [...sums].sort(byCost);
  const shown = ranked.slice(0, limit);
  const receipt: DrugReceipt = {
    shown: partOf(shown),
    others: partOf(ranked.slice(limit)),
    total: partOf(sums),
  };
  const { drugs: of, prescriptions, total_cost } = receipt.total;
  const average_cost = averageMoney(total_cost, prescriptions);
  return {
    rows: shown.map(drugRow),
    all: { of, totals: { prescriptions, total_cost, average_cost } },
    receipt,
    rows_read: { mongodb: prescriptions, postgres: 0 },
  };
}

const whole = () => integer(0, Number.MAX_SAFE_INTEGER);
const part = () =>
  shape({ drugs: whole(), prescriptions: whole(), total_cost: moneyField({ max: Number.MAX_SAFE_INTEGER }) });

/** REP-5. */
export const drugSpendReport = defineReport<DrugRow, DrugSpendRow>()({
  id: 'drug-spend',
  operationId: 'getDrugSpend',
  version: 1,
  title: 'What was prescribed of each drug, and what it costs',
  question: 'Which drugs cost the most, how often they are prescribed, and what one prescription costs.',
  description:
    'By `total_cost` descending, then `drug`, then `drug_code`. A drug is its code, or its name where it has none; of several names of a code ' +
    'the least is shown. The period is that of the first day of the prescriptions; without one they are counted only when no period is asked ' +
    'for. The receipt says what the rows and the drugs beyond `limit` come to, which is together the total.',
  params: { limit: withDefault(integer(1, 1000), 50) },
  key: ['drug_code', 'drug'],
  namesDiseases: true,
  columns: [
    { name: 'drug', type: 'text', title: 'Drug', description: 'Its name' },
    { name: 'drug_code', type: 'text', title: 'Code', description: 'Its code', nullable: true },
    {
      name: 'prescriptions',
      type: 'count',
      title: 'Prescriptions',
      description: 'Prescriptions',
      headline: true,
    },
    {
      name: 'patients',
      type: 'count',
      title: 'Patients',
      description: 'Distinct patients',
      persons: true,
    },
    {
      name: 'total_cost',
      type: 'money',
      title: 'Cost',
      description: 'The sum of their costs',
      total: 'sum',
      headline: true,
    },
    {
      name: 'average_cost',
      type: 'money',
      title: 'Average',
      description: 'total_cost / prescriptions',
      total: { part: 'total_cost', whole: ['prescriptions'] },
      headline: true,
      nullable: true,
      nothing: 'no prescriptions',
    },
  ],
  receipt: shape({ shown: part(), others: part(), total: part() }),
  counts_differently: [
    {
      ...{ about: 'total_cost', than: 'average-prescription-cost' },
      why: 'Every prescription counts, for a disease or for none; what prescriptions for each disease cost leaves out those for none.',
    },
    {
      ...{ about: 'total_cost', than: 'revenue' },
      why: 'It is what was prescribed, billed or not; revenue is what was billed, for visits too.',
    },
  ],
  knownAt: () => true,
  sources: ({ days, scope }) => ({ mongodb: drugSpend({ ...days, ...scope }) }),
  merge: ({ mongodb }, { query }) =>
    drugRows(
      mongodb.map(({ cost, ...row }) => ({ ...row, cents: toCents(cost.toString()) })),
      query.limit,
    ),
  mirror: drugSpendMirror,
  drilldown: drugDrilldown,
  chart: drugChart,
});
