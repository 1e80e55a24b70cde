import type { Chart } from '../../../lib/chart.types.js';
import { addsUp, digestOf, type AnyReport, type ChartGoals, type Column } from '../engine/index.js';
import { dayText } from './targets.rules.js';
import { directionWords, type Target } from './targets.types.js';

const monthAfter = (month: string): string => {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
};

/** The number that it says of a month; null where it says none: a sum of a year is none of its months'. */
function goalIn(target: Target, month: string, column: Column): number | null {
  const { period, from, to, goal } = target;
  if (period !== null)
    return !addsUp(column) || period === 'this_month' || period === 'last_month' ? goal : null;
  const [first, next] = [`${month}-01`, `${monthAfter(month)}-01`];
  const [begin, end] = [dayText(from!), dayText(to!)];
  const isOf = addsUp(column) ? begin === first && end === next : begin < next && end > first;
  return isOf ? goal : null;
}

/** The same with a line for each target that says something of its months. */
function withTargets(chart: Chart, all: readonly Target[], { columns }: AnyReport): Chart {
  if (chart.kind === 'heat-map' || !chart.categories.every((category) => /^\d{4}-\d\d$/.test(category)))
    return chart;
  const targets = (chart.figures ?? []).flatMap((figure) => {
    const column = columns.find(({ name }) => name === figure)!;
    return all
      .filter((target) => target.figure === figure)
      .map((target) => ({
        name: `${column.title}, ${directionWords[target.direction]}`,
        values: chart.categories.map((month) => goalIn(target, month, column)),
      }))
      .filter(({ values }) => values.some((value) => value !== null));
  });
  return targets.length === 0 ? chart : { ...chart, targets };
}

/** REP-14: the targets of a question as lines in its chart, on the page and in files alike. */
export const chartGoals = (report: AnyReport, all: readonly Target[]): ChartGoals | undefined =>
  all.length === 0
    ? undefined
    : {
        tag: digestOf(all.map(({ target_id, version }) => [target_id, version])),
        drawnIn: (chart) => withTargets(chart, all, report),
      };
