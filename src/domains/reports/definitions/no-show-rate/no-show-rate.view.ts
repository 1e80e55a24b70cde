import { noShowGroup, noShowRate, type NoShowRateParams } from '../../../../../aggregations/no-show-rate.js';
import type { Chart } from '../../../../lib/chart.types.js';
import type { Asked, Drilldown } from '../../engine/reports.definition.js';
import { appointmentDrilldown, matchedBy } from '../../drilldown/drilldowns.js';
import { percent } from '../../engine/reports.figures.js';
import type { Row } from '../../engine/reports.types.js';

export interface NoShowRow {
  /** See `NoShowRateRow`. */
  readonly group: string;
  /** The same in words. */
  readonly label: string;
  readonly completed: number;
  readonly no_show: number;
  readonly total: number;
  readonly no_show_rate: number | null;
}

type Question = Asked<{ readonly by: NoShowRateParams['by'] }>;

export const noShowParams = ({ query, period, scope, timeZone }: Question): NoShowRateParams => ({
  ...period,
  ...scope,
  by: query.by,
  timeZone,
});

const words = { weekday: 'weekday', hour: 'hour of the day', lead_time: 'time between booking and visit' };

export function noShowChart(rows: readonly NoShowRow[], { query }: Question): Chart | null {
  const shown = rows.filter(({ total }) => total > 0);
  if (shown.length === 0) return null;
  return {
    kind: 'bar',
    title: `No-show rate by ${words[query.by]}`,
    description: `How many of a hundred booked visits nobody came to, by ${words[query.by]}.`,
    categories: rows.map(({ label }) => label),
    series: [
      {
        ...{ name: 'No-show rate', nothing: 'no visits' },
        values: rows.map(({ no_show_rate }) => percent(no_show_rate)),
      },
    ],
    unit: '%',
  };
}

/** The visits of a group, those that took place and those to which nobody came. */
export function noShowDrilldown(asked: Question, key: Row): Drilldown {
  const params = noShowParams(asked);
  return appointmentDrilldown(...matchedBy(noShowRate(params)), {
    $match: { $expr: { $eq: [noShowGroup(params), { $literal: key['group'] }] } },
  });
}
