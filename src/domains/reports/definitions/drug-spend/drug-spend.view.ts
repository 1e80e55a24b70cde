import { drugSpend } from '../../../../../aggregations/drug-spend.js';
import type { Chart } from '../../../../lib/chart.types.js';
import type { Money } from '../../../../lib/money.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { matchedBy, prescriptionDrilldown } from '../../drilldown/drilldowns.js';
import { chartAmount, chartRows, toldApart } from '../../engine/reports.figures.js';
import type { Row } from '../../engine/reports.types.js';

export interface DrugRow {
  readonly drug: string;
  readonly drug_code: string | null;
  readonly prescriptions: number;
  readonly patients: number;
  readonly total_cost: Money;
  readonly average_cost: Money | null;
}

export function drugChart(
  rows: readonly DrugRow[],
  { currency: unit }: Pick<Asked<object>, 'currency'>,
): Chart | null {
  const shown = rows.slice(0, chartRows);
  if (shown.length === 0) return null;
  return {
    kind: 'bar',
    title: 'Drugs by what was prescribed of them',
    description: `The sum of the costs of their prescriptions, for the ${chartRows} drugs of the highest.`,
    categories: toldApart(shown.map(({ drug, drug_code }) => [drug, drug_code])),
    series: [{ name: 'Total cost', values: shown.map(({ total_cost }) => chartAmount(total_cost)) }],
    unit,
  };
}

/** The prescriptions of a drug: of its code, or of its name without any. */
export function drugDrilldown({ days, scope }: Asked<object>, key: Row): Drilldown {
  const { drug, drug_code } = key;
  const isDrug = drug_code == null || drug_code === '' ? { drug_code: null, drug } : { drug_code };
  return prescriptionDrilldown(...matchedBy(drugSpend({ ...days, ...scope })), { $match: isDrug });
}
