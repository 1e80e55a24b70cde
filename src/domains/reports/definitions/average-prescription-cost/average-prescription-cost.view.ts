import { averagePrescriptionCost } from '../../../../../aggregations/average-prescription-cost.js';
import type { Chart } from '../../../../lib/chart.types.js';
import type { Money } from '../../../../lib/money.js';
import { diseaseNames, isDisease } from '../disease-trends/disease-trends.view.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { matchedBy, prescriptionDrilldown } from '../../drilldown/drilldowns.js';
import { chartAmount, chartRows } from '../../engine/reports.figures.js';
import type { Row } from '../../engine/reports.types.js';

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

export function costChart(
  rows: readonly CostRow[],
  { currency: unit }: Pick<Asked<object>, 'currency'>,
): Chart | null {
  const shown = rows.slice(0, chartRows);
  if (shown.length === 0) return null;
  return {
    kind: 'bar',
    title: 'What a prescription costs, and what is billed',
    description: `The averages of the ${chartRows} diseases with the highest bills.`,
    categories: diseaseNames(shown),
    series: [
      {
        ...{ name: 'Average cost', nothing: 'no prescriptions' },
        values: shown.map(({ average_prescription_cost }) => chartAmount(average_prescription_cost)),
      },
      {
        ...{ name: 'Average billed', nothing: 'no bills' },
        values: shown.map(({ average_billed }) => chartAmount(average_billed)),
      },
    ],
    unit,
  };
}

/** MongoDB's side of the join: the prescriptions of a disease. */
export const costDrilldown = ({ days, scope, diseases }: Asked<object>, key: Row): Drilldown =>
  prescriptionDrilldown(
    ...matchedBy(averagePrescriptionCost({ ...days, ...scope, diseases })),
    isDisease(key, ['disease_code', 'disease']),
  );
